"""The page Train: lossviz/pages/train/."""

from lossviz.pages.train.page import show

show()

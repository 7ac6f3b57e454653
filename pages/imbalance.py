"""The page Imbalance: lossviz/pages/imbalance/."""

from lossviz.pages.imbalance.page import show

show()

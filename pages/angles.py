"""The page Angles: lossviz/pages/angles/."""

from lossviz.pages.angles.page import show

show()

"""The page Reference: lossviz/pages/reference/."""

from lossviz.pages.reference.page import show

show()

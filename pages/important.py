"""The page Important: lossviz/pages/important/."""

from lossviz.pages.important.page import show

show()

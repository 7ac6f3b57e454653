"""The page Sweep: lossviz/pages/sweep/."""

from lossviz.pages.sweep.page import show

show()

"""The page Contours: lossviz/pages/contours/."""

from lossviz.pages.contours.page import show

show()

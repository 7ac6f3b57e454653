"""The page Uniform: lossviz/pages/uniform/."""

from lossviz.pages.uniform.page import show

show()

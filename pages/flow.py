"""The page Flow: lossviz/pages/flow/."""

from lossviz.pages.flow.page import show

show()

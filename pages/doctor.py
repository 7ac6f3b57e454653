"""The page Doctor: lossviz/pages/doctor/."""

from lossviz.pages.doctor.page import show

show()

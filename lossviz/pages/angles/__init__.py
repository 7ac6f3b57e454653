"""Angles (papers 001 and 004): how tight each class is, and how far the others are."""

from lossviz.pages.angles.measures import lacks
from lossviz.pages.angles.sections import SECTIONS, AnglesView

__all__ = ["SECTIONS", "AnglesView", "lacks"]

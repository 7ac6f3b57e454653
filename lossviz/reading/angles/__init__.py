"""Angles (papers 001 and 004): how tight each class is, and how far the others are."""

from lossviz.reading.angles.measures import lacks
from lossviz.reading.angles.view import SECTIONS, AnglesView

__all__ = ["SECTIONS", "AnglesView", "lacks"]

"""Important classes (paper 001): what caring for some classes gives them, and what it costs the others."""

from lossviz.pages.important.sections import SECTIONS, ImportantView

__all__ = ["SECTIONS", "ImportantView"]

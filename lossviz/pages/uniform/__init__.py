"""Uniform classification (paper 002): does one threshold tell right from wrong for all classes?"""

from lossviz.pages.uniform.scores import lacks
from lossviz.pages.uniform.sections import SECTIONS, UniformView

__all__ = ["SECTIONS", "UniformView", "lacks"]

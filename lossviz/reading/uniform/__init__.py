"""Uniform classification (paper 002): does one threshold tell right from wrong for all classes?"""

from lossviz.reading.uniform.scores import lacks
from lossviz.reading.uniform.view import SECTIONS, UniformView

__all__ = ["SECTIONS", "UniformView", "lacks"]

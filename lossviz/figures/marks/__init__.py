"""Marks of charts: each is one class in one file that declares its data and draws itself."""

from lossviz.figures.marks.arrows import Arrows
from lossviz.figures.marks.band import Band
from lossviz.figures.marks.bars import Bars
from lossviz.figures.marks.circle import Circle
from lossviz.figures.marks.dots import Dots, Symbol
from lossviz.figures.marks.line import Line
from lossviz.figures.marks.matrix import Matrix, Scale
from lossviz.figures.marks.note import Note
from lossviz.figures.marks.polar import PolarSteps
from lossviz.figures.marks.rule import Rule
from lossviz.figures.marks.steps import Steps

__all__ = [
    "Arrows",
    "Band",
    "Bars",
    "Circle",
    "Dots",
    "Line",
    "Matrix",
    "Note",
    "PolarSteps",
    "Rule",
    "Scale",
    "Steps",
    "Symbol",
]

"""Imbalance (paper 003): what becomes of the classes with few training images."""

from lossviz.pages.imbalance.sections import SECTIONS, ImbalanceView

__all__ = ["SECTIONS", "ImbalanceView"]

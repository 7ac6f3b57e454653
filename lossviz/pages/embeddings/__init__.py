"""Embeddings: features of many dimensions as a picture, and how well its classes are clusters."""

from lossviz.pages.embeddings.view import COLOURS, METHODS, EmbeddingsView

__all__ = ["COLOURS", "METHODS", "EmbeddingsView"]

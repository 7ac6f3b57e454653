"""Measures of embeddings and metrics: arrays in, numbers out."""

"""Projections to the plane: settings, computation, and the stored results."""

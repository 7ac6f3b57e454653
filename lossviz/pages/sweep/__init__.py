"""Sweep: grids of trained networks as maps, lines, fronts and tables."""

"""Bounds on what K classes in d dimensions can have: angles, margins, probabilities, thresholds."""

"""The doctor: what a loss asks of K classes in d dimensions, and whether they can have it."""

"""The data sets of the catalogue: one file a family, each exports DATA."""

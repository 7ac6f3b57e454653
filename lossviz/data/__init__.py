"""Data sets as in-memory tensors: `load(Choice("mnist"))`; found on disk, else downloaded and checked."""

from lossviz.data.catalogue import catalogue
from lossviz.data.choice import Choice
from lossviz.data.cut import stratified_order
from lossviz.data.dataset import DataSet, Images, normalise
from lossviz.data.loading import find, load, load_test
from lossviz.data.spec import DataSpec, Found, Source

__all__ = [
    "Choice",
    "DataSet",
    "DataSpec",
    "Found",
    "Images",
    "Source",
    "catalogue",
    "find",
    "load",
    "load_test",
    "normalise",
    "stratified_order",
]

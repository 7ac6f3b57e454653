"""Data sets as in-memory tensors: `load(Choice("mnist"))`; found on disk, else downloaded and checked."""

from lossviz.data.choice import Choice
from lossviz.data.cut import stratified_order
from lossviz.data.dataset import DataSet, Images, normalise
from lossviz.data.fetch import download
from lossviz.data.loading import find, load, load_test
from lossviz.data.sets import catalogue
from lossviz.data.spec import DataSpec, Found, Source
from lossviz.data.uploads import upload

__all__ = [
    "Choice",
    "DataSet",
    "DataSpec",
    "Found",
    "Images",
    "Source",
    "catalogue",
    "download",
    "find",
    "load",
    "load_test",
    "normalise",
    "stratified_order",
    "upload",
]

"""Data sets as in-memory tensors: `load(Choice("mnist"))`; found on disk, else downloaded and checked."""

from lossviz.data.choice import Choice
from lossviz.data.cut import stratified_order
from lossviz.data.dataset import DataSet, Images, normalise
from lossviz.data.fetch import download
from lossviz.data.loading import find, load, load_test
from lossviz.data.looks import Look, is_known, recall, title_of
from lossviz.data.places import data_folders, searched
from lossviz.data.sets import catalogue
from lossviz.data.spec import DataSpec, Found, Source
from lossviz.data.uploads import Quota, upload

__all__ = [
    "Choice",
    "DataSet",
    "DataSpec",
    "Found",
    "Images",
    "Look",
    "Quota",
    "Source",
    "catalogue",
    "data_folders",
    "download",
    "find",
    "is_known",
    "load",
    "load_test",
    "normalise",
    "recall",
    "searched",
    "stratified_order",
    "title_of",
    "upload",
]

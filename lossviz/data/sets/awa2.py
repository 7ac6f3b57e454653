"""Animals with Attributes 2: photographs of 50 animals, scaled to 64×64 as in paper 001."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

from lossviz.data import pictures
from lossviz.data.dataset import Raw
from lossviz.data.spec import DataSpec, Found, Progress, Source
from lossviz.data.split import split_off
from lossviz.data.trees import FolderTree, Tree, ZipTree

_TOP = "Animals_with_Attributes2"
_ARCHIVE = "AwA2-data.zip"
_NAME = re.compile(r"^([^/]+)/[^/]+\.jpe?g$", re.IGNORECASE)
_SIZE = (64, 64)
_FORM = pictures.Form(3, _SIZE)
_ANIMALS = """
antelope grizzly+bear killer+whale beaver dalmatian persian+cat horse german+shepherd blue+whale siamese+cat
skunk mole tiger hippopotamus leopard moose spider+monkey humpback+whale elephant gorilla ox fox sheep seal
chimpanzee hamster squirrel rhinoceros rabbit bat giraffe wolf chihuahua rat weasel otter buffalo zebra
giant+panda deer bobcat pig lion mouse polar+bear collie walrus raccoon cow dolphin
"""
_TRAIN, _TEST = 26_157, 11_165


def _look(spec: DataSpec, folder: Path) -> Found | None:
    """The unpacked folder (itself or within), else the archive."""
    for top in (folder, folder / _TOP):
        if (top / "JPEGImages").is_dir():
            tree = FolderTree(top / "JPEGImages", spec.key)
            return _found(spec, top, (), tree, tree.stamp)
    archive = folder / _ARCHIVE
    if not archive.is_file():
        return None
    return _found(spec, folder, (archive,), ZipTree(archive, spec.key, f"{_TOP}/JPEGImages/"), "")


def _test_images(count: int) -> int:
    """The share of 001, 11,165 of 37,322, of however many images there are."""
    return round(count * _TEST / (_TRAIN + _TEST))


def _found(spec: DataSpec, folder: Path, files: tuple[Path, ...], tree: Tree, stamp: str) -> Found | None:
    photographs = _photographs(tree)
    if not photographs:
        return None
    test = _test_images(len(photographs))
    return spec.found(
        folder,
        files,
        (len(photographs) - test, test),
        partial(_read, photographs),
        slow=True,
        preparation=f"whole image to {_SIZE}, bilinear",
        stamp=stamp,
    )


def _photographs(tree: Tree) -> list[pictures.Picture]:
    """Those in the folders of the animals; other sets have a JPEGImages too."""
    number = {name: k for k, name in enumerate(_ANIMALS.split())}
    named = [(name, match[1]) for name in tree.names if (match := _NAME.match(name))]
    return [pictures.Picture(tree, name, number[animal]) for name, animal in named if animal in number]


def _read(photographs: list[pictures.Picture], progress: Progress) -> Raw:
    images = pictures.read(photographs, "awa2", _FORM, progress)
    return Raw(AWA2.classes, *split_off(images, _test_images(len(images))))


AWA2 = DataSpec(
    key="awa2",
    title="AwA2",
    classes=tuple(name.replace("+", " ") for name in _ANIMALS.split()),
    shape=(3, *_SIZE),
    train=_TRAIN,
    test=_TEST,
    licence="the licences of the single photographs, for research",
    reference="Y. Xian, C. H. Lampert, B. Schiele, Z. Akata: Zero-Shot Learning, a Comprehensive Evaluation "
    "of the Good, the Bad and the Ugly, TPAMI 2018",
    look=_look,
    folders=("AwA2", _TOP),
    # No checksum is published.
    sources=(
        Source(
            _ARCHIVE,
            (f"https://cvml.ista.ac.at/AwA2/{_ARCHIVE}", f"http://cvml.ist.ac.at/AwA2/{_ARCHIVE}"),
        ),
    ),
    note="The set has no split for plain classification: 26,157 to 11,165 as in 001, drawn once and for all "
    "within each class; which images 001 took is not published. 13 GB to download.",
)
DATA = (AWA2,)

"""The data sets of the catalogue: one file a family, each exports DATA."""

from __future__ import annotations

import difflib

from lossviz.core.errors import DataError
from lossviz.data.places import plain
from lossviz.data.sets import awa2, cifar, digits, gtsrb, mnist_family, svhn, tiny_imagenet
from lossviz.data.spec import DataSpec

_FAMILIES = (digits, mnist_family, cifar, svhn, gtsrb, tiny_imagenet, awa2)
_CATALOGUE = {spec.key: spec for family in _FAMILIES for spec in family.DATA}


def catalogue() -> dict[str, DataSpec]:
    """Every data set that can be found or downloaded, by its key."""
    return dict(_CATALOGUE)


def spec_of(name: str) -> DataSpec:
    """The data set of this key; DataError with the nearest keys if there is none."""
    if name in _CATALOGUE:
        return _CATALOGUE[name]
    by_plain = {plain(key): key for key in _CATALOGUE}
    near = difflib.get_close_matches(plain(name), by_plain, n=3, cutoff=0.5)
    meant = f" Did you mean {' or '.join(by_plain[match] for match in near)}?" if near else ""
    raise DataError(
        f"data: a data set must be one of {', '.join(_CATALOGUE)}, or the path of an .npz, of a .zip or of "
        f"a folder of class folders; got {name[:80]!r}.{meant}"
    )

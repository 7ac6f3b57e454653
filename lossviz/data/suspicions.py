"""Suspicions: likely mistakes in a set of one's own that its pixels and labels alone show."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from lossviz.data.dataset import Images


def suspicions(classes: Sequence[str], train: Images, test: Images) -> tuple[str, ...]:
    """Sentences: all images equal; equal ones with different labels; test images that are trained on too."""
    splits = [_contents(split) for split in (train, test)]
    learnt, asked = splits
    together = [*learnt, *asked]
    labels = [*train.labels.tolist(), *test.labels.tolist()]
    counts = Counter(together)
    if len(counts) == 1 and len(together) > 1:
        return (f"All {len(together):,} images are equal: there is nothing to tell classes apart by.",)
    said = []
    of: dict[bytes, set[int]] = {}
    for content, label in zip(together, labels, strict=True):
        of.setdefault(content, set()).add(label)
    torn = [content for content in of if len(of[content]) > 1]
    if torn:
        names = " and ".join(repr(classes[k]) for k in sorted(of[torn[0]])[:2])
        many = sum(counts[content] for content in torn)
        said.append(
            f"Equal images with different labels: {many:,} images, the first of the classes {names}. "
            "No network can tell these apart."
        )
    known = {*learnt}
    twice = sum(content in known for content in asked)
    if twice:
        said.append(
            f"Test images that are trained on: {twice:,} of the test set are equal to images of the train "
            "set. Accuracies are too good by so much."
        )
    return tuple(said)


def _contents(images: Images) -> list[bytes]:
    """A digest of each image, the same for equal ones."""
    return [hashlib.blake2b(row.tobytes(), digest_size=16).digest() for row in images.pixels.numpy()]


def vanished(names: Sequence[str]) -> tuple[str, ...]:
    """A sentence on images of which nothing is seen on white."""
    if not names:
        return ()
    many = "1 image is" if len(names) == 1 else f"{len(names):,} images are"
    return (
        f"Nothing is seen on white: {many} white, or nearly, on a transparent ground, the first {names[0]}. "
        "Save them on a dark ground.",
    )

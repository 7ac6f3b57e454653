"""The images of readings: numbers are compared on the same images only, and there image by image."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from lossviz.core.text import fixed
from lossviz.metrics.paired import Paired, mcnemar
from lossviz.readings.identity_cache import once
from lossviz.readings.reading import Array, Reading
from lossviz.training.config import RunConfig
from lossviz.training.images import choice_of

# The usual level of a test: below it a difference is called unlikely by chance alone.
LEVEL = 0.05
ONE_RUN = "The test weighs these trained runs, not their losses: another seed may move as much."


def identity(config: RunConfig, part: str, indices: Array, labels: Array) -> str:
    """A key of the images of a part of a run's data, in any order: runs with the same key saw the same.

    indices, labels: [N], the places of the images in the part, and their classes.
    """
    choice = choice_of(config)
    drawn: object = choice.test_images
    if part == "train":
        cut = choice.train_images or choice.imbalance != "none"
        drawn = cut and (choice.train_images, choice.imbalance, choice.imbalance_ratio)
    # If all test images were shown in training, the part "shown" is the same as "test".
    whole = "test" if part == "shown" else part
    asked = (whole, choice.name, choice.classes, choice.held_out, drawn, choice.seed if drawn else 0)
    order = np.argsort(indices, kind="stable")
    told = hashlib.blake2b(repr(asked).encode(), digest_size=12)
    for array in (indices, labels):
        told.update(np.ascontiguousarray(np.asarray(array)[order], dtype="<i8").tobytes())
    return told.hexdigest()


def same(one: Reading, other: Reading) -> bool:
    """True if two readings are of the same images; a file may hold any."""
    return one is other or (one.images != "" and one.images == other.images)


def groups(readings: Sequence[Reading]) -> list[list[Reading]]:
    """The readings of the same images together, in the order of the first of each group."""
    made: list[list[Reading]] = []
    for reading in readings:
        home = next((group for group in made if same(group[0], reading)), None)
        if home is None:
            made.append([reading])
        else:
            home.append(reading)
    return made


def note(readings: Sequence[Reading], of: Callable[[Reading], str] = lambda reading: reading.of) -> str:
    """The images and when they were read: once if all have the same words, else for each reading. of: gives
    the words of a reading."""
    told = [of(reading) for reading in readings]
    if len(set(told)) == 1:
        return told[0]
    return "; ".join(f"{reading.name}: {text}" for reading, text in zip(readings, told, strict=True))


def apart(found: Sequence[Sequence[Reading]]) -> str:
    """The reason why readings stand in groups, and what puts them together; "" for one group."""
    if len(found) < 2:
        return ""
    every = [reading for group in found for reading in group]
    said = (
        "These runs were read on different images, so they stand in groups: nothing is compared across them, "
        "and a best in bold is the best of its own group."
    )
    if len({reading.data for reading in every}) == 1 and all(reading.part == "shown" for reading in every):
        said += " Where seeds drew other test images, “All test images” puts the runs together."
    return said


def title(group: Sequence[Reading]) -> str:
    """A heading for a group: "MNIST, 2,000 of 10,000 test images"."""
    found = list(dict.fromkeys(reading.of.partition(", epoch")[0] for reading in group))
    return ", ".join(filter(None, [group[0].data, "; ".join(found)]))


def count_text(count: int, whole: int | None, what: str) -> str:
    """ "all 360 test images", "100 of 360 test images"; whole: None: not known."""
    if whole is None:
        return f"{count:,} {what}"
    return f"all {count:,} {what}" if count == whole else f"{count:,} of {whole:,} {what}"


def paired(before: Reading, after: Reading, among: Sequence[int] | None = None) -> Paired | None:
    """The images recognised under one reading only, of these classes or all; None where the images are
    not the same."""
    if not same(before, after):
        return None
    arrays = (before.logits, before.labels, after.logits, after.labels)

    def make() -> Paired:
        first, second = _order(before), _order(after)
        kept = np.isin(before.labels[first], range(len(before.classes)) if among is None else list(among))
        right = ((r.predictions == r.labels)[o][kept] for r, o in ((before, first), (after, second)))
        return mcnemar(*right)

    return once(("paired", None if among is None else tuple(among)), arrays, make)


def _order(reading: Reading) -> Array:
    """The images by their places in the data set."""
    if reading.indices is None:
        return np.arange(len(reading.labels))
    return np.argsort(reading.indices, kind="stable")


def changes(found: Paired) -> str:
    """ "of 200 images 5 gained, 3 lost; paired p = 0.51", or that none changed."""
    of = f"of {found.samples:,} image{'' if found.samples == 1 else 's'}"
    if not found.gained + found.lost:
        return f"{of} none gained, none lost"
    return f"{of} {found.gained:,} gained, {found.lost:,} lost; paired {p_text(found.mid)}"


def p_text(p: float) -> str:
    """ "p = 0.51", "p = 0.0071", "p < 0.0001"."""
    if p < 0.0001:
        return "p < 0.0001"
    return f"p = {fixed(p, 2 if p >= 0.1 else 3 if p >= 0.01 else 4)}"


def verdict(found: Mapping[str, Paired]) -> str:
    """A sentence that says if these images tell two runs apart. found: the comparisons by name."""
    if all(each.least >= LEVEL for each in found.values()):
        return "Too few images change sides to tell these runs apart."
    clear = [what for what, each in found.items() if each.mid < LEVEL]
    if not clear:
        return "Chance alone would part as many images as unevenly: they do not tell these runs apart."
    rest = [what for what, each in found.items() if each.gained + each.lost and what not in clear]
    but = f"; {' and '.join(rest)} may be chance" if rest else ""
    return f"More than chance: {' and '.join(clear)}{but}."

"""The declaration of a data set, and the copy of it that was found on this machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lossviz.data.dataset import Images, Raw, no_images

Progress = Callable[[str, float], None]
"""Called with what is being done and the share of it that is done, 0..1."""


def silent(what: str, share: float) -> None:
    """A Progress that tells nobody."""


@dataclass(frozen=True)
class Source:
    """One file to download: tried from each url in turn.

    checksum: "md5:..." or "sha256:..." as published, or None where none is known for certain; the
    structure is checked then. size: bytes, or None where not known for certain.
    """

    file: str
    urls: tuple[str, ...]
    checksum: str | None = None
    size: int | None = None


@dataclass(frozen=True)
class Found:
    """The files of a data set and the number of their images; nothing is parsed yet.

    expected: the (train, test) counts of the whole data set, or None for one's own data. read
    parses the files; slow says that the parsed images are worth keeping in the cache, under the
    name of the files and of `preparation`, which says how the images are made from them. stamp stands
    for the state of the files where there are too many to list, and changes with the times of
    `folders`. notes: what of the files is not used, and why, in sentences.
    """

    key: str
    title: str
    folder: Path | None
    files: tuple[Path, ...]
    train: int
    test: int
    expected: tuple[int, int] | None
    read: Callable[[Progress], Raw] = field(repr=False)
    slow: bool = False
    preparation: str = ""
    stamp: str = ""
    folders: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        return self.expected is None or (self.train, self.test) == self.expected

    @property
    def text(self) -> str:
        """The number of images: "20,000 of 50,000 train and 10,000 of 10,000 test images"."""
        if self.expected is None:
            return f"{self.train:,} train and {self.test:,} test images"
        train, test = self.expected
        return f"{self.train:,} of {train:,} train and {self.test:,} of {test:,} test images"


@dataclass(frozen=True)
class DataSpec:
    """One data set of the catalogue.

    classes: the names in the order of their numbers; empty where they come with the files.
    shape: (channels, height, width) of the images. look: what a folder holds of it, or None.
    folders: names of the subfolders in which it is usually found, besides its key. note: what
    surprises, or how the images are prepared.
    """

    key: str
    title: str
    classes: tuple[str, ...]
    shape: tuple[int, int, int]
    train: int
    test: int
    licence: str
    reference: str
    look: Callable[[DataSpec, Path], Found | None] = field(repr=False)
    sources: tuple[Source, ...] = ()
    folders: tuple[str, ...] = ()
    class_count: int = 0
    note: str = ""

    def __post_init__(self) -> None:
        if not self.class_count:
            object.__setattr__(self, "class_count", len(self.classes))

    @property
    def urls(self) -> tuple[str, ...]:
        """The first url of every file."""
        return tuple(source.urls[0] for source in self.sources)

    def found(
        self,
        folder: Path,
        files: Sequence[Path],
        counts: Sequence[int],
        read: Callable[[Progress], Raw],
        **more: Any,
    ) -> Found:
        """The data set as found in a folder, with (train, test) images; more: other fields of Found."""
        expected = (self.train, self.test)
        return Found(self.key, self.title, folder, tuple(files), counts[0], counts[1], expected, read, **more)


def read_splits(
    spec: DataSpec, parts: Sequence[Any], read: Callable[[DataSpec, Any], Images], progress: Progress
) -> Raw:
    """The images of the train and of the test split, by read(spec, part) of each part that is not empty."""
    splits = []
    for done, part in enumerate(parts):
        progress(f"reading {spec.title}", done / 2)
        splits.append(read(spec, part) if part else no_images(spec.shape))
    return Raw(spec.classes, splits[0], splits[1])

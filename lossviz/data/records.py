"""The binary format of CIFAR: records of label bytes and then one image, in a .tar.gz or a folder."""

from __future__ import annotations

import gzip
import tarfile
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from lossviz.core.errors import DataError
from lossviz.data.dataset import Images, check_labels
from lossviz.data.idx import DAMAGED
from lossviz.data.places import check, file_in, reading

# Full CIFAR unpacks to 184 MB; a damaged or hostile archive must not fill the memory.
LARGEST = 1 << 30


Member = tuple[str, int, Callable[[], bytes]]


def members(path: Path, what: str, wanted: frozenset[str]) -> Iterator[Member]:
    """Name without folders, size and content of the wanted files of a .tar.gz; nothing goes to the disk.

    Reads to the end, so that a cut-off archive is never taken for a small one.
    """
    with reading(path, what, (*DAMAGED, tarfile.TarError)), gzip.GzipFile(path) as unpacked:
        total = 0
        with tarfile.open(fileobj=unpacked, mode="r|") as archive:
            for member in archive:
                name = member.name.rsplit("/", 1)[-1]
                total += member.size
                if total > LARGEST:
                    raise DataError(f"{what}: {path.name} must unpack to at most {LARGEST:,} bytes; got more")
                content = archive.extractfile(member) if name in wanted else None
                if content is not None:
                    yield name, member.size, content.read
        # The checksum stands at the end.
        while unpacked.read(1 << 20):
            pass


def sizes(path: Path, what: str, names: frozenset[str]) -> dict[str, int]:
    """The bytes of each of these files that the archive holds; unpacks it, so the answer is kept."""
    stat = path.stat()
    return _sizes(path, what, names, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=16)
def _sizes(path: Path, what: str, names: frozenset[str], size: int, modified: int) -> dict[str, int]:
    return {name: size for name, size, _ in members(path, what, names)}


def contents(path: Path, what: str, names: frozenset[str]) -> dict[str, bytes]:
    """The files of these names, from an archive or a folder."""
    if path.is_dir():
        with reading(path, what):
            there = {name: file for name in sorted(names) if (file := file_in(path, name)) is not None}
            for file in there.values():
                check(file, what)
            return {name: file.read_bytes() for name, file in there.items()}
    return {name: read() for name, _, read in members(path, what, names)}


def parse(
    files: list[tuple[str, bytes]], what: str, shape: tuple[int, int, int], label_bytes: int, classes: int
) -> Images:
    """The records of the files, one after the other; the last label byte counts (fine labels)."""
    pixels = int(np.prod(shape))
    length = label_bytes + pixels
    tables = []
    for name, content in files:
        if not content or len(content) % length:
            raise DataError(
                f"{what}: the size of {name} must be a multiple of {length:,} bytes, one record an image; "
                f"got {len(content):,}. It is cut off or something else; fetch it again."
            )
        tables.append(np.frombuffer(content, dtype=np.uint8).reshape(-1, length))
    count = sum(len(table) for table in tables)
    images = torch.empty((count, *shape), dtype=torch.uint8)
    labels = torch.empty(count, dtype=torch.int64)
    start = 0
    for (name, _), table in zip(files, tables, strict=True):
        stop = start + len(table)
        images.numpy()[start:stop] = table[:, label_bytes:].reshape(-1, *shape)
        labels.numpy()[start:stop] = table[:, label_bytes - 1]
        check_labels(labels[start:stop], classes, what, name)
        start = stop
    return Images(images, labels)

"""CIFAR-10 and CIFAR-100: colour images of 32×32 in the binary version, packed or unpacked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lossviz.core.errors import DataError
from lossviz.data import records
from lossviz.data.dataset import Raw
from lossviz.data.places import file_in, names_of, plain
from lossviz.data.sets import named_folders
from lossviz.data.spec import DataSpec, Found, Progress, Source

_SHAPE = (3, 32, 32)
_REPORT = "A. Krizhevsky: Learning Multiple Layers of Features from Tiny Images, 2009"

_FINE = """
apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can
castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin
elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster
man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck
pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk
skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger
tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm
"""


@dataclass(frozen=True)
class _Layout:
    """The file names of one of the two, and how many label bytes begin a record."""

    archive: str
    folder: str
    train: tuple[str, ...]
    test: str
    label_bytes: int
    python: str

    @property
    def record(self) -> int:
        """Bytes of one image with its labels."""
        return self.label_bytes + 3072

    @property
    def names(self) -> frozenset[str]:
        """All files of images."""
        return frozenset((*self.train, self.test))


_CIFAR_10 = _Layout(
    archive="cifar-10-binary.tar.gz",
    folder="cifar-10-batches-bin",
    train=tuple(f"data_batch_{i}.bin" for i in range(1, 6)),
    test="test_batch.bin",
    label_bytes=1,
    python="cifar-10-batches-py",
)
# The coarse label comes first, the fine one second.
_CIFAR_100 = _Layout(
    "cifar-100-binary.tar.gz", "cifar-100-binary", ("train.bin",), "test.bin", 2, "cifar-100-python"
)

# What archives of these sizes hold, so that they need not be unpacked to be counted.
_KNOWN = {
    170_052_171: (50_000, 10_000),
    168_513_733: (50_000, 10_000),
    84_762_756: (20_000, 10_000),
}


def _look(layout: _Layout, spec: DataSpec, folder: Path) -> Found | None:
    """The unpacked files, else the archive, else image files; the version for Python is refused."""
    names = {plain(layout.folder), *names_of(spec)}
    # train.bin and test.bin could be of any set.
    distinct = layout.test != "test.bin" or plain(folder.name) in names
    there = {name: path for name in sorted(layout.names) if distinct and (path := file_in(folder, name))}
    if there:
        sizes = {name: path.stat().st_size for name, path in there.items()}
        return _found(layout, spec, folder, tuple(there.values()), _count(layout, sizes))
    archive = file_in(folder, layout.archive)
    if archive is None:
        found = named_folders.look(spec, folder)
        if found is None:
            _refuse_pickles(layout, spec, folder)
        return found
    counts = _KNOWN.get(archive.stat().st_size)
    if counts is None:
        counts = _count(layout, records.sizes(archive, spec.key, layout.names))
    return _found(layout, spec, archive, (archive,), counts)


def _refuse_pickles(layout: _Layout, spec: DataSpec, folder: Path) -> None:
    """DataError where the folder holds the version for Python and nothing that can be read."""
    packed = file_in(folder, layout.archive.replace("-binary", "-python"))
    loose = file_in(folder, layout.test.removesuffix(".bin"), layout.train[0].removesuffix(".bin"))
    if packed is None and (
        loose is None or plain(folder.name) not in {plain(layout.python), *names_of(spec)}
    ):
        return
    raise DataError(
        f"{spec.key}: {packed or folder} is the version for Python: pickles, which can run code when they "
        f"are read. Take the binary version, {layout.archive} from {spec.urls[0]}, and put it in its place."
    )


def _count(layout: _Layout, sizes: dict[str, int]) -> tuple[int, int]:
    train = sum(sizes.get(name, 0) for name in layout.train)
    return train // layout.record, sizes.get(layout.test, 0) // layout.record


def _found(
    layout: _Layout, spec: DataSpec, path: Path, files: tuple[Path, ...], counts: tuple[int, int]
) -> Found:
    folder = path if path.is_dir() else path.parent
    return spec.found(folder, files, counts, partial(_read, layout, spec, path))


def _read(layout: _Layout, spec: DataSpec, path: Path, progress: Progress) -> Raw:
    progress(f"reading {spec.title}", 0.0)
    files = records.contents(path, spec.key, layout.names)
    if layout.test not in files or not any(name in files for name in layout.train):
        raise DataError(
            f"{spec.key}: {path} must hold {layout.test} and at least one of {', '.join(layout.train)}; "
            f"got {', '.join(sorted(files)) or 'none of them'}"
        )
    progress(f"reading {spec.title}", 0.7)
    train = [(name, files[name]) for name in layout.train if name in files]
    test = [(layout.test, files[layout.test])]
    splits = [
        records.parse(part, spec.key, _SHAPE, layout.label_bytes, spec.class_count) for part in (train, test)
    ]
    return Raw(spec.classes, splits[0], splits[1])


def _source(file: str, checksum: str, size: int) -> Source:
    return Source(file, (f"https://www.cs.toronto.edu/~kriz/{file}",), checksum, size)


CIFAR_10 = DataSpec(
    key="cifar-10",
    title="CIFAR-10",
    classes=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    shape=_SHAPE,
    train=50_000,
    test=10_000,
    licence="none stated; the authors ask for a citation",
    reference=_REPORT,
    look=partial(_look, _CIFAR_10),
    folders=(_CIFAR_10.folder, _CIFAR_10.python, "cifar10-pngs-in-folders"),
    sources=(_source(_CIFAR_10.archive, "md5:c32a1d4ab5d03f1284b67883e8d87530", 170_052_171),),
)
CIFAR_100 = DataSpec(
    key="cifar-100",
    title="CIFAR-100",
    classes=tuple(name.replace("_", " ") for name in _FINE.split()),
    shape=_SHAPE,
    train=50_000,
    test=10_000,
    licence="none stated; the authors ask for a citation",
    reference=_REPORT,
    look=partial(_look, _CIFAR_100),
    folders=(_CIFAR_100.folder, _CIFAR_100.python),
    sources=(_source(_CIFAR_100.archive, "md5:03b5dce01913d631647c71ecec9e9cb8", 168_513_733),),
    note="Fine labels: 100 classes of 500 train and 100 test images.",
)
DATA = (CIFAR_10, CIFAR_100)

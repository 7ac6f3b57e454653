"""MNIST, Fashion-MNIST and KMNIST: grey images of 28×28 in idx files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from lossviz.core.errors import DataError
from lossviz.data import idx
from lossviz.data.dataset import Images, check_labels
from lossviz.data.places import file_in, names_of, plain
from lossviz.data.sets import named_folders, tables
from lossviz.data.spec import DataSpec, Found, Source, read_splits

_PARTS = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def _spelt(name: str) -> str:
    """A file name without what tools change in it: case, hyphens, dots, the ending of gzip."""
    return plain(name).replace(".", "").removesuffix("gz")


def _files(folder: Path) -> dict[str, Path]:
    """The files of the parts in the folder, packed before plain; each may lie in a folder of its name."""
    found: dict[str, Path] = {}
    wanted = {_spelt(part): part for part in _PARTS}
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if _spelt(entry.name) in wanted)
    except OSError:
        return found
    for name in sorted(names, key=lambda name: not name.endswith(".gz")):
        part, path = wanted[_spelt(name)], folder / name
        # Unpacked on Kaggle each file lies in a folder of its own name.
        inner = path if path.is_file() else file_in(path, name, part, part.replace("-idx", ".idx"))
        if inner is not None:
            found.setdefault(part, inner)
    return found


def _is_meant(spec: DataSpec, folder: Path, files: Iterable[Path]) -> bool:
    """The file names of the three sets are the same: the nearest folder's name or the sizes must tell."""
    if _is_named(spec, folder):
        return True
    sizes = {source.file: source.size for source in spec.sources}
    known = [file.stat().st_size == sizes.get(file.name) for file in files]
    return bool(known) and all(known)


def _is_named(spec: DataSpec, folder: Path) -> bool:
    """True if, of the folder and the three above it, the nearest that is named for a set is for this one."""
    names = {name: other.key for other in DATA for name in names_of(other)}
    near = [plain(path.name) for path in (folder, *folder.parents)][:4]
    return next((names[name] for name in near if name in names), "") == spec.key


def look(spec: DataSpec, folder: Path) -> Found | None:
    """The copy in a folder: the idx files, else arrays, tables or image files."""
    found = _look_idx(spec, folder) or tables.look_npz(spec, folder)
    return found or tables.look_csv(spec, folder, _is_named(spec, folder)) or named_folders.look(spec, folder)


def _look_idx(spec: DataSpec, folder: Path) -> Found | None:
    """The pairs of images and labels in the folder, counted by the headers of the images."""
    there = _files(folder)
    pairs = [tuple(there[p] for p in _PARTS[i : i + 2] if p in there) for i in (0, 2)]
    pairs = [pair if len(pair) == 2 else () for pair in pairs]
    if not any(pairs) or not _is_meant(spec, folder, there.values()):
        return None
    counts = [idx.shape(pair[0], 3, spec.key)[0] if pair else 0 for pair in pairs]
    return spec.found(
        folder, [f for pair in pairs for f in pair], counts, partial(read_splits, spec, pairs, _split)
    )


def _split(spec: DataSpec, pair: tuple[Path, ...]) -> Images:
    pixels, labels = idx.read(pair[0], 3, spec.key), idx.read(pair[1], 1, spec.key).long()
    if tuple(pixels.shape[1:]) != spec.shape[1:]:
        raise DataError(
            f"{spec.key}: {pair[0].name} must hold images of 28 × 28 pixels; "
            f"got {' × '.join(map(str, pixels.shape[1:]))}"
        )
    if len(pixels) != len(labels):
        raise DataError(
            f"{spec.key}: {pair[0].name} and {pair[1].name} must count the same; "
            f"got {len(pixels):,} images and {len(labels):,} labels. Fetch both again."
        )
    check_labels(labels, spec.class_count, spec.key, pair[1].name)
    return Images(pixels.unsqueeze(1), labels)


def _sources(bases: tuple[str, ...], *files: tuple[str, int]) -> tuple[Source, ...]:
    """The four files, each from every base in turn; `files` are their checksums and sizes."""
    return tuple(
        Source(f"{part}.gz", tuple(f"{base}{part}.gz" for base in bases), checksum, size)
        for part, (checksum, size) in zip(_PARTS, files, strict=True)
    )


_CLOTHES = "T-shirt/top, Trouser, Pullover, Dress, Coat, Sandal, Shirt, Sneaker, Bag, Ankle boot"

MNIST = DataSpec(
    key="mnist",
    title="MNIST",
    classes=tuple("0123456789"),
    shape=(1, 28, 28),
    train=60_000,
    test=10_000,
    licence="CC BY-SA 3.0",
    reference="Y. LeCun, C. Cortes, C. J. C. Burges: The MNIST database of handwritten digits, 1998",
    look=look,
    folders=("MNIST/raw", "digit-recognizer", "mnist-in-csv", "mnist-dataset", "mnist_png"),
    sources=_sources(
        (
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        ("sha256:440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609", 9_912_422),
        ("sha256:3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c", 28_881),
        ("sha256:8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6", 1_648_877),
        ("sha256:f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6", 4_542),
    ),
)
FASHION = DataSpec(
    key="fashion-mnist",
    title="Fashion-MNIST",
    classes=tuple(_CLOTHES.split(", ")),
    shape=(1, 28, 28),
    train=60_000,
    test=10_000,
    licence="MIT",
    reference="H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST, a novel image dataset for benchmarking machine "
    "learning algorithms, arXiv 1708.07747, 2017",
    look=look,
    folders=("FashionMNIST/raw",),
    sources=_sources(
        (
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        ),
        ("sha256:3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84", 26_421_880),
        ("sha256:a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845", 29_515),
        ("sha256:346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073", 4_422_102),
        ("sha256:67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5", 5_148),
    ),
)
KMNIST = DataSpec(
    key="kmnist",
    title="KMNIST",
    classes=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
    shape=(1, 28, 28),
    train=60_000,
    test=10_000,
    licence="CC BY-SA 4.0",
    reference="T. Clanuwat, M. Bober-Irizar, A. Kitamoto, A. Lamb, K. Yamamoto, D. Ha: Deep Learning for "
    "Classical Japanese Literature, arXiv 1812.01718, 2018",
    look=look,
    folders=("KMNIST/raw",),
    sources=_sources(
        ("http://codh.rois.ac.jp/kmnist/dataset/kmnist/",),
        ("md5:bdb82020997e1d708af4cf47b453dcf7", 18_165_135),
        ("md5:e144d726b3acfaa3e44228e80efcd344", 29_497),
        ("sha256:edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5", 3_041_136),
        ("sha256:20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c", 5_120),
    ),
)
DATA = (MNIST, FASHION, KMNIST)

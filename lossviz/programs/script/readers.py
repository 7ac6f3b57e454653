"""Small readers of official files, as they stand in a script: digits, idx, CIFAR's binary, .npz."""

from __future__ import annotations

import gzip
import tarfile
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lossviz.data.dataset import Images
from lossviz.data.split import split_off


def read_digits() -> tuple[Images, Images]:
    """Train and test images of scikit-learn's digits, 0..16 spread over 0..255; a fixed split."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    pixels = (digits.images.astype(np.int64)[:, None] * 255 + 8) // 16
    images = Images(
        torch.from_numpy(pixels.astype(np.uint8)), torch.from_numpy(digits.target.astype(np.int64))
    )
    return split_off(images, 360)


def read_idx(folder: Path) -> tuple[Images, Images]:
    """Train and test images from the four idx files of the MNIST family, packed or not."""
    splits = []
    for split in ("train", "t10k"):
        pixels = idx_file(folder, f"{split}-images-idx3-ubyte", 16).view(-1, 1, 28, 28)
        splits.append(Images(pixels, idx_file(folder, f"{split}-labels-idx1-ubyte", 8).long()))
    return splits[0], splits[1]


def idx_file(folder: Path, name: str, header: int) -> Tensor:
    """The bytes of an idx file after its header."""
    packed, plain = folder / f"{name}.gz", folder / name
    if not packed.is_file() and not plain.is_file():
        raise SystemExit(
            f"{folder}: must hold {name}.gz; it does not. Give the folder of the four idx files."
        )
    content = gzip.decompress(packed.read_bytes()) if packed.is_file() else plain.read_bytes()
    return torch.frombuffer(bytearray(content[header:]), dtype=torch.uint8)


def read_cifar_10(folder: Path) -> tuple[Images, Images]:
    """Train and test images from cifar-10-binary.tar.gz, packed or unpacked."""
    packed, plain = folder / "cifar-10-binary.tar.gz", folder / "cifar-10-batches-bin"
    train = b"".join(cifar_file(packed, plain / f"data_batch_{i}.bin") for i in range(1, 6))
    return cifar_images(train, 1), cifar_images(cifar_file(packed, plain / "test_batch.bin"), 1)


def read_cifar_100(folder: Path) -> tuple[Images, Images]:
    """Train and test images from cifar-100-binary.tar.gz, packed or unpacked; fine labels."""
    packed, plain = folder / "cifar-100-binary.tar.gz", folder / "cifar-100-binary"
    train = cifar_images(cifar_file(packed, plain / "train.bin"), 2)
    return train, cifar_images(cifar_file(packed, plain / "test.bin"), 2)


def cifar_file(packed: Path, plain: Path) -> bytes:
    """A file of the unpacked folder, or else of the archive."""
    if plain.is_file():
        return plain.read_bytes()
    if not packed.is_file():
        raise SystemExit(f"{packed.parent}: must hold {packed.name}, or {plain.parent.name} unpacked")
    with tarfile.open(packed) as archive:
        found = archive.extractfile(f"{plain.parent.name}/{plain.name}")
        assert found is not None
        return found.read()


def cifar_images(content: bytes, label_bytes: int) -> Images:
    """Records of label bytes, the last of which counts, and 3,072 bytes of an image."""
    table = torch.frombuffer(bytearray(content), dtype=torch.uint8).view(-1, label_bytes + 3072)
    pixels = table[:, label_bytes:].reshape(-1, 3, 32, 32).contiguous()
    return Images(pixels, table[:, label_bytes - 1].long())


def read_npz(file: Path) -> tuple[Images, Images]:
    """Train and test images as the run saw them, from its exported .npz."""
    if not file.is_file():
        raise SystemExit(f"{file}: no such file; give the .npz that was exported from the run")
    with np.load(file, allow_pickle=False) as arrays:
        wanted = ("images", "labels", "test_images", "test_labels")
        missing = [name for name in wanted if name not in arrays]
        if missing:
            raise SystemExit(f"{file}: must hold {', '.join(wanted)}; it lacks {', '.join(missing)}")
        train, labels, test, test_labels = (torch.from_numpy(arrays[name]) for name in wanted)
    return Images(train, labels.long()), Images(test, test_labels.long())

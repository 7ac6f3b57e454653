"""The command `programs`: every loss as JavaScript that other hosts can draw with."""

from __future__ import annotations

import argparse
from typing import Any

from lossviz.core.errors import LossError
from lossviz.core.paths import resolve


def add(commands: Any) -> None:
    """Add the command to a parser's."""
    command = commands.add_parser(
        "programs",
        help="write all losses as JavaScript modules",
        description="Writes the program pack: one ES module a loss, traced from the functions that train, "
        "for 2 to 10 classes, every label and every term, and an index.json that says what is in them. Any "
        "page can draw from it, also one that forbids code made of text.",
    )
    command.add_argument("--out", default="programs", help="the folder (default: programs)")
    command.add_argument(
        "--classes", default="2,3,4,5,6,7,8,9,10", help="numbers of classes, 2 to 10 (default: all of them)"
    )
    command.set_defaults(run=_programs)


def _programs(known: argparse.Namespace) -> int:
    from lossviz.fields import spread
    from lossviz.fields.adversary import train_adversary
    from lossviz.programs import pack

    folder = resolve(known.out, "--out")
    counts = sorted({int(text) for text in known.classes.split(",") if text.strip().isdigit()})
    if not counts or not set(counts) <= set(pack.CLASSES):
        raise LossError(f"--classes must be whole numbers in 2..10, joined by commas; got {known.classes!r}")
    files = pack.write(folder, lambda classes: train_adversary(spread(classes, 2.0)).network, counts)
    size = sum(file.stat().st_size for file in files)
    print(f"{folder}: {len(files)} files, {size / 1e6:.1f} MB")
    return 0

"""Folders that are walked through: links, limits, and what is no file of a disk."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lossviz.core.errors import DataError
from lossviz.data import Choice, find, load
from lossviz.data.trees import FolderTree
from tests.data.layouts import noise, picture, write_files


def pets(place: Path) -> Path:
    write_files(
        place,
        {
            f"own/{k}/{i}.png": picture(noise(i + 9 * j, 8, 8))
            for j, k in enumerate(("ant", "bee"))
            for i in range(3)
        },
    )
    return place / "own"


def test_each_real_folder_is_walked_once_whatever_links_lead_to_it(place: Path) -> None:
    """Two links a level: two to the power of 26 ways through, and 27 folders."""
    top = folder = place / "tree"
    for _ in range(26):
        (folder / "next").mkdir(parents=True)
        (folder / "a").symlink_to("next")
        (folder / "b").symlink_to("next")
        folder = folder / "next"
    (folder / "x.png").write_bytes(b"")
    tree = FolderTree(top, "tree")
    assert tree.names == ("next/" * 26 + "x.png",)
    assert len(tree.folders) == 27


def test_a_folder_that_is_linked_from_elsewhere_is_walked_and_keeps_its_own_name(place: Path) -> None:
    own = pets(place)
    (place / "cat").mkdir()
    (place / "cat" / "1.png").write_bytes(b"")
    (own / "cat").symlink_to(place / "cat")
    (own / "aaa").symlink_to(own / "bee")
    (own / "up").symlink_to(place)
    (own / "nothing").symlink_to(place / "absent")
    names = FolderTree(own, "own").names
    assert {name.split("/")[0] for name in names} == {"ant", "bee", "cat"}
    assert len(names) == 7


@pytest.mark.parametrize(
    ("limit", "value", "says"),
    [
        ("MOST_ENTRIES", 7, r"at most 7 files and folders are looked through"),
        ("DEEPEST", 1, r"at most 1 deep within each other; (ant|bee)/ lies deeper"),
    ],
)
def test_a_walk_ends_at_a_limit_and_says_it(
    place: Path, limit: str, value: int, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = pets(place)
    monkeypatch.setattr(f"lossviz.data.trees.{limit}", value)
    with pytest.raises(DataError, match=says):
        find(str(own))


def test_folders_count_as_files_do(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lossviz.data.trees.MOST_ENTRIES", 20)
    for i in range(21):
        (place / "own" / f"{i}").mkdir(parents=True)
    with pytest.raises(DataError, match="at most 20 files and folders"):
        find(str(place / "own"))


def test_a_walk_ends_after_its_seconds(place: Path) -> None:
    with pytest.raises(DataError, match=r"took more than 0 s; 1 files and folders were seen"):
        find(str(pets(place)), seconds=0)


def test_whoever_is_told_of_a_walk_can_end_it(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a worker does that is asked to stop."""
    monkeypatch.setattr("lossviz.data.trees._TELL_EACH_S", 0.0)
    told: list[str] = []

    class AskedError(Exception):
        pass

    def progress(what: str, share: float) -> None:
        told.append(what)
        raise AskedError

    own = pets(place)
    with pytest.raises(AskedError):
        find(str(own), progress)
    with pytest.raises(AskedError):
        load(Choice(str(own)), progress)
    assert told[0].startswith("looking through own, 1 files")


def loop(place: Path) -> Path:
    (place / "loop").symlink_to(place / "loop")
    return place / "loop"


def inner_loop(place: Path) -> Path:
    own = pets(place)
    (own / "ant" / "loop.png").symlink_to(own / "ant" / "loop.png")
    return own


def pipe(place: Path, name: str) -> Path:
    os.mkfifo(place / name)
    return place / name


def bound(place: Path) -> Path:
    with socket.socket(socket.AF_UNIX) as made:
        before = Path.cwd()
        os.chdir(place)  # the path of a socket must be short
        made.bind("s.zip")
        os.chdir(before)
    return place / "s.zip"


def link(place: Path, name: str, to: str) -> Path:
    (place / name).symlink_to(to)
    return place / name


def very_deep(place: Path) -> Path:
    """Folders within each other, more than anybody has."""
    (place / "deep" / "/".join(["d"] * 200)).mkdir(parents=True)
    return place / "deep"


@pytest.mark.skipif(sys.platform != "linux", reason="pipes and /proc")
@pytest.mark.parametrize(
    ("make", "says"),
    [
        (loop, r"is a link that leads back to itself"),
        (inner_loop, r"loop\.png is a link that leads back to itself"),
        (lambda place: pipe(place, "x.npz"), r"x\.npz is a pipe"),
        (lambda place: pipe(place, "x.zip"), r"x\.zip is a pipe"),
        (lambda place: pipe(place, "x"), r"x is a pipe"),
        (bound, r"s\.zip is a socket"),
        (lambda place: link(place, "x.npz", "/dev/zero"), r"lies in /proc, /sys or /dev"),
        (lambda place: link(place, "x.zip", "/dev/zero"), r"lies in /proc, /sys or /dev"),
        (lambda place: link(place, "x.npz", "/proc/kcore"), r"lies in /proc, /sys or /dev"),
        (lambda place: link(place, "x", "/sys"), r"lies in /proc, /sys or /dev"),
        (lambda place: Path("/proc"), r"lies in /proc, /sys or /dev"),
        (lambda place: Path("/proc/self/root/proc"), r"lies in /proc, /sys or /dev"),
        (very_deep, r"at most 40 deep within each other"),
    ],
)
def test_what_may_never_end_is_not_opened(place: Path, make: Callable[[Path], Path], says: str) -> None:
    path = make(place)
    for ask in (find, lambda name: load(Choice(name))):
        with pytest.raises(DataError, match=says):
            ask(str(path))


@pytest.mark.skipif(sys.platform != "linux", reason="pipes and /proc")
def test_what_is_no_file_among_the_images_is_left_out(place: Path) -> None:
    own = pets(place)
    pipe(own / "ant", "pipe.png")
    link(own / "ant", "zero.png", "/dev/zero")
    link(own / "ant", "state.png", "/proc/version")
    link(own, "system", "/proc")
    data = load(Choice(str(own)))
    assert data.classes == ("ant", "bee")
    assert len(data.train) + len(data.test) == 6


def test_a_file_that_the_system_refuses_is_told_with_its_reason(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = pets(place)

    def broken(self: Path) -> bytes:
        raise OSError(5, "Input/output error", str(self))

    monkeypatch.setattr(Path, "read_bytes", broken)
    with pytest.raises(DataError, match=r"0\.png cannot be read \(Input/output error\)"):
        load(Choice(str(own)))

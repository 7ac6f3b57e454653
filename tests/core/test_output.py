"""Files for the user: refused before any work, or written as a whole."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from lossviz.core import output
from lossviz.core.errors import LossvizError


@pytest.mark.parametrize("name", ["f.png", "f.PNG", "f.tar.Svg", "日本.svg"])
def test_an_ending_is_read_in_small_letters(tmp_path: Path, name: str) -> None:
    assert output.checked(tmp_path / name, ("png", "svg")) == name.rpartition(".")[2].lower()


@pytest.mark.parametrize("name", ["f", "f.", ".png", "f.gif", "f.png.exe", "png", "f.png "])
def test_another_ending_or_none_is_refused_with_those_allowed(tmp_path: Path, name: str) -> None:
    with pytest.raises(LossvizError, match=r"--out must end in \.png or \.svg") as told:
        output.checked(tmp_path / name, ("png", "svg"))
    assert repr(name) in str(told.value)


def test_a_place_that_takes_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe.png")
    for path, word in (
        (tmp_path / "folder.png", "is a folder"),
        (tmp_path / "gone" / "f.png", "does not exist"),
        (tmp_path / "file" / "f.png", "is no folder"),
        (tmp_path / "pipe.png", "no regular file"),
        (tmp_path / ("x" * 300 + ".png"), "name too long"),
    ):
        with pytest.raises(LossvizError) as told:
            output.checked(path, ("png",))
        assert word in str(told.value)
        assert str(told.value).startswith("--out")


def test_what_may_not_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "held.png").write_bytes(b"old")
    # The tests may run as root, whom nothing is denied: the system's answer stands in.
    monkeypatch.setattr(os, "access", lambda path, how: not str(path).endswith(("held.png", "closed")))
    with pytest.raises(LossvizError, match="may not be written over"):
        output.checked(tmp_path / "held.png", ("png",))
    (tmp_path / "closed").mkdir()
    with pytest.raises(LossvizError, match=r"no file can be made in .*closed"):
        output.checked(tmp_path / "closed" / "f.png", ("png",))


def test_a_full_disk_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f.png"

    def half(part: Path, content: bytes) -> int:
        with part.open("wb") as file:
            file.write(content[:3])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path.write_bytes(b"old")
    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(LossvizError, match=r"f\.png could not be written \(No space left on device\)"):
        output.write(path, b"new content")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["f.png"]


def test_a_link_stays_and_the_file_that_it_names_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real.png").write_bytes(b"old")
    (tmp_path / "link.png").symlink_to("real.png")
    output.write(tmp_path / "link.png", b"new")
    assert (tmp_path / "link.png").is_symlink()
    assert (tmp_path / "real.png").read_bytes() == b"new"


def test_the_longest_name_of_a_file_can_be_written(tmp_path: Path) -> None:
    name = "x" * 251 + ".png"
    output.write(tmp_path / name, b"content")
    assert os.listdir(tmp_path) == [name]


def test_a_file_that_is_replaced_keeps_who_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "f.png"
    path.write_bytes(b"old")
    path.chmod(0o600)
    output.write(path, b"new")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o600)

"""Names that came from elsewhere: shown as they are, or refused in words; archives of every system."""

from __future__ import annotations

import io
import os
import sys
import unicodedata
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from lossviz.core.errors import DataError
from lossviz.data import Choice, load, upload
from lossviz.data.names import LONGEST_NAME, class_name, printable
from tests.data.layouts import noise, picture, write_files

SHOWN = (
    "$5_a",
    "_x_",
    "a\\b",
    'it\'s "so"',
    "<b>",
    "猫",
    "かな",
    "עברית",
    "می‌خواهم",
    "👩‍🔬",
    "é",
    "a b",
    "01",
)


@pytest.mark.parametrize("name", SHOWN)
def test_names_of_every_script_are_kept_as_they_are(name: str) -> None:
    assert class_name(f" {name}\n", "own") == name
    assert printable(name) == name


def test_parted_letters_are_composed() -> None:
    assert class_name("cafe\u0301", "own") == "caf\u00e9"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("a\x07b", r"'a\\x07b', which holds U\+0007"),
        ("a\nb", r"U\+000A"),
        ("abc\u202egnp", r"U\+202E \(RIGHT-TO-LEFT OVERRIDE\)"),
        ("\u2066a", r"U\+2066"),
        ("a\u2028b", r"U\+2028"),
        ("a\ud800", r"U\+D800"),
        ("a\uffff", r"U\+FFFF"),
        ("", r"nothing can be seen"),
        (" \t ", r"nothing can be seen"),
        ("\u200b\u200d", r"nothing can be seen"),
        ("x" * (LONGEST_NAME + 1), rf"1 to {LONGEST_NAME} characters .*got {LONGEST_NAME + 1}"),
    ],
)
def test_names_that_cannot_be_shown_are_refused(name: str, says: str) -> None:
    with pytest.raises(DataError, match=says) as told:
        class_name(name, "own")
    assert len(str(told.value)) < 400
    str(told.value).encode()


@pytest.mark.skipif(sys.platform != "linux", reason="only there are file names bytes")
def test_bytes_that_are_no_text_are_read_and_shown_as_such(place: Path) -> None:
    odd = os.fsdecode(b"caf\xe9")
    for folder in (f"{odd}/{odd}", f"{odd}/tea"):
        (place / folder).mkdir(parents=True)
        for i in range(3):
            (place / folder / f"{odd}{i}.png").write_bytes(picture(noise(len(folder) + i, 8, 8)))
    data = load(Choice(str(place / odd)))
    assert data.classes == ("caf\\xe9", "tea")
    assert data.title == "caf\\xe9"
    (place / odd / "tea" / f"{odd}0.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"tea/caf\\xe90\.png is not an image") as told:
        load(Choice(str(place / odd)))
    str(told.value).encode()


def zipped_raw(files: Mapping[bytes, bytes]) -> bytes:
    """A .zip whose names are these bytes, without a word on their encoding."""
    content = io.BytesIO()
    marks = {}
    with zipfile.ZipFile(content, "w") as archive:
        for number, (name, held) in enumerate(files.items()):
            mark = f"<{number:0{len(name) - 2}d}>".encode()
            marks[mark] = name
            archive.writestr(mark.decode(), held)
    whole = content.getvalue()
    for mark, name in marks.items():
        assert len(mark) == len(name)
        assert whole.count(mark) == 2
        whole = whole.replace(mark, name)
    return whole


def pictures_of(*folders: bytes, below: bytes = b"/") -> dict[bytes, bytes]:
    """Two images in each folder, all different, under names long enough to be told apart."""
    return {
        folder + below + f"picture-{7 * i}{j}.png".encode(): picture(noise(10 * i + j, 8, 8))
        for i, folder in enumerate(folders)
        for j in range(3)
    }


@pytest.mark.parametrize(
    ("encoding", "names", "told"),
    [
        ("utf-8", ("café", "Straße"), ""),
        ("utf-8", (unicodedata.normalize("NFD", "café"), "猫"), ""),
        ("cp932", ("ねこ", "イヌ", "表"), "Shift-JIS"),
        ("gbk", ("小猫", "小狗"), "GBK"),
        ("cp437", ("café", "Straße"), "code page 437"),
    ],
)
def test_names_without_a_word_on_their_encoding_are_guessed_and_that_is_told(
    place: Path, encoding: str, names: tuple[str, ...], told: str
) -> None:
    (place / "own.zip").write_bytes(zipped_raw(pictures_of(*(name.encode(encoding) for name in names))))
    data = load(Choice(str(place / "own.zip")))
    assert set(data.classes) == {unicodedata.normalize("NFC", name) for name in names}
    assert told in data.found
    assert ("encoding" in data.found) == bool(told)


def test_a_zip_of_windows_has_backslashes_and_one_of_macos_more_files(place: Path) -> None:
    windows = zipped_raw(pictures_of(b"pets\\train\\ant", b"pets\\train\\bee", below=b"\\"))
    (place / "own.zip").write_bytes(windows)
    assert load(Choice(str(place / "own.zip"))).classes == ("ant", "bee")
    litter = {
        b"__MACOSX/pets/._picture-000.png": b"no image",
        b"pets/ant/._picture-000.png": b"no image",
        b"pets/.DS_Store-and-its-friends": b"x",
        b"pets/ant/Thumbs.db": b"x",
        b"pets/bee/desktop.ini": b"x",
    }
    (place / "own.zip").write_bytes(zipped_raw(pictures_of(b"pets/ant", b"pets/bee") | litter))
    data = load(Choice(str(place / "own.zip")))
    assert data.classes == ("ant", "bee")
    assert data.found == "4 train and 2 test images"


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({b"inner-archive.zip": b"x"}, r"It holds inner-archive\.zip: unpack that"),
        ({b"ant-folder/": b""}, r"at least 2 class folders .* got 0"),
        ({}, r"got 0"),
        ({b"..\\..\\evil-name.png": b"x"}, r"must stay within its folder"),
        ({b"C:\\evil-name.png": b"x"}, r"must stay within its folder"),
    ],
)
def test_a_zip_without_classes_says_what_it_holds(place: Path, files: dict[bytes, bytes], says: str) -> None:
    with pytest.raises(DataError, match=says):
        upload(zipped_raw(files), "own.zip")


def test_class_names_of_arrays_are_held_to_the_same_rule(place: Path) -> None:
    own = {"images": noise(0, 20, 8, 8), "labels": np.arange(20) % 2}
    for names, says in (
        (["a\u202eb", "b"], r"U\+202E"),
        (["caf\u00e9", "cafe\u0301"], r"'caf\u00e9' is there twice"),
        (["a", " "], r"nothing can be seen"),
    ):
        np.savez(place / "own.npz", **own, classes=np.array(names))
        with pytest.raises(DataError, match=says):
            load(Choice(str(place / "own.npz")))
    np.savez(place / "own.npz", **own, classes=np.array([" cafe\u0301", "$x_"]))
    assert load(Choice(str(place / "own.npz"))).classes == ("caf\u00e9", "$x_")


def test_a_name_in_a_message_is_text(place: Path) -> None:
    write_files(place, {"own/a/1.png": b"", "own/b/1.png": b""})
    with pytest.raises(DataError) as told:
        load(Choice(str(place / "own")))
    assert "a/1.png" in str(told.value)

"""What came of a look is remembered as long as the files are as they were, and nothing is looked for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lossviz.core.errors import DataError
from lossviz.data import Choice, find, is_known, load, recall, title_of, upload
from tests.data.layouts import noise, picture, write_files, write_idx, zipped


def pets() -> dict[str, bytes]:
    return {
        f"{k}/{i}.png": picture(noise(9 * j + i, 8, 8))
        for j, k in enumerate(("ant", "bee"))
        for i in range(3)
    }


def test_nothing_is_known_before_somebody_has_looked(place: Path) -> None:
    write_files(place / "own", pets())
    assert recall(str(place / "own")) is None
    find(str(place / "own"))
    look = recall(str(place / "own"))
    assert look is not None
    assert look.found is not None
    assert (look.found.train, look.found.test, look.problem) == (4, 2, "")


def test_to_remember_opens_and_lists_nothing(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(place / "own", pets())
    (place / "own.zip").write_bytes(zipped(pets()))
    names = (str(place / "own"), str(place / "own.zip"))
    for name in names:
        find(name)
    monkeypatch.setattr(os, "scandir", None)
    monkeypatch.setattr(Path, "open", None)
    monkeypatch.setattr("zipfile.ZipFile", None)
    assert all(recall(name) for name in names)


def test_new_files_and_folders_are_noticed(place: Path) -> None:
    write_files(place / "own", pets())
    name = str(place / "own")
    find(name)
    write_files(place / "own", {"bee/more.png": picture(noise(77, 8, 8))})
    assert recall(name) is None
    find(name)
    (place / "own" / "cat").mkdir()
    assert recall(name) is None


def test_what_was_wrong_is_remembered_until_it_is_mended(place: Path) -> None:
    name = str(place / "own.zip")
    (place / "own.zip").write_bytes(b"no zip")
    with pytest.raises(DataError):
        find(name)
    look = recall(name)
    assert look is not None
    assert "is no .zip" in look.problem
    (place / "own.zip").write_bytes(zipped(pets()))
    assert recall(name) is None


def test_what_was_absent_is_looked_for_again_once_it_is_there(place: Path) -> None:
    name = str(place / "own")
    assert find(name) is None
    look = recall(name)
    assert look is not None
    assert (look.found, look.problem) == (None, "")
    write_files(place / "own", pets())
    assert recall(name) is None
    assert find("mnist") is None
    assert recall("mnist") is not None
    write_idx(place / "mnist")
    assert recall("mnist") is None


def test_the_words_of_what_was_read_come_along(place: Path) -> None:
    same = picture(noise(1, 8, 8))
    write_files(place / "own", dict.fromkeys(pets(), same))
    name = str(place / "own")
    find(name)
    look = recall(name)
    assert look is not None
    assert look.words == ()
    load(Choice(name))
    look = recall(name)
    assert look is not None
    assert any("images are equal" in text for text in look.words)


def test_an_upload_has_the_name_of_its_file_and_is_not_parsed_twice(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = upload(zipped(pets()), "my pets.zip")
    assert title_of(name) == "my-pets.zip"
    monkeypatch.setattr("lossviz.data.pictures.read", None)
    assert load(Choice(name)).classes == ("ant", "bee")
    assert title_of("upload:" + "0" * 24) == "upload 00000000"
    assert title_of("mnist") == "MNIST"
    assert title_of("/a/b/pets") == "pets"
    assert [is_known(text) for text in ("mnist", name, "/a/b", "pets", "a.npz")] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_copies_prepared_by_older_rules_are_not_used(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lossviz.data import image_cache
    from tests.data.conftest import forget

    write_files(place / "own", pets())
    with monkeypatch.context() as before:
        before.setattr(image_cache, "_LAYOUT", image_cache._LAYOUT - 1)
        load(Choice(str(place / "own")))
    (old,) = (place.parent / "cache" / "parsed").iterdir()
    old_bytes = old.read_bytes()
    forget()
    load(Choice(str(place / "own")))
    (new,) = (place.parent / "cache" / "parsed").iterdir()
    assert new.name != old.name
    assert len(old_bytes) > 0

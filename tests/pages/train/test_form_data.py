"""What the form of the live page says of a data set; a path of a link is not looked at before a press."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lossviz import data
from lossviz.core.mode import Mode
from lossviz.data import looks
from lossviz.pages.train.ui import cost
from lossviz.pages.train.view import LiveView
from lossviz.ui import visit
from tests.data.layouts import noise, picture, write_files, zipped
from tests.pages.opened import labelled
from tests.pages.train.test_form import link, opened


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOSSVIZ_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("LOSSVIZ_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("LOSSVIZ_DATA", "")
    # What other tests of this process have looked at is not known here.
    looks._looks.clear()


def pets() -> dict[str, bytes]:
    deep = [noise(i, 8, 8).astype("uint16") * 16 + 15 for i in range(6)]
    return {f"train/{'ant' if i < 3 else 'bee'}/{i}.png": picture(deep[i]) for i in range(6)} | {
        "test/1.png": picture(noise(9, 8, 8))
    }


def captions(at: AppTest) -> str:
    return "\n".join(caption.value.replace("\\", "") for caption in at.caption)


def buttons(at: AppTest) -> list[str]:
    return [button.label for button in at.button if button.label.startswith("Look")]


def test_a_path_of_a_link_is_looked_at_on_a_press_and_what_came_of_it_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path / "pets", pets())
    looked: list[str] = []
    find = data.find

    def watched(name: str, *rest: object, **more: object) -> object:
        looked.append(name)
        return find(name, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(data, "find", watched)
    path = str(tmp_path / "pets")
    at = opened("Images", data=path)
    assert looked == []
    assert "Look counts its images" in captions(at)
    before = link(at)
    labelled(at.button, "Look").click().run()
    assert looked == [path]
    assert link(at) == before
    assert "4 train and 2 test images, found here; left out: 1 image in test" in captions(at)
    assert buttons(at) == []
    at.run()
    assert looked == [path]
    # Another visitor sees it too.
    again = opened(data=path)
    assert "4 train and 2 test images" in captions(again)
    assert looked == [path]
    # By what rule the pixels were made is known once somebody has read them.
    data.load(data.Choice(path))
    again.run()
    assert "values 0..4,095 became 0..255" in captions(again)


def test_limits_on_ones_own_machine_are_held_without_a_look_at_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path / "pets", pets())
    own = Mode.read({"LOSSVIZ_MAX_MINUTES": "60"}, "127.0.0.1")
    assert not own.shared
    monkeypatch.setattr(visit, "mode", lambda: own)
    view, problems = LiveView.from_query({"data": str(tmp_path / "pets")})
    assert not problems
    cost.show(view)
    assert data.recall(str(tmp_path / "pets")) is None


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("/no/such/folder", "There is no such file or folder"),
        ("/no/such/file.npz", "There is no such file or folder"),
        ("/proc", "where the system shows its state"),
        ("minst", "Did you mean mnist"),
    ],
)
def test_what_is_not_there_is_told_as_such_after_a_press(name: str, says: str) -> None:
    at = opened(data=name)
    assert says not in captions(at)
    assert "downloads" not in captions(at)
    labelled(at.button, "Look").click().run()
    assert not at.exception
    assert says in captions(at)
    assert "downloads" not in captions(at)
    assert buttons(at) == ["Look again"]


def test_an_upload_that_is_not_kept_is_told_as_such() -> None:
    at = opened(data="upload:" + "0" * 24)
    assert "This upload is not kept" in captions(at)
    assert "downloads" not in captions(at)
    assert buttons(at) == []


def test_an_upload_has_the_name_of_its_file_and_what_was_told_of_it() -> None:
    name = data.upload(zipped(pets()), "pets.zip")
    at = opened(data=name)
    assert "pets.zip" in labelled(at.selectbox, "Data set").options
    assert "values 0..4,095 became 0..255" in captions(at)
    assert "1 image in test" in captions(at)


def test_a_set_of_the_catalogue_says_what_is_downloaded_and_where_it_was_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Train downloads it (12 MB)" in captions(opened(data="mnist"))
    (tmp_path / "sets" / "pictures").mkdir(parents=True)
    monkeypatch.setenv("LOSSVIZ_DATA", str(tmp_path / "sets"))
    said = captions(opened(data="svhn"))
    assert f"{tmp_path / 'sets'} holds pictures" in said
    assert "train_32x32.mat" in said

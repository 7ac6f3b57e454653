"""Paths that a user gives: a home folder, quotes, what cannot be resolved, and where the cache lies."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from lossviz import cli, data
from lossviz.core import paths
from lossviz.core.errors import DataError, PathError, ReadingError, RunError
from lossviz.readings import user_file
from lossviz.runs import RunStore

ROOT = Path(__file__).parents[2]
NAMED = ("LOSSVIZ_CACHE", "LOSSVIZ_DATA", "LOSSVIZ_RUNS", "XDG_CACHE_HOME")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder; one stands in another folder, and no variable names a place."""
    (tmp_path / "home").mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in NAMED:
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


def nobody(monkeypatch: pytest.MonkeyPatch, told: str | None = None) -> None:
    """HOME says this (None: nothing), and the system knows no user here."""

    def unknown(uid: int) -> None:
        raise KeyError(f"getpwuid(): uid not found: {uid}")

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    if told is None:
        monkeypatch.delenv("HOME", raising=False)
    else:
        monkeypatch.setenv("HOME", told)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("~", "home"),
        ("~/x y", "home/x y"),
        ("~//x/", "home/x"),
        ("a/~/b", "here/a/~/b"),
        ("./~", "here/~"),
        ("'~/x'", "home/x"),
        ('"~/x" ', "home/x"),
        (" a ", "here/a"),
        ("it's", "here/it's"),
        ("ÿ/日本", "here/ÿ/日本"),
    ],
)
def test_a_path_is_read_as_a_shell_would_have(home: Path, text: str, place: str) -> None:
    assert paths.resolve(text, "--out") == home.parent / place


def test_a_user_of_this_machine_has_a_home(home: Path) -> None:
    user = pwd.getpwuid(os.getuid())
    if not os.path.isdir(user.pw_dir):
        pytest.skip("this user has no home folder")
    assert paths.resolve(f"~{user.pw_name}/x", "--out") == Path(user.pw_dir) / "x"


def test_what_has_just_this_name_is_meant(home: Path) -> None:
    for name in ("'a'", " b "):
        Path(name).mkdir()
        assert paths.resolve(name, "--data") == home.parent / "here" / name


@pytest.mark.parametrize("text", ["", "  ", "''", "a\0b", "\ud800", "~nosuchuser/x", "~nosuchuser"])
def test_what_means_no_path_is_told_with_its_option(home: Path, text: str) -> None:
    with pytest.raises(PathError) as told:
        paths.resolve(text, "--out")
    assert "--out" in str(told.value)
    str(told.value).encode()


@pytest.mark.parametrize("told", [None, "", "relative", "."])
def test_where_no_home_can_be_told_the_words_say_so(
    home: Path, monkeypatch: pytest.MonkeyPatch, told: str | None
) -> None:
    nobody(monkeypatch, told)
    with pytest.raises(PathError, match=r"LOSSVIZ_RUNS.*~.*HOME"):
        paths.resolve("~/x", "LOSSVIZ_RUNS")
    with pytest.raises(PathError, match="LOSSVIZ_CACHE"):
        paths.cache_folder()
    monkeypatch.setenv("LOSSVIZ_CACHE", "kept")
    assert paths.cache_folder() == home.parent / "here" / "kept"


def test_an_empty_home_is_none_and_the_list_of_users_is_asked(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "")
    listed = pwd.getpwuid(os.getuid()).pw_dir
    if os.path.isdir(listed):
        assert paths.resolve("~/x", "--out") == Path(listed) / "x"


def test_a_home_that_is_no_folder_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").write_text("")
    for lost in (home / "file", home / "gone"):
        monkeypatch.setenv("HOME", str(lost))
        with pytest.raises(PathError, match=str(lost)):
            paths.resolve("~/x", "--out")


def test_the_cache_lies_where_it_was_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert paths.cache_folder().is_relative_to(home)
    if sys.platform == "linux":
        assert paths.cache_folder() == home / ".cache" / "lossviz"
        for named, place in {
            "": home / ".cache",
            "relative": home / ".cache",
            "~/c": home / "c",
            "/c": Path("/c"),
        }.items():
            monkeypatch.setenv("XDG_CACHE_HOME", named)
            assert paths.cache_folder() == place / "lossviz"
    for named, place in {"~/c": home / "c", "'/c d'": Path("/c d"), "c": home.parent / "here" / "c"}.items():
        monkeypatch.setenv("LOSSVIZ_CACHE", named)
        assert paths.cache_folder() == place


def test_every_variable_is_read_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lossviz.data.places import data_folders

    monkeypatch.setenv("LOSSVIZ_RUNS", '"~/runs"')
    assert RunStore().path == home / "runs"
    monkeypatch.setenv("LOSSVIZ_RUNS", " ")
    assert RunStore().path == home.parent / "here" / "runs"
    monkeypatch.setenv("LOSSVIZ_DATA", os.pathsep.join(["'~/a'", "", " ", "b "]))
    assert data_folders() == [home / "a", home.parent / "here" / "b"]
    monkeypatch.setenv("LOSSVIZ_DATA", f'"~/a{os.pathsep}~/b"')
    assert data_folders() == [home / "a", home / "b"]


def test_what_cannot_be_resolved_is_told_where_it_is_needed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOSSVIZ_RUNS", "~nosuchuser/x")
    with pytest.raises(RunError, match="LOSSVIZ_RUNS"):
        RunStore()
    with pytest.raises(DataError, match="nosuchuser"):
        data.find("~nosuchuser/images")
    with pytest.raises(ReadingError, match="nosuchuser"):
        user_file.of_file("~nosuchuser/x.npz")
    for name in ("LOSSVIZ_DATA", "LOSSVIZ_CACHE"):
        with monkeypatch.context() as only:
            only.setenv(name, "~nosuchuser/x")
            with pytest.raises(DataError, match=name):
                data.find("mnist")
            assert data.find("digits") is not None


def test_data_and_files_in_the_home_folder_are_found(home: Path) -> None:
    import numpy as np

    labels = np.arange(30) % 3
    np.savez(home / "i.npz", images=np.random.default_rng(0).random((30, 8, 8)), labels=labels)
    np.savez(home / "m.npz", metrics=np.eye(3)[labels], labels=labels)
    found = data.find("~/i.npz")
    assert found is not None
    assert found.train + found.test == 30
    assert data.load(data.Choice("'~/i.npz'")).train.labels.numel() == found.train
    assert len(user_file.of_file("~/m.npz").labels) == 30


def test_without_a_home_data_that_were_found_are_read_and_others_say_what_to_set(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.data.layouts import noise, picture, write_files

    write_files(home / "own", {f"{k}/{n}.png": picture(noise(n, 1, 8, 8)[0]) for k in "ab" for n in range(9)})
    nobody(monkeypatch)
    assert data.load(data.Choice(str(home / "own"))).classes == ("a", "b")
    assert data.find("mnist") is None
    with pytest.raises(DataError, match="LOSSVIZ_CACHE"):
        data.load(data.Choice("mnist"))


def test_the_command_line_writes_into_the_home_folder_and_finds_what_lies_there(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, made in (
        (["field", "ce", "--resolution=20", "--out=~/f.csv"], "f.csv"),
        (["train", "--epochs", "1", "--train-images", "50", "--out='~/runs/a'"], "runs/a/config.json"),
        (["runs", "export", "~/runs/a", "--what", "config", "--out=~/c.json"], "c.json"),
        (["runs", "show", "~/runs/a"], "."),
        (["read", "~/runs/a", "--what=layers"], "."),
    ):
        assert cli.main(words) == 0, capsys.readouterr().err
        assert (home / made).exists()
    assert not list((home.parent / "here").iterdir())


@pytest.mark.parametrize(
    ("words", "environment", "named"),
    [
        (["runs", "list"], {"LOSSVIZ_RUNS": "~nosuchuser/x"}, "LOSSVIZ_RUNS"),
        (["field", "ce", "--out=~nosuchuser/f.csv"], {}, "--out"),
        (["read", "~nosuchuser/m.npz", "--what=tsne"], {}, "nosuchuser"),
        (["train", "--data", "~nosuchuser/x"], {}, "nosuchuser"),
    ],
)
def test_the_command_line_tells_a_home_that_nobody_has(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    environment: dict[str, str],
    named: str,
) -> None:
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    assert cli.main(words) == 2
    assert named in capsys.readouterr().err


def test_a_folder_one_stands_in_that_is_gone_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = home / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(PathError, match="--out"):
        paths.resolve("x", "--out")
    assert paths.resolve("~/x", "--out") == home / "x"


def test_a_page_says_in_words_that_the_runs_have_no_folder(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from streamlit.testing.v1 import AppTest

    from lossviz.ui.page_files import SCRIPT

    monkeypatch.setenv("LOSSVIZ_RUNS", "~nosuchuser/x")
    page = AppTest.from_file(SCRIPT, default_timeout=600).run()
    assert not page.exception
    assert "nosuchuser" in page.error[0].value


# Nobody can write here, not even root.
UNWRITABLE = "/proc/lossviz"


@pytest.mark.skipif(sys.platform != "linux", reason="no folder is known that nobody can write")
def test_matplotlib_keeps_its_files_in_the_cache_where_the_home_folder_cannot_be_written(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MPLCONFIGDIR", raising=False)
    monkeypatch.setenv("LOSSVIZ_CACHE", str(home / "cache"))
    paths.place_matplotlib()
    assert "MPLCONFIGDIR" not in os.environ
    for lost in (UNWRITABLE, ""):
        with monkeypatch.context() as only:
            nobody(only, lost)
            paths.place_matplotlib()
            assert os.environ.pop("MPLCONFIGDIR") == str(home / "cache" / "matplotlib")
            only.setenv("MPLCONFIGDIR", "own")
            paths.place_matplotlib()
            assert os.environ["MPLCONFIGDIR"] == "own"


@pytest.mark.skipif(sys.platform != "linux", reason="no folder is known that nobody can write")
def test_matplotlib_starts_without_a_home_and_without_a_word(home: Path) -> None:
    code = "import lossviz.figures, matplotlib; print(matplotlib.get_configdir(), matplotlib.get_cachedir())"
    for cache in (str(home / "cache"), UNWRITABLE):
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": UNWRITABLE}
        env["LOSSVIZ_CACHE"] = cache
        said = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
        assert (said.returncode, said.stderr) == (0, "")


def test_quotes_around_each_folder_of_a_list_are_taken_off(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in ('"/a":"/b"', "'/a:/b'", "/a:/b"):
        monkeypatch.setenv("LOSSVIZ_DATA", text.replace(":", os.pathsep))
        assert data.data_folders() == [Path("/a"), Path("/b")]

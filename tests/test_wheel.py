"""The wheel: what it installs, and the app's command with it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The files of a wheel that is built from a copy of the tracked files."""
    folder = tmp_path_factory.mktemp("wheel")
    tree = folder / "tree"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file() and not name.startswith(("tests/", "docs/")):
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-c", "import setuptools.build_meta as b; print(b.build_wheel('out'))"]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (wheel,) = (tree / "out").glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def test_the_wheel_holds_every_file_of_the_library_and_the_app(names: set[str]) -> None:
    library = {
        path.relative_to(ROOT).as_posix()
        for folder in ("lossviz", "models")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".js", ".css", ".png", ".json", ".gz")
    }
    pages = {f"lossviz/app/pages/{path.name}" for path in (ROOT / "pages").glob("*.py")}
    app = {"lossviz/app/app.py", "lossviz/app/.streamlit/config.toml"} | pages
    assert {name for name in names if ".dist-info/" not in name} == library | app


def test_nothing_named_app_or_pages_is_installed_beside_the_library(names: set[str]) -> None:
    assert {name.partition("/")[0] for name in names if ".dist-info/" not in name} == {"lossviz", "models"}

"""Paths: what a user gives becomes a place on this machine, and where the program keeps what it makes."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import tempfile
from pathlib import Path

import platformdirs

from lossviz.core.errors import PathError


def resolve(text: str | os.PathLike[str], what: str) -> Path:
    """The absolute path that `text` means; what: the option or variable that gives it.

    ~ and ~user are home folders, as in a shell. White space around the text and one pair of quotes,
    which files of variables leave there, are taken off, unless something has just this name. What
    does not exist is no error here. PathError where no path is meant, or a home folder cannot be told.
    """
    name = os.fspath(text)
    if not os.path.lexists(name):
        name = _bare(name)
    if not name or "\0" in name:
        raise PathError(f"{what}: a path must be given; got {os.fspath(text)[:40]!r}")
    try:
        os.fsencode(name)
    except UnicodeError:
        raise PathError(
            f"{what}: a path must be of characters that this system can write in a file's name; "
            f"got {name[:80]!a}"
        ) from None
    path = Path(name)
    if name.startswith("~"):
        user = path.parts[0]
        path = _home_of(user, what).joinpath(*path.parts[1:])
    try:
        return path.absolute()
    except FileNotFoundError:
        raise PathError(
            f"{what}: {name[:80]} is meant from the folder one stands in, which is gone; "
            "change into another, or give the whole path"
        ) from None


def _bare(text: str) -> str:
    text = text.strip()
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" and text[0] not in text[1:-1]
    return text[1:-1].strip() if quoted else text


def _home_of(user: str, what: str) -> Path:
    """The home folder that "~" or "~user" stands for."""
    found = _own_home() if user == "~" else os.path.expanduser(user)
    if not os.path.isabs(found):
        who = (
            "no home folder can be told (HOME is not set to a whole path, and the system knows no user here)"
            if user == "~"
            else f"this machine has no user {user[1:][:40]!r} with a home folder"
        )
        raise PathError(f"{what}: after ~ must come / or a user of this machine; {who}. Give the whole path")
    if not os.path.isdir(found):
        raise PathError(
            f"{what}: ~ means the home folder, but {found} is no folder. Give the whole path, or set HOME"
        )
    return Path(found)


def _own_home() -> str:
    """The home folder by HOME, else by the system's list of users; "" where neither has one."""
    if os.name == "nt":
        return os.path.expanduser("~")
    if told := os.environ.get("HOME", ""):
        return told
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return ""


def variable(variable: str) -> str:
    """The text of a variable of the environment; "" where it is not set, or blank."""
    return _bare(os.environ.get(variable, ""))


def cache_folder() -> Path:
    """LOSSVIZ_CACHE, or the folder `lossviz` among this platform's caches; it need not exist yet.

    PathError where LOSSVIZ_CACHE cannot be resolved, or it is not set and no home folder can be told.
    """
    if named := variable("LOSSVIZ_CACHE"):
        return resolve(named, "LOSSVIZ_CACHE")
    try:
        return _caches()
    except PathError as error:
        raise PathError(f"{error}, or set LOSSVIZ_CACHE to a folder that can be written") from None


def _caches() -> Path:
    if sys.platform in ("darwin", "win32"):
        return platformdirs.user_cache_path("lossviz", appauthor=False, opinion=False)
    # Without platformdirs: it heeds relative places, against the standard, and takes an empty HOME for /.
    named = variable("XDG_CACHE_HOME")
    return resolve(named if named.startswith(("/", "~")) else "~/.cache", "the cache") / "lossviz"


def writable(folder: Path | str) -> bool:
    """True if a file with something in it can be made in the folder, which is made if it is not there."""
    with contextlib.suppress(OSError, ValueError):
        os.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(1 << 16))
            return True
    return False


def own_place(name: str) -> Path | None:
    """A folder of this name in the cache; None where nothing can be kept there."""
    try:
        place = cache_folder() / name
    except PathError:
        return None
    return place if writable(place) else None


def place_matplotlib() -> None:
    """Names a folder in the cache for what matplotlib keeps, where it cannot be in the home folder.

    It would take a temporary one for each process, say so at length, and look for all fonts again.
    """
    with contextlib.suppress(PathError):
        if os.access(_home_of("~", "matplotlib"), os.W_OK | os.X_OK):
            return
    if os.environ.get("MPLCONFIGDIR"):
        return
    if place := own_place("matplotlib"):
        os.environ["MPLCONFIGDIR"] = str(place)
    else:
        logging.getLogger("matplotlib").setLevel(logging.ERROR)

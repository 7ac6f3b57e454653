"""Files of a run folder: replaced as a whole or appended by whole lines; tensors with JSON facts.

Everything is written so that a process killed at any moment leaves either the old content or the
new, and at worst one torn last line, which readers drop. Only regular files are opened, and none that
is far larger than what is kept in it: whoever may write into a folder must not stop those who read it.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import json
import math
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from lossviz.core.errors import RunError
from lossviz.core.files import PART, replacing
from lossviz.core.names import nameable

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    Array = NDArray[Any]
Facts = dict[str, Any]
Made = TypeVar("Made")

# The most bytes of a JSON file, of a file of lines, and of arrays.
MOST_JSON, MOST_LINES, MOST_ARRAYS = 1 << 20, 256 << 20, 4 << 30
# Errors of the system where nothing more can be written.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# Names of the files that `replacing` writes first, and leaves there if its process is killed; the second
# form is that of earlier versions.
ROUGH = re.compile(rf"{PART.pattern}|\..+\.[0-9a-f]{{8}}")
# Flags, where the system has them: not inherited by children, never waits, bytes as they are.
_HOW = sum(getattr(os, name, 0) for name in ("O_CLOEXEC", "O_NONBLOCK", "O_BINARY"))
_KINDS = {stat.S_IFIFO: "a pipe", stat.S_IFDIR: "a folder", stat.S_IFSOCK: "a socket"}


def open_regular(path: Path, how: int = os.O_RDONLY) -> int:
    """The handle of a regular file; never waits. OSError as the system gives it, and for pipes,
    folders and devices. how: as os.open has it."""
    with contextlib.suppress(FileNotFoundError):
        # Checked before opening: some devices act when they are opened.
        check_regular(path, os.stat(path))
    handle = os.open(path, how | _HOW, 0o666)
    try:
        check_regular(path, os.fstat(handle))
    except OSError:
        os.close(handle)
        raise
    return handle


def check_regular(path: Path, found: os.stat_result) -> None:
    """Raise OSError for a pipe, a folder or a device."""
    if not stat.S_ISREG(found.st_mode):
        raise no_file(path, f"it is {_KINDS.get(stat.S_IFMT(found.st_mode), 'a device')}, not a file")


def no_file(path: Path, why: str) -> OSError:
    """Give the error for a file that no run can have written."""
    return OSError(errno.EINVAL, why, str(path))


def read_bytes(path: Path, most: int = MOST_JSON) -> bytes:
    """Give the bytes of a regular file; OSError also for a file of more than `most` bytes."""
    with open(open_regular(path), "rb") as file:
        check_size(path, os.fstat(file.fileno()), most)
        return file.read(most)


def check_size(path: Path, found: os.stat_result, most: int) -> None:
    """Raise OSError for a file of more than `most` bytes, and for what is no regular file."""
    check_regular(path, found)
    if found.st_size > most:
        raise no_file(path, f"it has {found.st_size:,} bytes; at most {most:,} are read")


def copy_file(path: Path, to: Path) -> None:
    """Copy a regular file, into `to` where that is a folder. OSError as of `read_bytes`."""
    check_size(path, os.stat(path), MOST_ARRAYS)
    shutil.copy(path, to)


def mark(found: os.stat_result) -> tuple[int, int, int]:
    """Give a value that stands for a file as it is now, and changes once the file is replaced or written."""
    return found.st_ino, found.st_mtime_ns, found.st_size


def settled(found: os.stat_result) -> bool:
    """True if a file will have another mark once it is written again. A file written within the last second
    may be written again within the same tick of the file system's clock, and keep its mark."""
    return time.time() - found.st_mtime > 1.0


class Parsed(Generic[Made]):
    """The contents of files, parsed once and kept as long as the files stay as they are.

    A page asks for all runs several times a second. make(path): parses a file; it may raise.
    """

    def __init__(self, make: Callable[[Path], Made], most: int = 1 << 15) -> None:
        self._make, self._most = make, most
        self._kept: dict[str, tuple[tuple[int, int, int], Made]] = {}

    def __call__(self, path: Path) -> Made:
        """Give the parsed content of this file."""
        place = str(path)
        try:
            found = os.stat(place)
        except OSError:
            return self._make(path)
        known = self._kept.get(place)
        key = mark(found)
        if known and known[0] == key:
            return known[1]
        made = self._make(path)
        if settled(found):
            if len(self._kept) >= self._most:
                self._kept.clear()
            self._kept[place] = (key, made)
        return made


def replace_file(path: Path, content: bytes, *, durable: bool = False) -> None:
    """Write a file so that readers see the old content or the new, never a part.

    durable: survive a loss of power too. OSError as the system gives it; the old content stays and
    nothing else is left behind.
    """
    with replacing(path) as part:
        _write(part, content, os.O_EXCL, durable)


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Replace a JSON file."""
    replace_file(path, encode_json(value))


def encode_json(value: Mapping[str, Any]) -> bytes:
    """A JSON file; numbers that are not finite are null."""
    return (json.dumps(plain(value), indent=1) + "\n").encode()


def check_readable(path: Path, most: int) -> None:
    """Raise RunError where a file is there and cannot be read, or has more than `most` bytes."""
    try:
        check_size(path, os.stat(path), most)
        if not os.access(path, os.R_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except FileNotFoundError:
        return
    except OSError as error:
        raise RunError(f"{path.parent.name}: {path.name} cannot be read ({error.strerror})") from None


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file; RunError says what is wrong with it."""
    try:
        value = json.loads(read_bytes(path))
    except FileNotFoundError:
        raise RunError(
            f"{path.parent.name}: {path.name} is missing; this is not a whole run folder"
        ) from None
    except OSError as error:
        raise RunError(f"{path.parent.name}: {path.name} cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        raise RunError(f"{path.parent.name}: {path.name} is damaged ({str(error)[:200]})") from None
    if not isinstance(value, dict):
        raise RunError(f"{path.parent.name}: {path.name} must hold an object; got {type(value).__name__}")
    return value


def append_text(path: Path, text: str, *, create: bool = True) -> None:
    """Add text to a file, a log; OSError as the system gives it. create: make the file if it is not there."""
    _write(path, text.encode(), os.O_APPEND, create=create)


def overwrite_file(path: Path, content: bytes) -> None:
    """Put content into an existing file, in one write: for a full disk that has no room for a new file.
    The old content stays if that fails too. Shorter content is filled up with spaces."""
    handle = open_regular(path, os.O_RDWR)
    try:
        old = os.read(handle, MOST_JSON)
        new = content.ljust(len(old))
        os.lseek(handle, 0, os.SEEK_SET)
        if os.write(handle, new) < len(new):
            os.lseek(handle, 0, os.SEEK_SET)
            os.write(handle, old)
            os.ftruncate(handle, len(old))
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    finally:
        os.close(handle)


def append_line(path: Path, value: Mapping[str, Any]) -> None:
    """Add one line of JSON; numbers that are not finite are written as null."""
    line = (json.dumps(plain(value)) + "\n").encode()
    _write(path, line, os.O_APPEND)


def remove_folder(path: Path) -> None:
    """Remove a folder with all that is in it. It gets a hidden name first: nobody sees half of it, and a
    process that still writes by the old name finds nothing there. OSError as the system gives it."""
    hidden = path.with_name(f".deleted-{secrets.token_hex(8)}")
    os.rename(path, hidden)
    try:
        shutil.rmtree(hidden)
    except OSError:
        # A process was just creating a file in it when the name changed; it cannot create another.
        shutil.rmtree(hidden)


def _write(path: Path, content: bytes, how: int, durable: bool = False, create: bool = True) -> None:
    handle = open_regular(path, os.O_WRONLY | (os.O_CREAT if create else 0) | how)
    try:
        view, written = memoryview(content), 0
        while written < len(content):
            written += os.write(handle, view[written:])
        if durable:
            os.fsync(handle)
    finally:
        os.close(handle)


def parse_lines(content: bytes) -> tuple[list[dict[str, Any]], int]:
    """The objects in whole lines, and how many bytes those lines take. Lines that are no JSON
    object are left out, and values that are no numbers; null becomes NaN."""
    end = content.rfind(b"\n") + 1
    made = []
    for line in content[:end].splitlines():
        with contextlib.suppress(ValueError, RecursionError):
            value = json.loads(line)
            if isinstance(value, dict):
                numbers = {name: math.nan if v is None else v for name, v in value.items()}
                made.append({name: v for name, v in numbers.items() if is_number(v)})
    return made, end


def keep_lines(path: Path, keep: Callable[[dict[str, Any]], bool]) -> None:
    """Drop the lines that `keep` refuses, and torn ones; an absent file stays absent."""
    try:
        content = read_bytes(path, MOST_LINES)
    except FileNotFoundError:
        return
    kept = []
    for line in content[: content.rfind(b"\n") + 1].splitlines(keepends=True):
        values, _ = parse_lines(line)
        if values and keep(values[0]):
            kept.append(line)
    if b"".join(kept) != content:
        replace_file(path, b"".join(kept))


def is_number(value: Any) -> bool:
    """True if a value of a JSON file is a number that a float can hold; NaN is one."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        float(value)
    except OverflowError:
        return False
    return True


def plain(value: Any) -> Any:
    """A value for JSON: numpy and torch numbers as Python's, what is not finite as null."""
    if isinstance(value, Mapping):
        return {str(name): plain(v) for name, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if hasattr(value, "tolist") and not isinstance(value, (int, float)):
        return plain(value.tolist())
    return None if isinstance(value, float) and not math.isfinite(value) else value


def encode_arrays(arrays: Mapping[str, Array], facts: Mapping[str, Any]) -> bytes:
    """Arrays and facts as a safetensors file; the same input gives the same bytes."""
    import numpy as np
    from safetensors.numpy import save

    whole = {name: np.ascontiguousarray(value) for name, value in arrays.items()}
    return save(whole, metadata=_metadata(facts))


def encode_tensors(tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> bytes:
    """Tensors and facts as a safetensors file; the same input gives the same bytes."""
    from safetensors.torch import save

    whole = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    return save(whole, metadata=_metadata(facts))


def _metadata(facts: Mapping[str, Any]) -> dict[str, str]:
    # One entry: safetensors writes several in any order, and equal runs shall give equal bytes.
    return {"facts": json.dumps(plain(facts))}


def read_arrays(path: Path) -> tuple[dict[str, Array], Facts]:
    """The arrays (numpy) and facts of a safetensors file; RunError if it is damaged."""
    return _read(path, "np")


def read_tensors(path: Path) -> tuple[dict[str, Tensor], Facts]:
    """The tensors (torch, CPU) and facts of a safetensors file; RunError if it is damaged."""
    return _read(path, "pt")


def read_facts(path: Path) -> Facts:
    """The facts of a safetensors file alone; RunError if it is damaged."""
    return _read(path, "np", False)[1]


def _read(path: Path, framework: str, whole: bool = True) -> tuple[dict[str, Any], Facts]:
    from safetensors import SafetensorError, safe_open

    try:
        check_size(path, os.stat(path), MOST_ARRAYS)
        with _openable(path) as place, safe_open(place, framework=framework) as file:
            facts = json.loads((file.metadata() or {}).get("facts", "{}"))
            names = list(file.keys()) if whole else []
            # Copied: mapped arrays would keep the file open, and change when it changes.
            return {name: _own(file.get_tensor(name)) for name in names}, facts
    except FileNotFoundError:
        raise RunError(f"{_place(path)} is missing") from None
    except OSError as error:
        raise RunError(f"{_place(path)} cannot be read ({error.strerror or error})") from None
    except MemoryError:
        raise RunError(f"{_place(path)} needs more memory than there is") from None
    except (SafetensorError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise RunError(f"{_place(path)} is damaged ({str(error)[:200]})") from None


@contextlib.contextmanager
def _openable(path: Path) -> Iterator[Path]:
    """Give a path that safetensors can open: for a name that is not UTF-8, another name of the open file."""
    if nameable(str(path)) or not os.path.isdir("/proc/self/fd"):
        yield path
        return
    with path.open("rb") as file:
        yield Path(f"/proc/self/fd/{file.fileno()}")


def _own(value: Any) -> Any:
    import numpy as np

    return value.clone() if hasattr(value, "clone") else np.array(value)


def _place(path: Path) -> str:
    folder = path.parent
    run = folder.parent if folder.name in ("snapshots", "epochs") else folder
    return f"{run.name}: {path.relative_to(run)}"


def openable(folder: Path) -> None:
    """Raise RunError where a folder is there and cannot be opened."""
    try:
        os.scandir(folder).close()
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unreadable(folder, error) from None


def file_numbers(folder: Path) -> list[int]:
    """The numbers that name the safetensors files of a folder, in no order; none if it is absent."""
    try:
        found = map(_named_number, os.listdir(folder))
        return [number for number in found if number is not None]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _unreadable(folder, error) from None


def _unreadable(folder: Path, error: OSError) -> RunError:
    return RunError(f"{folder.parent.name}: {folder.name} cannot be read ({error.strerror})")


@functools.lru_cache(maxsize=1 << 14)
def _named_number(name: str) -> int | None:
    """Give the number in a file's name, None without one; cached, since a page that follows a run lists all
    its frames several times a second."""
    number = name.removesuffix(".safetensors")
    return int(number) if number != name and number.isascii() and number.isdigit() else None

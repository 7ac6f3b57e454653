"""Files of a run folder: replaced as a whole or appended by whole lines; tensors with JSON facts.

Everything is written so that a process killed at any moment leaves either the old content or the
new, and at worst one torn last line, which readers drop.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lossviz.errors import RunError
from lossviz.written import nameable

if TYPE_CHECKING:
    from torch import Tensor

Array = NDArray[Any]
Facts = dict[str, Any]


def replace_file(path: Path, content: bytes, *, durable: bool = False) -> None:
    """Write a file so that readers see the old content or the new, never a part.

    durable: survive a loss of power too. OSError as the system gives it; the old content stays and
    nothing else is left behind.
    """
    rough = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        _write(rough, content, os.O_EXCL, durable)
        os.replace(rough, path)
    except BaseException:
        with contextlib.suppress(OSError):
            rough.unlink()
        raise


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Replace a JSON file."""
    replace_file(path, (json.dumps(plain(value), indent=1) + "\n").encode())


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file; RunError says what is wrong with it."""
    try:
        value = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise RunError(
            f"{path.parent.name}: {path.name} is missing; this is not a whole run folder"
        ) from None
    except OSError as error:
        raise RunError(f"{path.parent.name}: {path.name} cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        raise RunError(f"{path.parent.name}: {path.name} is damaged ({error})") from None
    if not isinstance(value, dict):
        raise RunError(f"{path.parent.name}: {path.name} must hold an object; got {type(value).__name__}")
    return value


def append_line(path: Path, value: Mapping[str, Any]) -> None:
    """Add one line of JSON; numbers that are not finite are written as null."""
    line = (json.dumps(plain(value)) + "\n").encode()
    _write(path, line, os.O_APPEND)


def _write(path: Path, content: bytes, how: int, durable: bool = False) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | how, 0o666)
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
        content = path.read_bytes()
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
    """Whether a value of a JSON file is a number that a float can hold; NaN is one."""
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
        with _openable(path) as place, safe_open(place, framework=framework) as file:
            facts = json.loads((file.metadata() or {}).get("facts", "{}"))
            names = list(file.keys()) if whole else []
            # Copies: mapped arrays would hold the file, and change if it did.
            return {name: _own(file.get_tensor(name)) for name in names}, facts
    except FileNotFoundError:
        raise RunError(f"{_place(path)} is missing") from None
    except OSError as error:
        raise RunError(f"{_place(path)} cannot be read ({error.strerror or error})") from None
    except (SafetensorError, ValueError, TypeError, KeyError) as error:
        raise RunError(f"{_place(path)} is damaged ({error})") from None


@contextlib.contextmanager
def _openable(path: Path) -> Iterator[Path]:
    """The path; of one that is no UTF-8, which safetensors does not open, another name of the open file."""
    if nameable(str(path)):
        yield path
        return
    with path.open("rb") as file:
        yield Path(f"/proc/self/fd/{file.fileno()}")


def _own(value: Any) -> Any:
    return value.clone() if hasattr(value, "clone") else np.array(value)


def _place(path: Path) -> str:
    folder = path.parent
    run = folder.parent if folder.name in ("snapshots", "epochs") else folder
    return f"{run.name}: {path.relative_to(run)}"


def openable(folder: Path) -> None:
    """RunError where a folder is there and cannot be opened."""
    _ = next(iter(numbered(folder)), None)


def numbered(folder: Path) -> Iterable[int]:
    """The numbers that name the safetensors files of a folder, in no order; none if it is absent."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                stem, _, kind = entry.name.partition(".")
                if kind == "safetensors" and stem.isascii() and stem.isdigit():
                    yield int(stem)
    except FileNotFoundError:
        return
    except OSError as error:
        raise RunError(f"{folder.parent.name}: {folder.name} cannot be read ({error.strerror})") from None

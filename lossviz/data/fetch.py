"""Downloads to the cache: every file whole and with the right checksum, or not at all."""

from __future__ import annotations

import logging
import tempfile
import zipfile
from pathlib import Path

from lossviz.core.errors import DataError
from lossviz.core.paths import cache_folder
from lossviz.data.sets import spec_of
from lossviz.data.spec import DataSpec, Progress, Source

# Seconds to connect, and without a byte.
_PATIENCE = (10, 60)


def download(name: str, progress: Progress | None = None) -> Path:
    """The folder in the cache with all files of the data set; fetches those that are missing or damaged.

    Each url of a file is tried in turn. What arrives is moved to its place only if its checksum is
    right (or, where none is published, if it can be opened); the copy that is there stays until
    then. DataError says what was tried and why it failed.
    """
    spec = spec_of(name)
    if not spec.sources:
        raise DataError(f"{name}: there is nothing to download; it comes with the program")
    folder = cache_folder() / spec.key
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise _unwritable(spec, folder, error) from error
    for number, source in enumerate(spec.sources):
        _fetch(spec, source, folder, _Bar(spec, source, number, progress))
    return folder


def _unwritable(spec: DataSpec, folder: Path, error: OSError) -> DataError:
    return DataError(
        f"{spec.key}: the cache {folder} cannot be written ({error.strerror or error}). Free space "
        "there, give the right to write, or name another folder in LOSSVIZ_CACHE."
    )


class _Bar:
    """The progress bar of pooch: passes a download on as the share of all files of the data set."""

    def __init__(self, spec: DataSpec, source: Source, number: int, progress: Progress | None) -> None:
        self.spec, self.source, self.number, self.progress = spec, source, number, progress
        self.total, self.done = 0, 0

    def update(self, count: int) -> None:
        self.done += count
        if self.progress is not None:
            within = min(1.0, self.done / self.total) if self.total else 0.0
            text = f"downloading {self.source.file}, {self.done / 1e6:,.1f} MB"
            if self.total:
                text += f" of {self.total / 1e6:,.1f} MB"
            self.progress(text, (self.number + within) / len(self.spec.sources))

    def reset(self) -> None:
        self.done = 0

    def close(self) -> None:
        pass


def _fetch(spec: DataSpec, source: Source, folder: Path, bar: _Bar) -> None:
    path = folder / source.file
    if source.checksum is None and path.is_file():
        return
    import pooch  # type: ignore[import-untyped]
    import requests

    # pooch tells every step on stderr; the user is told by `progress`.
    pooch.get_logger().setLevel(logging.ERROR)
    failures = []
    for url in source.urls:
        bar.reset()
        # Where nothing is published the file is checked after the download, under another name.
        target = source.file if source.checksum else f"{source.file}.unchecked"
        try:
            # Leaves a file that is there with the right checksum as it is.
            pooch.retrieve(
                url,
                known_hash=source.checksum,
                fname=target,
                path=folder,
                downloader=pooch.HTTPDownloader(progressbar=bar, chunk_size=1 << 16, timeout=_PATIENCE),
            )
            if not source.checksum:
                _accept(folder / target, path)
            return
        # Kinds of OSError that are none of this machine's disk.
        except (requests.RequestException, ConnectionError, TimeoutError) as error:
            failures.append(f"{url}: {_short(error)}")
        except OSError as error:
            raise _unwritable(spec, folder, error) from error
        # pooch raises a ValueError for a wrong checksum.
        except ValueError as error:
            reason = "what arrived has the wrong checksum" if "hash" in str(error) else str(error)
            failures.append(f"{url}: {reason}")
    raise DataError(
        f"{spec.key}: {source.file} could not be downloaded ({'; '.join(failures)}). Try again later, or put "
        f"the file into a folder that LOSSVIZ_DATA names, or into {folder}."
    )


def _short(error: OSError) -> str:
    """The reason without the addresses and objects that requests writes around it."""
    response = getattr(error, "response", None)
    if response is not None:
        return f"the server answered {response.status_code}"
    if error.errno is not None and error.strerror:
        return error.strerror
    kind = type(error).__name__
    return {
        "ConnectionError": "no connection",
        "ConnectTimeout": "no connection in time",
        "ReadTimeout": "the server fell silent",
        "ChunkedEncodingError": "the connection broke off",
    }.get(kind, kind)


def _accept(arrived: Path, path: Path) -> None:
    """Moves an archive without a published checksum to its place if its directory can be read."""
    try:
        zipfile.ZipFile(arrived).close()
    except zipfile.BadZipFile as error:
        arrived.unlink()
        raise ValueError("what arrived is no .zip") from error
    arrived.replace(path)

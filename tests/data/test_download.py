"""Downloads from a server on this machine: right, wrong, cut off, missing, and again after a failure."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lossviz.core.errors import DataError
from lossviz.data import Choice, Source, download, fetch, find, load, loading, sets
from tests.data.conftest import forget
from tests.data.layouts import write_idx, zipped

FILES = [f"{split}-{kind}-ubyte.gz" for split in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")]


@dataclass
class Server:
    """What it answers by path: the bytes sent and how many it announces. asked: the paths, in order."""

    url: str = ""
    answers: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def offer(self, path: str, content: bytes, announced: int | None = None) -> None:
        self.answers[path] = (content, len(content) if announced is None else announced)

    def offer_all(self, folder: str, files: dict[str, bytes]) -> None:
        for name, content in files.items():
            self.offer(f"/{folder}/{name}", content)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append(self.path)
            if self.path not in state.answers:
                self.send_error(404)
                return
            content, announced = state.answers[self.path]
            self.send_response(200)
            self.send_header("Content-Length", str(announced))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        state.url = f"http://127.0.0.1:{running.server_port}"
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("NO_PROXY", "*")
        yield state
        running.shutdown()
        thread.join()


@pytest.fixture
def official(
    place: Path, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, bytes]:
    """A small MNIST whose four files a first (empty) and a second server path are to offer, by file."""
    write_idx(tmp_path / "made", train=20, test=10)
    files = {name: (tmp_path / "made" / name).read_bytes() for name in FILES}
    sources = tuple(
        Source(
            name,
            (f"{server.url}/first/{name}", f"{server.url}/second/{name}"),
            f"sha256:{hashlib.sha256(content).hexdigest()}",
            len(content),
        )
        for name, content in files.items()
    )
    small = replace(sets.catalogue()["mnist"], sources=sources, train=20, test=10)
    monkeypatch.setitem(sets._CATALOGUE, "mnist", small)
    monkeypatch.setattr(loading, "download", fetch.download)
    return files


def cached(place: Path) -> dict[str, bytes]:
    folder = place.parent / "cache" / "mnist"
    return {file.name: file.read_bytes() for file in folder.iterdir()} if folder.is_dir() else {}


def test_what_is_nowhere_found_is_downloaded_and_loaded(
    place: Path, server: Server, official: dict[str, bytes]
) -> None:
    server.offer_all("first", official)
    assert find("mnist") is None
    told: list[tuple[str, float]] = []
    data = load(Choice("mnist"), lambda what, share: told.append((what, share)))
    assert data.found == "20 of 20 train and 10 of 10 test images"
    assert data.complete
    assert cached(place) == official
    down = [share for what, share in told if what.startswith("downloading")]
    assert down == sorted(down)
    assert down[-1] == 1.0
    assert "train-images-idx3-ubyte.gz" in told[0][0]
    assert told[-1][1] == 1.0


def test_a_whole_copy_is_not_downloaded_again(
    place: Path, server: Server, official: dict[str, bytes]
) -> None:
    server.offer_all("first", official)
    download("mnist")
    server.asked.clear()
    assert download("mnist") == place.parent / "cache" / "mnist"
    assert server.asked == []


def test_a_missing_page_sends_on_to_the_mirror(
    place: Path, server: Server, official: dict[str, bytes]
) -> None:
    server.offer_all("second", official)
    download("mnist")
    assert cached(place) == official
    assert server.asked[:2] == [f"/first/{FILES[0]}", f"/second/{FILES[0]}"]


@pytest.mark.parametrize("kind", ["wrong bytes", "cut off", "missing", "no server"])
def test_a_failed_download_leaves_nothing_and_says_where_it_failed(
    place: Path, server: Server, official: dict[str, bytes], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reason = {
        "wrong bytes": "what arrived has the wrong checksum",
        "cut off": "the connection broke off",
        "missing": "the server answered 404",
        "no server": "no connection",
    }[kind]
    if kind == "no server":
        spec = sets.catalogue()["mnist"]
        gone = tuple(replace(s, urls=(f"http://127.0.0.1:1/first/{s.file}",)) for s in spec.sources)
        monkeypatch.setitem(sets._CATALOGUE, "mnist", replace(spec, sources=gone))
    for name, content in official.items():
        if kind == "wrong bytes":
            server.offer(f"/first/{name}", b"x" + content[1:])
        elif kind == "cut off":
            server.offer(f"/first/{name}", content[:100], announced=len(content))
    with pytest.raises(DataError) as told:
        load(Choice("mnist"))
    text = str(told.value)
    assert f"/first/{FILES[0]}: {reason}" in text
    assert "LOSSVIZ_DATA" in text
    assert "not found" in text
    assert cached(place) == {}


def test_after_a_failure_the_files_that_are_right_stay_and_only_the_rest_is_fetched(
    place: Path, server: Server, official: dict[str, bytes]
) -> None:
    server.offer(f"/first/{FILES[0]}", official[FILES[0]])
    server.offer(f"/first/{FILES[1]}", b"damaged on the way")
    with pytest.raises(DataError, match=FILES[1]):
        download("mnist")
    assert cached(place) == {FILES[0]: official[FILES[0]]}
    server.offer_all("first", official)
    server.asked.clear()
    download("mnist")
    assert server.asked == [f"/first/{name}" for name in FILES[1:]]
    assert cached(place) == official


def test_a_damaged_file_in_the_cache_is_replaced_but_not_by_something_worse(
    place: Path, server: Server, official: dict[str, bytes]
) -> None:
    folder = place.parent / "cache" / "mnist"
    folder.mkdir(parents=True)
    (folder / FILES[0]).write_bytes(b"damaged here")
    server.offer(f"/first/{FILES[0]}", b"damaged on the way")
    with pytest.raises(DataError):
        download("mnist")
    assert cached(place) == {FILES[0]: b"damaged here"}
    server.offer_all("first", official)
    download("mnist")
    assert cached(place) == official


def test_loading_mends_a_damaged_file_of_the_cache_but_leaves_those_of_the_user(
    place: Path, server: Server, official: dict[str, bytes]
) -> None:
    server.offer_all("first", official)
    download("mnist")
    server.asked.clear()
    path = place.parent / "cache" / "mnist" / FILES[0]
    path.write_bytes(path.read_bytes()[:-100])
    assert len(load(Choice("mnist")).train) == 20
    assert server.asked == [f"/first/{FILES[0]}"]
    assert cached(place) == official
    write_idx(place / "mnist", train=20, test=10)
    mine = place / "mnist" / FILES[0]
    mine.write_bytes(mine.read_bytes()[:-100])
    kept = mine.read_bytes()
    server.asked.clear()
    # The good copy of the cache is not hidden by the damaged one before it, and that is told.
    data = load(Choice("mnist"))
    assert len(data.train) == 20
    assert "damaged" in data.found
    assert str(place / "mnist") in data.found
    assert mine.read_bytes() == kept
    shutil.rmtree(place.parent / "cache" / "mnist")
    forget()
    with pytest.raises(DataError, match="damaged"):
        load(Choice("mnist"))
    assert server.asked == []


def test_the_copy_of_the_user_is_taken_before_the_network(
    place: Path, server: Server, official: dict[str, bytes]
) -> None:
    # Other bytes than the published ones: a re-packed copy that parses is used as it is.
    write_idx(place / "mnist", train=20, test=10, packed=False)
    assert load(Choice("mnist")).complete
    assert server.asked == []


def test_without_a_published_checksum_what_arrives_must_be_a_zip(
    place: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = replace(sets.catalogue()["awa2"], sources=(Source("AwA2-data.zip", (f"{server.url}/a.zip",)),))
    monkeypatch.setitem(sets._CATALOGUE, "awa2", spec)
    server.offer("/a.zip", b"<html>moved</html>")
    with pytest.raises(DataError, match=r"what arrived is no \.zip"):
        download("awa2")
    folder = place.parent / "cache" / "awa2"
    assert list(folder.iterdir()) == []
    whole = zipped({"Animals_with_Attributes2/classes.txt": b"1 antelope"})
    server.offer("/a.zip", whole)
    assert (download("awa2") / "AwA2-data.zip").read_bytes() == whole
    assert [file.name for file in folder.iterdir()] == ["AwA2-data.zip"]
    server.asked.clear()
    download("awa2")
    assert server.asked == []


def test_what_comes_with_the_program_is_not_downloaded() -> None:
    with pytest.raises(DataError, match="digits: there is nothing to download"):
        download("digits")


@pytest.mark.parametrize("why", ["a file in its place", "full", "read-only"])
def test_a_cache_that_cannot_be_written_is_named_and_no_address_is_blamed(
    place: Path, server: Server, official: dict[str, bytes], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.offer_all("first", official)
    cache = place.parent / "cache"
    number = {"full": errno.ENOSPC, "read-only": errno.EROFS}.get(why, errno.ENOTDIR)
    if why == "a file in its place":
        cache.write_bytes(b"")
    else:

        def refuse(*_: object, **__: object) -> None:
            raise OSError(number, os.strerror(number))

        target = "pooch.core.shutil.move" if why == "full" else "lossviz.data.fetch.tempfile.TemporaryFile"
        monkeypatch.setattr(target, refuse)
    with pytest.raises(DataError) as told:
        load(Choice("mnist"))
    text = str(told.value)
    assert f"the cache {cache / 'mnist'} cannot be written ({os.strerror(number)})" in text
    assert "LOSSVIZ_CACHE" in text
    assert server.url not in text

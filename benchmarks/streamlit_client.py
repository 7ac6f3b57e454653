"""A visitor without a browser: Streamlit's own protocol over its websocket, and plain GET requests.

Does what the browser side does to a server: sends reruns with all widget states, obeys `auto_rerun` of
fragments without waiting for answers, and lets the server keep its messages short by naming none.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from types import TracebackType
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.BidiComponent_pb2 import BidiComponent
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.Slider_pb2 import Slider
from websockets.asyncio.client import ClientConnection, connect

WHOLE = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_WITH_COMPILE_ERROR)


@dataclass
class Session:
    """One tab. `page`: the name in the address, "" for the first one; `query`: what follows the ?."""

    url: str
    page: str = ""
    query: str = ""
    elements: dict[str, Slider | BidiComponent] = field(default_factory=dict)  # by id, the newest
    exceptions: list[str] = field(default_factory=list)
    received: int = 0  # bytes
    _socket: ClientConnection | None = None
    _states: dict[str, list[float]] = field(default_factory=dict)
    _script: str = ""
    _timers: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _finished: asyncio.Event = field(default_factory=asyncio.Event)
    _reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Session:
        parts = urlsplit(self.url)
        self._socket = await connect(
            f"ws://{parts.netloc}/_stcore/stream",
            origin=self.url.rstrip("/"),  # type: ignore[arg-type]
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=None,
            compression=None,
            ping_interval=None,
            open_timeout=60,
        )
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for timer in self._timers.values():
            timer.cancel()
        if self._reader:
            self._reader.cancel()
        if self._socket:
            await self._socket.close()

    def sliders(self) -> list[Slider]:
        """The sliders of the page."""
        return [element for element in self.elements.values() if isinstance(element, Slider)]

    def components(self) -> list[BidiComponent]:
        """The components of the page."""
        return [element for element in self.elements.values() if isinstance(element, BidiComponent)]

    async def open(self) -> float:
        """Open the page; seconds until the script is through."""
        return await self._run()

    async def follow(self, query: str) -> float:
        """Follow a link on the same page; seconds until the script is through."""
        self.query = query
        return await self._run()

    async def slide(self, element: str, value: float) -> float:
        """Move a slider; seconds until the script is through."""
        self._states[element] = [value]
        return await self._run()

    async def _run(self) -> float:
        self._finished.clear()
        began = time.perf_counter()
        await self._send()
        await self._finished.wait()
        return time.perf_counter() - began

    async def _send(self, fragment: str = "") -> None:
        message = BackMsg()
        state = message.rerun_script
        state.query_string = self.query
        state.page_script_hash = self._script
        if not self._script:
            state.page_name = self.page
        for element, values in self._states.items():
            widget = state.widget_states.widgets.add()
            widget.id = element
            widget.double_array_value.data.extend(values)
        if fragment:
            state.fragment_id, state.is_auto_rerun = fragment, True
        assert self._socket is not None
        await self._socket.send(message.SerializeToString())

    async def _read(self) -> None:
        assert self._socket is not None
        async for data in self._socket:
            assert isinstance(data, bytes)
            self.received += len(data)
            message = ForwardMsg.FromString(data)
            self._heed(message)

    def _heed(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self._script = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "auto_rerun":
            self._repeat(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "script_finished" and message.script_finished in WHOLE:
            self._finished.set()
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            if element.WhichOneof("type") == "slider":
                self.elements[element.slider.id] = element.slider
            elif element.WhichOneof("type") == "exception":
                self.exceptions.append(element.exception.message)
            elif element.WhichOneof("type") == "bidi_component":
                sent = element.bidi_component
                self.elements[sent.id] = sent

    def _repeat(self, fragment: str, interval: float) -> None:
        async def beat() -> None:
            while True:
                await asyncio.sleep(interval)
                with contextlib.suppress(Exception):
                    await self._send(fragment)

        old = self._timers.pop(fragment, None)
        if old:
            old.cancel()
        self._timers[fragment] = asyncio.create_task(beat())


class Fetcher:
    """GET requests over one kept connection, as a browser's fetch does; each names its watcher."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host, self.port, self.netloc = parts.hostname or "", parts.port or 80, parts.netloc
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str, etag: str = "") -> tuple[int, dict[str, str], bytes]:
        """Status, headers in lower case, and body."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self.host, self.port)
        reader, writer = self._streams
        known = f"Lossviz-Watcher: {id(self)}\r\n" + (f"If-None-Match: {etag}\r\n" if etag else "")
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: {self.netloc}\r\nAccept-Encoding: gzip\r\n{known}\r\n".encode()
        )
        await writer.drain()
        status = int((await reader.readline()).split()[1])
        headers: dict[str, str] = {}
        while line := (await reader.readline()).strip():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        if headers.get("transfer-encoding") == "chunked":
            chunks = []
            while size := int(await reader.readline(), 16):
                chunks.append(await reader.readexactly(size))
                await reader.readline()
            await reader.readline()
            body = b"".join(chunks)
        else:
            body = await reader.readexactly(int(headers.get("content-length", 0)))
        return status, headers, body

    def close(self) -> None:
        """End the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

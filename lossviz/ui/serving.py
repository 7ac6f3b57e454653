"""Answers of our own routes: bytes with an ETag, made by a thread once for all who ask for the same."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from weakref import WeakKeyDictionary

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from streamlit.logger import get_logger

from lossviz.core.errors import LossvizError, RunError
from lossviz.core.packet import Packet

MAKERS = 2  # threads: more would only wait for each other

Make = Callable[[], Packet]
Told = Callable[[Request], Mapping[str, str]]
Endpoint = Callable[[Request], Awaitable[Response]]


def below(base: str, path: str) -> str:
    """Give a path of ours where the app is served below `base`; base "" is the root."""
    return "/" + "/".join(filter(None, [base.strip("/"), path]))


def nothing(request: Request) -> Mapping[str, str]:
    """Tell a browser nothing more."""
    return {}


def endpoint(found: Callable[[Request], tuple[Packet | None, Make]], told: Told = nothing) -> Endpoint:
    """Make an endpoint. found: gives the packet if it is at hand, and a function that makes it; `found`
    itself must not compute or wait.

    told: gives headers for the browser that asks. RunError is answered by 404, other LossvizErrors by 400,
    each with its words.
    """

    async def answer(request: Request) -> Response:
        try:
            packet, make = found(request)
            if packet is None:
                packet = await _once((found, str(request.url.path), request.url.query), make)
        except RunError as error:
            return _refused(404, str(error))
        except LossvizError as error:
            return _refused(400, str(error))
        except Exception as error:  # a failed answer must not clear what browsers show
            get_logger("lossviz").error("a route failed: %s", request.url.path, exc_info=error)
            return _refused(500, "this could not be made; the reason is in the log of the server")
        return _response(request, packet, told(request))

    return answer


def _response(request: Request, packet: Packet, told: Mapping[str, str]) -> Response:
    headers = {
        "ETag": f'"{packet.etag}"',
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
        **told,
    }
    if packet.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    # Set, so that Streamlit does not compress each answer: that gains little on float32 numbers.
    headers["Content-Encoding"] = "identity"
    return Response(packet.data, headers=headers, media_type=packet.media_type)


def _refused(status: int, words: str) -> Response:
    return JSONResponse({"error": words}, status, headers={"Cache-Control": "no-store"})


# Packets that are being made, by request.
_flights: dict[object, asyncio.Future[Packet]] = {}
_limiters: WeakKeyDictionary[asyncio.AbstractEventLoop, CapacityLimiter] = WeakKeyDictionary()


async def _once(key: object, make: Make) -> Packet:
    """Make the packet in a thread, once for all that ask for it meanwhile."""
    loop = asyncio.get_running_loop()
    flight = _flights.get(key)
    if flight is None or flight.get_loop() is not loop:
        limiter = _limiters.setdefault(loop, CapacityLimiter(MAKERS))
        flight = _flights[key] = asyncio.ensure_future(to_thread.run_sync(make, limiter=limiter))
        flight.add_done_callback(partial(_landed, key))
    # If one who waits leaves, the work goes on for the others.
    return await asyncio.shield(flight)


def _landed(key: object, flight: asyncio.Future[Packet]) -> None:
    _flights.pop(key, None)
    if not flight.cancelled():
        flight.exception()  # mark it as seen: those who wait get it, and there may be none left

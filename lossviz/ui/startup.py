"""The start of the server: it listens at once, while a thread imports what the first page needs.

Importing torch takes longer than all the rest of the start; a browser loads the page's scripts beside it.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import streamlit as st

_thread: threading.Thread | None = None


def lifespan(load: Callable[[], object]) -> Callable[[st.App], AbstractAsyncContextManager[None]]:
    """Make the lifespan of the app. load: imports what the first page needs, while the server starts."""

    def loading() -> None:
        # Nothing that is imported is garbage; searching it again and again takes a fifth of the time.
        gc.disable()
        try:
            load()
        finally:
            gc.freeze()
            gc.enable()

    @asynccontextmanager
    async def span(app: st.App) -> AsyncIterator[None]:
        global _thread
        _thread = threading.Thread(target=loading, name="lossviz-startup")
        _thread.start()
        yield

    return span


def wait() -> None:
    """Wait until the imports have ended. A thread that imported the same modules beside them might be given
    one that is half made."""
    if _thread is not None:
        _thread.join()

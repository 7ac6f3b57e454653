"""The frame of every page: style, icon, text for screen readers, settings of the process."""

from __future__ import annotations

import gc
import threading
import time
from functools import cache
from html import escape
from pathlib import Path

import streamlit as st

from lossviz.core.errors import LossvizError
from lossviz.figures import palette
from lossviz.ui import startup
from lossviz.ui.binding import plain, sentence


@cache
def _style() -> str:
    css = (Path(__file__).parent / "chrome.css").read_text(encoding="utf-8")
    # Streamlit gives the styles of the main page no colours, only which scheme, light or dark, it follows.
    ground = f"light-dark({palette.LIGHT.background}, {palette.DARK.background})"
    return f"<style>.stApp {{ --lv-ground: {ground}; }}\n{css}</style>"


IDLE_S, BUSY_S = 5.0, 30.0
# Our own file: an icon given by name would be fetched from the network at every visit.
ICON = str(Path(__file__).parent / "icon.png")


class _Sweeper:
    """Collects garbage when no page has run for IDLE_S seconds, and at least every BUSY_S seconds where some
    page always runs, as in a class; Streamlit is told not to collect. Objects that are left after the first
    collection are frozen: later ones do not look at them again, which makes these short."""

    def __init__(self) -> None:
        self.last_run = self.swept = time.monotonic()
        self.due, self.frozen = False, False
        threading.Thread(target=self._watch, name="lossviz-sweeper", daemon=True).start()

    def ran(self) -> None:
        """Note that a page is running."""
        self.last_run, self.due = time.monotonic(), True

    def _watch(self) -> None:
        while True:
            time.sleep(IDLE_S)
            now = time.monotonic()
            if self.due and (now - self.last_run > IDLE_S or now - self.swept > BUSY_S):
                self.due, self.swept = False, now
                gc.collect()
                if not self.frozen:
                    gc.freeze()
                    self.frozen = True


@cache
def _sweeper() -> _Sweeper:
    return _Sweeper()


def screen_reader_text(text: str) -> None:
    """Write for screen readers, in words, the content of a picture."""
    if text:
        st.html(f'<p class="heard">{escape(text)}</p>')


def limit_threads() -> None:
    """Keep the server to one thread of arithmetic.

    Several torch threads wait for each other in a busy loop; beside a busy browser a field that needs
    5 ms then takes up to a second (measured on 2 cores).
    """
    import torch

    if torch.get_num_threads() != 1:
        torch.set_num_threads(1)


def apply() -> None:
    """Tighten the layout around the pictures, and wait until pages can be drawn.

    Where LOSSVIZ_RUNS names no folder, so that no runs can be kept, the page says only that.
    """
    _sweeper().ran()
    st.html(_style())
    startup.wait()
    limit_threads()
    from lossviz.runs import RunStore

    try:
        RunStore()
    except LossvizError as error:
        st.error(plain(sentence(str(error))))
        st.stop()

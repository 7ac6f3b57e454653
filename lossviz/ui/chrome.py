"""What frames every page."""

from __future__ import annotations

import gc
import threading
import time
from functools import cache
from html import escape
from pathlib import Path

import streamlit as st
import torch

from lossviz.core.errors import LossvizError
from lossviz.figures import palette
from lossviz.runs import RunStore
from lossviz.ui.binding import plain, sentence


@cache
def _style() -> str:
    css = (Path(__file__).parent / "chrome.css").read_text(encoding="utf-8")
    # Streamlit tells the main page nothing of its colours but which of the two schemes it follows.
    ground = f"light-dark({palette.LIGHT.background}, {palette.DARK.background})"
    return f"<style>.stApp {{ --lv-ground: {ground}; }}\n{css}</style>"


IDLE_S, BUSY_S = 5.0, 30.0
# A file of our own: a named icon would be fetched from the network at every visit.
ICON = str(Path(__file__).parent / "icon.png")


class _Sweeper:
    """Collects garbage when no page has run for a while, and in a class, where some page always runs, now and
    then, since Streamlit is told not to. What is there after the first time stays: it is not looked at again,
    which makes the others short."""

    def __init__(self) -> None:
        self.last_run = self.swept = time.monotonic()
        self.due = False
        threading.Thread(target=self._watch, name="lossviz-sweeper", daemon=True).start()

    def ran(self) -> None:
        """A page is running."""
        self.last_run, self.due = time.monotonic(), True

    def _watch(self) -> None:
        while True:
            time.sleep(IDLE_S)
            now = time.monotonic()
            if self.due and (now - self.last_run > IDLE_S or now - self.swept > BUSY_S):
                self.due, self.swept = False, now
                gc.collect()
                if not gc.get_freeze_count():
                    gc.freeze()


@cache
def _sweeper() -> _Sweeper:
    return _Sweeper()


def heard(text: str) -> None:
    """What a picture shows, in words, for those who listen."""
    if text:
        st.html(f'<p class="heard">{escape(text)}</p>')


def apply() -> None:
    """Tighten the layout around the pictures, and keep the server to one thread of arithmetic.

    Where no runs can be kept because LOSSVIZ_RUNS means no folder, that is all that the page says.

    Several torch threads wait for each other by spinning; beside a busy browser a field of 5 ms
    then takes up to a second (measured on 2 cores).
    """
    if torch.get_num_threads() != 1:
        torch.set_num_threads(1)
    _sweeper().ran()
    st.html(_style())
    try:
        RunStore()
    except LossvizError as error:
        st.error(plain(sentence(str(error))))
        st.stop()

"""What frames every page."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st
import torch


@cache
def _style() -> str:
    css = (Path(__file__).parent / "chrome.css").read_text(encoding="utf-8")
    return f"<style>{css}</style>"


def apply() -> None:
    """Tighten the layout around the pictures, and keep the server to one thread of arithmetic.

    Several torch threads wait for each other by spinning; beside a busy browser a field of 5 ms
    then takes up to a second (measured on 2 cores).
    """
    if torch.get_num_threads() != 1:
        torch.set_num_threads(1)
    st.html(_style())

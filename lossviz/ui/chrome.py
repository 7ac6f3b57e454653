"""What frames every page."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st


@cache
def _style() -> str:
    css = (Path(__file__).parent / "chrome.css").read_text(encoding="utf-8")
    return f"<style>{css}</style>"


def apply() -> None:
    """Tighten the layout around the pictures."""
    st.html(_style())

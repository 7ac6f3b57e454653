"""The uploader: a file that the browser sends is taken once, and what is wrong with it is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from lossviz.core.errors import LossvizError
from lossviz.ui.binding import plain

Made = TypeVar("Made")


def upload(
    label: str, types: Sequence[str], key: str, take: Callable[[bytes, str], Made], **options: object
) -> Made | None:
    """Draw an uploader. Gives what `take(content, name)` makes of a file when it has just come, else None; a
    LossvizError or OSError of it is shown as long as the file is."""
    file = st.file_uploader(label, list(types), key=key, **options)  # type: ignore[call-overload]
    if file is None:
        return None
    slot = f"{key} sent"
    seen, problem = st.session_state.get(slot, ("", ""))
    if seen != file.file_id:
        problem = ""
        st.session_state[slot] = file.file_id, problem
        try:
            return take(file.getvalue(), file.name)
        except (LossvizError, OSError) as error:
            problem = str(error)
            st.session_state[slot] = file.file_id, problem
    if problem:
        st.error(plain(problem))
    return None

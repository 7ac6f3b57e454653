"""Components of the browser: a folder each, with its JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import streamlit as st

from lossviz.figures.module_bundle import bundle, style


class Mount(Protocol):
    """Shows a component: its data, the key of its element, and on_<trigger>: called when that is told."""

    def __call__(self, data: Any, *, key: str, **heard: Callable[[], None] | None) -> Any:
        """Give the component's state."""


def component(name: str, folder: Path, *triggers: str, css: Sequence[Path] = ()) -> Mount:
    """Declare a component: `main.js` of a folder with all that it imports, and its style.

    css: the files of the style, where it is not `<name>.css` beside it.
    triggers: what it may tell; a page may leave any of them unheard.
    """
    own = folder / f"{name}.css"
    files = css or ([own] if own.is_file() else [])
    text = style(*files) if files else None
    made = st.components.v2.component(f"lossviz_{name}", html="", css=text, js=bundle(folder / "main.js"))

    def mount(data: Any, *, key: str, **heard: Callable[[], None] | None) -> Any:
        calls: dict[str, Any] = {
            f"on_{told}_change": heard.pop(f"on_{told}", None) or _nothing for told in triggers
        }
        if heard:
            raise TypeError(f"{name}: triggers are {', '.join(triggers) or 'none'}; got {', '.join(heard)}")
        return made(key=key, data=data, **calls)

    return mount


def _nothing() -> None:
    """Hear a trigger that no page listens to."""

"""The control of a matrix: a switch between none and one, and the table of the one, edited by its cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from lossviz.core.matrices import Matrix
from lossviz.core.settings import Setting
from lossviz.ui.binding import Binding, guarded, plain
from lossviz.ui.components import matrix


@dataclass(frozen=True)
class MatrixControl:
    """names: of the classes. start: the matrix that no matrix stands for. get(view): the value in a view;
    change(view, value): the view after a change."""

    declared: Setting
    key: str
    names: Sequence[str]
    start: Matrix
    get: Callable[[Any], Matrix | None]
    change: Callable[[Any, Matrix | None], Any]

    def draw(self, bound: Binding[Any], **more: Any) -> None:
        """Draw it; more: further arguments of the switch."""
        value, declared = self.get(bound.view), self.declared
        bound.control(st.toggle, self.key, value is not None, self._switch, declared.label, **more)
        if value is None:
            return
        if len(value) != len(self.names):
            said = f"This matrix is for {len(value)} classes, and there are {len(self.names)}"
            st.warning(plain(f"{said}. Switch it off and on."))
            return
        key = f"{bound.name}.{self.key} table"

        def edit() -> None:
            told = st.session_state[key].edit
            rows = [list(row) for row in self.get(bound.view) or self.start]
            rows[int(told["true"])][int(told["predicted"])] = float(told["value"])
            bound.view = self.change(bound.view, declared.check(rows, classes=len(self.names)))

        low, high = declared.ends
        data = {"values": value, "names": self.names, "low": low, "high": high, "label": declared.title}
        matrix.mount(data, key=key, on_edit=guarded(edit))

    def _switch(self, now: Any, on: bool) -> Any:
        return self.change(now, self.start if on else None)

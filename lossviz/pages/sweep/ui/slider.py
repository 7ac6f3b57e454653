"""The section of sliders: every cell as a picture, drawn in the browser without a round trip."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from lossviz.core.cache import Cache
from lossviz.pages.sweep.shown import Shown
from lossviz.pages.sweep.view import SweepView
from lossviz.sweeps import Sweep, bundle
from lossviz.ui.binding import Binding, guarded
from lossviz.ui.components import cells

PICTURE = "sweep.cells"
SENT = "sweep.cells sent"  # the cell that the browser shows, and what it was told to get there

# Sweeps as the browser takes them; a thousand cells of digits take 2 MB.
_messages: Cache[bytes] = Cache(bytes=64 * 2**20, size=len)


def show(bound: Binding[SweepView], shown: Shown, sweep: Sweep) -> None:
    """Draw the component. It is sent anew when a cell has ended or the page chooses another cell, not when
    the visitor has moved a slider of its own."""
    told: dict[str, Any] = st.session_state.get(SENT, {})
    if (told.get("sweep"), told.get("cell")) != (sweep.id, shown.cell.id):
        told = {
            "sweep": sweep.id,
            "cell": shown.cell.id,
            "current": _place(shown),
            "echo": told.get("last", 0),
            "last": told.get("last", 0),
        }
        st.session_state[SENT] = told
    # Results too: a cell that was removed may end otherwise the next time.
    found = [r for group in shown.groups.of.values() for r in group.results if r is not None]
    ends = hash(tuple((r.step, r.reason, *r.measures.values()) for r in found))
    states = tuple(sorted((key, group.states) for key, group in shown.groups.of.items()))
    key = (sweep.path, states, ends, json.dumps(told["current"]), told["echo"])
    data = _messages.get(key, lambda: bundle.encode(sweep, told["current"], told["echo"]))
    cells.mount(data, key=PICTURE, on_rest=guarded(lambda: _rested(bound, shown)))


def _place(shown: Shown) -> dict[str, Any]:
    config = shown.cell.config
    seeds = list(bundle.seeds(shown.plan))
    seed = seeds.index((config.seed, config.subset_seed))
    return {"loss": config.loss, "at": list(shown.cell.at), "seed": seed}


def _rested(bound: Binding[SweepView], shown: Shown) -> None:
    """Choose the cell at which the sliders rest."""
    event: Mapping[str, Any] = st.session_state[PICTURE].rest
    seed = list(bundle.seeds(shown.plan))[int(event["seed"])]
    id = shown.with_cell(str(event["loss"]), tuple(map(int, event["at"])), seed)
    st.session_state[SENT] |= {"cell": id, "last": int(event["id"])}
    bound.view = replace(bound.view, cell=id)

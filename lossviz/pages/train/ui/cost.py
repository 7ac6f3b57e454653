"""The lines under the button Train: the cost of the runs, its problems, and the use of the server."""

from __future__ import annotations

import streamlit as st

from lossviz import data
from lossviz.core.errors import LossvizError
from lossviz.data import Found
from lossviz.pages.train.view import LiveView
from lossviz.runs import RunStore, cost, permit
from lossviz.training import estimate
from lossviz.training.config import RunConfig
from lossviz.training.estimate import Estimate
from lossviz.ui import visit
from lossviz.ui.binding import plain, sentence

SHARED = (
    "This server is shared: its data sets and your uploads can be trained on, within limits; "
    "you steer and delete what you started."
)


def show(view: LiveView) -> None:
    """Draw the lines, without a look at any path that a link names."""
    try:
        configs = view.configs()
        store = RunStore()
        _estimate(configs, store)
        known = permit.path_problem(view.setting("data"), visit.mode())  # said under "Data set"
        for problem in permit.problems(configs, visit.mode(), store, _known):
            if problem != known:
                st.warning(plain(f"{sentence(problem)}."))
    except LossvizError:
        pass  # a press says what is wrong
    if visit.mode().shared:
        st.caption(SHARED)


@st.cache_data(ttl=5.0, show_spinner=False)
def _find(name: str) -> Found | None:
    return data.find(name)


def _known(name: str) -> Found | None:
    """Give the files found of a data set; of a path only if a press of a button has looked for them."""
    if data.is_known(name):
        return _find(name)
    look = data.recall(name)
    return None if look is None else look.found


def _estimate(configs: list[RunConfig], store: RunStore) -> None:
    found = [needs for config in configs if (needs := _needs(config, store)) is not None]
    if not found:
        return
    each, total = max(needs.bytes for needs in found), sum(needs.seconds for needs in found)
    many = len(found) > 1
    told = f"About {estimate.duration(total)}{' of computing' if many else ''}, {estimate.size(each)}"
    st.caption(plain(f"{told}{' of memory a run' if many else ' of memory'}."))
    free = estimate.free()
    if estimate.kind(configs[0]) == "cpu" and each > free:
        st.warning(
            plain(
                f"A run takes about {estimate.size(each)} of memory, and {estimate.size(free)} are free: it "
                "would fail, or slow down everything here. A smaller batch, dimension, network or data set "
                "needs less."
            )
        )


def _needs(config: RunConfig, store: RunStore) -> Estimate | None:
    """Estimate the time and memory of a run; None for images that nobody looks at before a press."""
    if permit.path_problem(config.data, visit.mode()):
        return None
    made = estimate.images(config, _known(config.data))
    if made is None:
        return None
    pace = _pace(str(store.path), cost.alike(config), config)
    return estimate.of(config, made, estimate.kind(config), pace)


@st.cache_data(ttl=10.0, show_spinner=False)
def _pace(store: str, alike: tuple[object, ...], _config: RunConfig) -> float:
    return cost.pace(RunStore(store), _config)

"""What to train: the form at the side of the live page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import streamlit as st

import models
from lossviz import data, losses
from lossviz.errors import LossvizError
from lossviz.live import choice
from lossviz.live.races import races
from lossviz.live.view import LABELS, MOST_PANELS, LiveView
from lossviz.runs import RunStore
from lossviz.training.config import SETTINGS, RunConfig
from lossviz.ui import param_controls
from lossviz.ui.binding import Binding, plain
from lossviz.ui.live import layers, picture, remedies, settings

OWN = "your own"


def show(bound: Binding[LiveView]) -> None:
    """Draw the form; Train starts what it says."""
    _race(bound)
    _data(bound)
    _losses(bound)
    varied = bound.view.vary[0]
    in_sight, rest = param_controls.split_params(bound.view, without=varied)
    for param in in_sight:
        param_controls.param_control(bound, param)
    if varied in bound.view.vary_choices():
        st.caption(plain(f"{_varied_title(bound.view)} is varied (see More): {_varied_values(bound.view)}."))
    if varied == "net":
        settings.control(bound, "epochs")
    else:
        left, right = st.columns(2)
        with left:
            _net(bound)
        with right:
            settings.control(bound, "epochs")
    _train(bound)
    remedies.of_form(bound)
    for _ in bound.folded("More"):
        for param in rest:
            param_controls.param_control(bound, param)
        _vary(bound)
        layers.marks(bound)
    for title, names in settings.GROUPS.items():
        for _ in bound.folded(title):
            for name in names:
                if settings.acts(bound.view, name):
                    settings.control(bound, name, _most(bound.view, name))
            if title == "Images":
                _upload(bound)


def _race(bound: Binding[LiveView]) -> None:
    known = races()
    now = recipe(bound.view)
    name = next((race.name for race in known.values() if recipe(race.view) == now), OWN)
    names = list(known) if name != OWN else [OWN, *known]

    def choose(view: LiveView, chosen: str) -> LiveView:
        if chosen == OWN:
            return view
        return choice.with_recipe(view, known[chosen].view)

    bound.control(st.selectbox, "race", name, choose, "Try", names)


def recipe(view: LiveView) -> tuple[object, ...]:
    """What of a view says what is trained."""
    return view.losses, dict(view.params), dict(view.settings), view.vary


@st.cache_data(ttl=5.0, show_spinner=False)
def _counts(name: str) -> tuple[int, int]:
    """The train and test images that are here of a data set; zeros where that is not known."""
    try:
        found = data.find(name)
    except LossvizError:
        return 0, 0
    return (0, 0) if found is None else (found.train, found.test)


def _most(view: LiveView, name: str) -> int:
    """The number at which a subset would be the whole; 0: not known, or no subset."""
    train, test = _counts(view.setting("data"))
    return {"train_images": train, "test_images": test}.get(name, 0)


@st.cache_data(ttl=5.0, show_spinner=False)
def _found(name: str) -> str:
    """What is here of a data set, in words."""
    try:
        found = data.find(name)
    except LossvizError as error:
        return str(error)
    if found is not None and found.train and found.test:
        return f"{found.text}, found here."
    if found is not None:
        return f"{found.text}, found here: too few to train. Train downloads the rest."
    spec = data.catalogue().get(name)
    sizes = [source.size for source in spec.sources] if spec else []
    known = [size for size in sizes if size]
    much = f" ({sum(known) / 1e6:,.0f} MB)" if known and len(known) == len(sizes) else ""
    return f"Not on this machine yet: Train downloads it{much}."


def _data(bound: Binding[LiveView]) -> None:
    titles = {key: spec.title for key, spec in data.catalogue().items()}
    now = bound.view.setting("data")
    if now not in titles:
        titles[now] = f"Your upload {now[7:15]}" if now.startswith("upload:") else f"Own: {Path(now).name}"

    def choose(view: LiveView, chosen: str) -> LiveView:
        # Class numbers belong to the data set they were chosen for.
        changed = view.with_setting("data", chosen)
        for name in ("classes", "held_out"):
            changed = changed.with_setting(name, ())
        return changed

    bound.control(
        st.selectbox, "data", now, choose, "Data set", list(titles), format_func=lambda k: titles.get(k, k)
    )
    st.caption(plain(_found(now)))


def _losses(bound: Binding[LiveView]) -> None:
    titles = {key: spec.title for key, spec in losses.catalogue().items()}
    bound.control(
        st.multiselect,
        "losses",
        list(bound.view.losses),
        lambda now, chosen: replace(now, losses=tuple(chosen)) if chosen else now,
        "Losses",
        list(titles),
        format_func=titles.get,
        max_selections=MOST_PANELS,
        help="A run for each, side by side, from the same seed on the same images.",
    )


def _net(bound: Binding[LiveView]) -> None:
    known = models.catalogue()
    titles = {key: spec.title for key, spec in known.items()}
    chosen = known.get(bound.view.setting("net"))
    bound.control(
        st.selectbox,
        "net",
        bound.view.setting("net"),
        lambda now, chosen: now.with_setting("net", chosen),
        "Network",
        list(titles),
        format_func=lambda k: titles.get(k, k),
        help="  \n".join(f"**{plain(spec.title)}**: {plain(spec.note)}" for spec in known.values()),
    )
    if chosen is not None and chosen.key != RunConfig().net:
        # Before Train, not after: some take hours on a CPU.
        st.caption(plain(chosen.note))


def _train(bound: Binding[LiveView]) -> None:
    def press() -> None:
        st.session_state.pop("live.error", None)
        try:
            ids = choice.start(RunStore(), bound.view)
        except (LossvizError, OSError) as error:
            st.session_state["live.error"] = str(error)
            return
        picture.forget()
        bound.view = replace(bound.view, runs=ids, at=None)

    count = _count(bound.view)
    label = "Train" if count == 1 else f"Train {count} runs"
    bound.press(label, "train", press, type="primary", width="stretch", icon=":material/play_arrow:")
    if "live.error" in st.session_state:
        st.error(plain(st.session_state["live.error"]))


def _count(view: LiveView) -> int:
    try:
        return len(view.configs())
    except LossvizError:
        return 1


def _titles(view: LiveView) -> dict[str, str]:
    """What can be varied, as a reader knows it."""
    titles = {name: SETTINGS[name].title for name in view.vary_choices() if name in SETTINGS}
    return titles | {p.link: f"{p.letter}: {p.title}" for p in view.used_params()}


def _varied_title(view: LiveView) -> str:
    name = view.vary[0]
    return SETTINGS[name].label if name in SETTINGS else _titles(view).get(name, name)


def _varied_values(view: LiveView) -> str:
    """The values that the runs have: 0°, 15°, 30°."""
    name, values = view.vary
    param = next((p for p in view.used_params() if p.link == name), None)
    return ", ".join(SETTINGS[name].write(v) if param is None else param.text(v) for v in values)


def _vary(bound: Binding[LiveView]) -> None:
    """One setting or parameter with several values, a run for each."""
    # One of a link may belong to no loss that is chosen: it then varies nothing, and can be taken back.
    names = list(dict.fromkeys(["", *bound.view.vary_choices(), bound.view.vary[0]]))
    titles = {"": "nothing else"} | _titles(bound.view)
    starts = {"seed": "0,1,2", "anneal": "on,off", "dimension": "2,3", "weight_init": "random,spread",
              "optimizer": "adamw,sgd", "rate": "0.003,0.01,0.03", "bias_init": "0,4", "normalize": "no,yes",
              "net": "small,lenet++"}  # fmt: skip
    sweeps = {p.link: p.sweep for p in bound.view.used_params()}

    def choose(now: LiveView, chosen: str) -> LiveView:
        if chosen in starts:
            return now.with_vary(chosen, starts[chosen])
        if not chosen:
            return now.with_vary("", "")
        return replace(now, vary=(chosen, tuple(sweeps.get(chosen, ())[:3]) or (False, True)))

    bound.control(
        st.selectbox, "vary", bound.view.vary[0], choose, LABELS["vary"], names,
        format_func=lambda n: titles.get(n, n), help="A run for each value, for each loss that has it.",
    )  # fmt: skip
    if not bound.view.vary[0]:
        return
    wrong = "live.vary wrong"

    def read(now: LiveView, typed: str) -> LiveView:
        st.session_state.pop(wrong, None)
        try:
            return now.with_vary(now.vary[0], typed)
        except LossvizError as error:
            st.session_state[wrong] = str(error)
            return now

    bound.control(st.text_input, "values", bound.view.vary_text(), read, "Values, joined by commas")
    if wrong in st.session_state:
        st.error(plain(f"{st.session_state[wrong]}. Nothing was changed."))


def _upload(bound: Binding[LiveView]) -> None:
    """One's own images: checked, kept in the cache, chosen."""
    file = st.file_uploader(
        "Your own images",
        type=["npz", "zip"],
        key="live.upload",
        on_change=bound.touch,
        help="An .npz with images and labels (and classes), or a .zip with a folder for each class.",
    )
    if file is None or st.session_state.get("live.uploaded") == file.file_id:
        return
    st.session_state["live.uploaded"] = file.file_id
    try:
        name = data.upload(file.getvalue(), file.name)
    except LossvizError as error:
        st.error(plain(str(error)))
        return
    bound.view = bound.view.with_setting("data", name)
    st.rerun()

"""The form at the side of the live page, in which the visitor chooses what to train."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import streamlit as st

import models
from lossviz import data, losses
from lossviz.core.errors import LossvizError
from lossviz.core.settings import Setting
from lossviz.pages.train import recipe
from lossviz.pages.train.presets import races
from lossviz.pages.train.ui import cost, layers, remedies
from lossviz.pages.train.view import LiveView
from lossviz.runs import permit
from lossviz.training import recipes
from lossviz.training.config import SETTINGS, RunConfig
from lossviz.training.declarations import GROUPS, IMAGES
from lossviz.ui import visit
from lossviz.ui.binding import Binding, plain, sentence
from lossviz.ui.control import control, preset, text_control
from lossviz.ui.param_control import param_control, split_params
from lossviz.ui.upload import upload

# The most seconds that a look at a path may take, on a press of a button.
LOOK_S = 20.0


def show(bound: Binding[LiveView]) -> None:
    """Draw the form; Train starts what it says."""
    _race(bound)
    _data(bound)
    _losses(bound)
    varied = bound.view.vary[0]
    in_sight, rest = split_params(bound.view, without=varied)
    for param in in_sight:
        param_control(bound, param)
    if varied in bound.view.vary_choices():
        st.caption(plain(f"{_varied_title(bound.view)} is varied (see More): {_varied_values(bound.view)}."))
    if varied == "net":
        control(bound, "epochs", st.number_input)
    else:
        left, right = st.columns(2)
        with left:
            _net(bound)
        with right:
            control(bound, "epochs", st.number_input)
    _train(bound)
    remedies.of_form(bound)
    for _ in bound.folded("More"):
        for param in rest:
            param_control(bound, param)
        _vary(bound)
        layers.marks(bound)
    for title in GROUPS:
        for _ in bound.folded(title):
            for name, declared in SETTINGS.items():
                if declared.group == title and bound.view.acts(name):
                    _setting(bound, name, declared)
                    for text in reasons(bound.view, name):
                        st.caption(plain(text))
            if title == IMAGES:
                _upload(bound)


def _setting(bound: Binding[LiveView], name: str, declared: Setting) -> None:
    """A setting of the runs; a number without a logarithmic slider is typed."""
    log = declared.spacing == "log" and declared.low
    number = declared.kind in ("whole", "real") and not log
    control(bound, name, st.number_input if number else None, high=_most(bound.view, name) or None)


def reasons(view: LiveView, name: str) -> list[str]:
    """Give the value that "auto" stands for under each loss, and why; nothing where no recipe sets one."""
    if view.setting(name) != "auto":
        return []
    said: dict[str, list[str]] = {}
    for spec in view.specs():
        found = recipes.fact(RunConfig(loss=spec.key, dimension=view.setting("dimension")), name)
        if found is not None:
            said.setdefault(f"{found.value}. {found.reason}", []).append(spec.title)
    return [f"{', '.join(titles)}: {text}" for text, titles in said.items()]


def _race(bound: Binding[LiveView]) -> None:
    known, now = races(), recipe.trained_part(bound.view)
    name = next((race.name for race in known.values() if recipe.trained_part(race.view) == now), None)

    def taken(view: LiveView, chosen: str) -> LiveView:
        return recipe.with_recipe(view, known[chosen].view)

    preset(bound, known, name, taken, "race", "Try")


def _look(name: str) -> data.Look | None:
    """Give the result of the last look at a data set.

    None for a path at which nobody has looked yet, or that has changed since. A path can come from a link,
    so nobody looks at it before the visitor presses a button.
    """
    if permit.path_problem(name, visit.mode()):
        return None
    known = data.recall(name)
    if known is None and data.is_known(name):
        _find(name)
        known = data.recall(name)
    return known


def _find(name: str) -> None:
    # An error is remembered too, so it need not be raised here.
    with contextlib.suppress(LossvizError):
        data.find(name, seconds=LOOK_S)


def _most(view: LiveView, name: str) -> int:
    """The number at which a subset would be the whole; 0: not known, or no subset."""
    look = _look(view.setting("data"))
    if look is None or look.found is None:
        return 0
    return {"train_images": look.found.train, "test_images": look.found.test}.get(name, 0)


def _words(name: str, look: data.Look | None) -> str:
    """Describe in words what this machine holds of a data set."""
    if problem := permit.path_problem(name, visit.mode()):
        return sentence(f"{problem}.")
    if look is None:
        return (
            "A path on the machine of this app: Look counts its images (for at most "
            f"{LOOK_S:g} s); Train reads them."
        )
    found = look.found
    if look.problem:
        return look.problem
    if found is not None:
        told = "; ".join((f"{found.text}, found here", *found.notes, *look.words))
        few = "" if found.train and found.test else " Too few to train: Train downloads the rest."
        return f"{told.removesuffix('.')}.{few}"
    if name.startswith("upload:"):
        return "This upload is not kept on this machine (any more): upload the file again."
    spec = data.catalogue().get(name)
    if spec is None:
        return "There is no such file or folder on the machine of this app."
    known = [source.size for source in spec.sources if source.size]
    much = f" ({sum(known) / 1e6:,.0f} MB)" if known and len(known) == len(spec.sources) else ""
    where = data.searched(spec) if data.data_folders() and not visit.mode().shared else ""
    return f"Not on this machine yet: Train downloads it{much}." + (f" Looked in: {where}." if where else "")


def _data(bound: Binding[LiveView]) -> None:
    titles = {key: spec.title for key, spec in data.catalogue().items()}
    now = bound.view.setting("data")
    if now not in titles:
        titles[now] = ("" if now.startswith("upload:") else "Own: ") + data.title_of(now)
    control(bound, "data", change=_with_data, options=titles, words=titles, help=None)
    look = _look(now)
    allowed = not permit.path_problem(now, visit.mode())
    if allowed and not data.is_known(now) and (look is None or look.found is None):
        label = "Look" if look is None else "Look again"
        if bound.press(label, "look", bound.touch, icon=":material/search:"):
            with st.spinner("Looking…"):
                _find(now)
            bound.touch()
            st.rerun()
    st.caption(plain(_words(now, look)))


def _with_data(view: LiveView, chosen: str) -> LiveView:
    """The view with another data set: class numbers and matrices belong to the one they were made for."""
    changed = view.with_setting("data", chosen)
    for link, param in view.parameters().items():
        changed = changed.with_param(link, None) if param.kind == "matrix" else changed
    for name in ("classes", "held_out"):
        changed = changed.with_setting(name, ())
    return changed


def _losses(bound: Binding[LiveView]) -> None:
    titles = {key: spec.title for key, spec in losses.catalogue().items()}
    control(bound, "losses", options=titles, words=titles)


def _net(bound: Binding[LiveView]) -> None:
    known = models.catalogue()
    titles = {key: spec.title for key, spec in known.items()}
    chosen = known.get(bound.view.setting("net"))
    notes = "  \n".join(f"**{plain(spec.title)}**: {plain(spec.note)}" for spec in known.values())
    control(bound, "net", options=titles, words=titles, help=notes)
    if chosen is not None and chosen.key != RunConfig().net:
        # Shown before Train is pressed: some networks take hours on a CPU.
        st.caption(plain(chosen.note))


def _train(bound: Binding[LiveView]) -> None:
    def press() -> None:
        st.session_state.pop("live.error", None)
        try:
            ids = visit.start(recipe.configs(bound.view))
        except (LossvizError, OSError) as error:
            st.session_state["live.error"] = str(error)
            return
        bound.view = replace(bound.view, runs=ids, at=None)

    count = _count(bound.view)
    label = "Train" if count == 1 else f"Train {count} runs"
    bound.press(label, "train", press, type="primary", width="stretch", icon=":material/play_arrow:")
    if "live.error" in st.session_state:
        st.error(plain(st.session_state["live.error"]))
    cost.show(bound.view)


def _count(view: LiveView) -> int:
    try:
        return len(view.configs())
    except LossvizError:
        return 1


def _titles(view: LiveView) -> dict[str, str]:
    """Give the titles of the settings and parameters that can be varied, by name or link."""
    titles = {name: SETTINGS[name].title for name in view.vary_choices() if name in SETTINGS}
    return titles | {p.link: f"{p.letter}: {p.title}" for p in view.used_params()}


def _varied_title(view: LiveView) -> str:
    name = view.vary[0]
    return SETTINGS[name].label if name in SETTINGS else _titles(view).get(name, name)


def _varied_values(view: LiveView) -> str:
    """The values that the runs have: 0°, 15°, 30°."""
    name, values = view.vary
    return ", ".join(map(view.varied(name).text, values))


def _vary(bound: Binding[LiveView]) -> None:
    """One setting or parameter with several values, a run for each."""
    # A link may vary a parameter that no chosen loss has: without effect, but offered, to be taken back.
    names = list(dict.fromkeys(["", *bound.view.vary_choices(), bound.view.vary[0]]))
    titles = {"": "nothing else"} | _titles(bound.view)

    def choose(now: LiveView, chosen: str) -> LiveView:
        if not chosen:
            return now.with_vary("", "")
        return replace(now, vary=(chosen, now.varied(chosen).sweep[:3] or (False, True)))

    control(bound, "vary", now=bound.view.vary[0], change=choose, options=names, words=titles)
    if not bound.view.vary[0]:
        return

    def read(now: LiveView, text: str) -> LiveView:
        return now.with_vary(now.vary[0], text)

    text_control(bound, st.text_input, "values", bound.view.vary_text(), read, "Values, joined by commas")


def _upload(bound: Binding[LiveView]) -> None:
    """One's own images: checked, kept in the cache, chosen."""
    name = upload(
        "Your own images",
        ["npz", "zip"],
        "live.upload",
        lambda content, name: data.upload(content, name, visit.quota()),
        on_change=bound.touch,
        help="An .npz with images and labels (and classes), or a .zip with a folder for each class.",
    )
    if name is not None:
        bound.view = _with_data(bound.view, name)
        st.rerun()

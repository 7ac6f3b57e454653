"""The picture of the live page: the embeddings of the runs shown, as they train or as they were."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from lossviz.errors import LossvizError
from lossviz.live import choice, labels, panels, replay
from lossviz.live.view import LiveView
from lossviz.runs import Run, RunStore
from lossviz.runs.status import LIVING, RunStatus
from lossviz.ui import scatter
from lossviz.ui.binding import Binding, guarded, plain

PICTURE = "live.picture"
POLL_S = 0.2
SOON_S = 0.1  # until the first frame is there
NAME = "live"
BENEATH_PX = 84  # the row of controls under the picture, which the window is to hold too


def bound() -> Binding[LiveView]:
    """The live page's settings in this session."""
    return Binding(NAME, LiveView)


def show(runs: Sequence[Run]) -> None:
    """Draw the panels and the timeline; look again five times a second while something trains, and
    more often while it begins."""
    state = st.session_state
    place = (tuple(run.id for run in runs), bound().view.at)
    if state.get("live.place", place) != place:
        # By a link, by going back, or because one was deleted: places in the old frames mean nothing.
        forget()
    state["live.place"] = place
    turned()
    state["live.states"] = choice.states(runs)
    moving = any(moves(run.status) for run in runs)
    pause = SOON_S if "starting" in state["live.states"] else POLL_S
    st.fragment(_picture, run_every=pause if moving else None)()


def moves(now: RunStatus) -> bool:
    """Whether a run trains, or will as soon as there is room."""
    return now.state in LIVING or (now.state == "queued" and now.queued > 0)


def _picture() -> None:
    if turned():
        st.rerun(scope="app")
    view, store, problem = bound().view, RunStore(), ""
    try:
        store.start_waiting(shared=True)
    except (LossvizError, OSError) as error:
        problem = str(error)
    runs, _ = choice.shown(store, view)
    told = [run.status for run in runs]
    if tuple(now.word for now in told) != st.session_state["live.states"]:
        # A run has begun, paused or ended: buttons, verdicts and polling follow. The browser may have
        # sent this before it was told the link of now, which is not to be taken back.
        bound().touch()
        st.rerun(scope="app")
    frames = [run.frames() for run in runs]
    timeline = _timeline(view, told, frames)
    picked = st.session_state.get("live.picked")
    before = _before(store, runs, told)
    looks = list(zip(runs, told, frames, strict=True))
    seen = [(run.id, now.state, now.reason, len(steps), steps[-1:]) for run, now, steps in looks]
    key = repr((view, seen, before, timeline, picked))
    known, data = st.session_state.get("live.sent", ("", b""))
    if known != key or st.session_state.get("live.echo_due"):
        st.session_state["live.echo_due"] = False
        data = _encoded(view, looks, before, timeline, picked)
        st.session_state["live.sent"] = (key, data)
    if runs:
        scatter.mount(
            data, key=PICTURE, on_pick=guarded(_pick), on_seek=guarded(_seek), on_rest=guarded(_rest)
        )
    if problem:
        st.error(plain(problem))


def _before(store: RunStore, runs: Sequence[Run], told: Sequence[RunStatus]) -> dict[str, int]:
    """How many runs wait before each of these."""
    if not any(now.state == "queued" for now in told):
        return {}
    places = {run.id: place for place, run in enumerate(store.waiting(shared=True))}
    return {run.id: places[run.id] for run in runs if run.id in places}


def _encoded(
    view: LiveView,
    looks: Sequence[tuple[Run, RunStatus, list[int]]],
    before: dict[str, int],
    timeline: scatter.Timeline,
    picked: Any,
) -> bytes:
    more = panels.apart({run.id: run.config for run, _, _ in looks if not run.problem})
    made, shots = [], {}
    for run, now, steps in looks:
        at = shown_frame(now, steps, timeline)
        if at is None or run.problem:
            made.append(panels.empty(run, now, before.get(run.id, 0), more.get(run.id, "")))
            continue
        try:
            shot, points = panels.snapshot(run, steps[at]), run.points()
            drawn = panels.panel(
                run,
                shot,
                points,
                now,
                layer=view.layer,
                of_class=view.of_class,
                more=more.get(run.id, ""),
            )
        except (ValueError, RuntimeError, IndexError) as error:
            # LossvizError for what reading notices; the others for arrays that do not belong together.
            made.append(scatter.Panel(run=run.id, title=run.id, state=f"This frame cannot be drawn: {error}"))
            continue
        shots[run.id] = (shot, points)
        made.append(drawn)
    if len(made) > labels.MANY:
        made = [replace(panel, title=labels.short(panel.title)) for panel in made]
    st.session_state["live.frame"] = st.session_state.get("live.frame", 0) + 1
    return scatter.encode(
        made,
        timeline=timeline,
        options=replace(replay.options(view), beneath=BENEATH_PX),
        frame=st.session_state["live.frame"],
        echo=st.session_state.get("live.echo", 0),
        picked=_card([run for run, _, _ in looks], shots, picked),
        shelf=repr(([run.id for run, _, _ in looks], view.layer, view.of_class)),
    )


def shown_frame(now: RunStatus, steps: list[int], timeline: scatter.Timeline) -> int | None:
    """The index of the frame of one run that belongs to the timeline's position."""
    if timeline.live or not timeline.epochs:
        return panels.frame_at(steps, 1.0, None)
    return panels.frame_at(steps, now.steps_per_epoch or 1.0, timeline.epochs[timeline.position])


def _timeline(view: LiveView, told: Sequence[RunStatus], frames: Sequence[list[int]]) -> scatter.Timeline:
    """The frames of the run that has come farthest; the others are shown at the same epoch."""
    moving = any(moves(now) for now in told)
    best: tuple[list[int], list[float]] = ([], [])
    for now, steps in zip(told, frames, strict=True):
        per_epoch = now.steps_per_epoch
        if per_epoch and (not best[1] or (steps[-1:] and steps[-1] / per_epoch > best[1][-1])):
            best = (steps, [step / per_epoch for step in steps])
    steps, epochs = best
    live = st.session_state.get("live.live", view.at is None)
    place = st.session_state.get("live.position")
    if place is None and view.at is not None and epochs:
        place = panels.frame_at([round(e * 1e6) for e in epochs], 1e6, view.at)
    position = len(steps) - 1 if live or place is None else min(place, len(steps) - 1)
    playing = bool(st.session_state.get("live.playing")) and position < len(steps) - 1
    return scatter.Timeline(
        steps=tuple(steps),
        epochs=tuple(epochs),
        position=max(0, position),
        live=bool(live and moving),
        playing=playing,
        running=moving,
    )


def _seek() -> None:
    event = st.session_state[PICTURE].seek
    if not isinstance(event, dict):
        return
    state = st.session_state
    state["live.live"] = bool(event.get("live"))
    state["live.playing"] = bool(event.get("playing"))
    state["live.position"] = None if event.get("live") else int(event.get("index") or 0)
    state["live.echo"] = int(event.get("id") or 0)
    state["live.echo_due"] = True
    state["live.picked"] = None


def _rest() -> None:
    """The timeline stands still: the link names its epoch."""
    view = bound().view
    runs, _ = choice.shown(RunStore(), view)
    timeline = _timeline(view, [run.status for run in runs], [run.frames() for run in runs])
    _name(tuple(run.id for run in runs), _epoch(timeline))


def _name(shown: tuple[str, ...], epoch: float | None) -> None:
    """Let the link name the epoch that is shown; the rest of the page follows."""
    at = None if epoch is None else written_epoch(epoch)
    if at == bound().view.at:
        return
    bound().view = replace(bound().view, at=at)
    st.session_state["live.place"] = (shown, at)
    st.session_state["live.turned"] = True


def written_epoch(epoch: float) -> float:
    """An epoch as a link writes it: rounded up, since the frame of an epoch is the last one before it."""
    return math.ceil(epoch * 1e4 - 1e-3) / 1e4


def turned() -> bool:
    """Whether the timeline has come to rest at another epoch since the page was drawn as a whole."""
    return bool(st.session_state.pop("live.turned", False))


def _epoch(timeline: scatter.Timeline) -> float | None:
    """The epoch on the timeline, or None where the newest frame is shown and followed."""
    last = timeline.position == len(timeline.epochs) - 1
    if not timeline.epochs or timeline.live or (last and not timeline.running):
        return None
    return timeline.epochs[timeline.position]


def _pick() -> None:
    event = st.session_state[PICTURE].pick
    if not isinstance(event, dict):
        return
    panel, index = event.get("panel"), event.get("index")
    st.session_state["live.echo"] = int(event.get("id") or 0)
    st.session_state["live.echo_due"] = True
    st.session_state["live.picked"] = None if panel is None or index is None else (int(panel), int(index))


def _card(runs: Sequence[Run], shots: dict[str, Any], picked: Any) -> scatter.Picked | None:
    """The picked point's image with its label, guess and loss."""
    if picked is None:
        return None
    panel, index = picked
    if not 0 <= panel < len(runs) or runs[panel].id not in shots:
        return None
    shot, points = shots[runs[panel].id]
    if not 0 <= index < len(shot.features):
        return None
    lines = panels.point_lines(runs[panel], shot, points, index)
    image = points.pixels[index].transpose(1, 2, 0)
    return scatter.Picked(panel=panel, index=index, lines=lines, image=image)


def forget() -> None:
    """Start anew with other runs: newest frame, nothing picked."""
    for name in ("position", "playing", "live", "picked", "sent"):
        st.session_state.pop(f"live.{name}", None)


def go_to(epoch: float) -> None:
    """Show the frame of an epoch."""
    runs, _ = choice.shown(RunStore(), bound().view)
    timeline = _timeline(bound().view, [run.status for run in runs], [run.frames() for run in runs])
    if timeline.epochs:
        nearest = min(range(len(timeline.epochs)), key=lambda i: abs(timeline.epochs[i] - epoch))
        st.session_state.update({"live.live": False, "live.playing": False, "live.position": nearest})
        timeline = replace(timeline, position=nearest, live=False)
        _name(tuple(run.id for run in runs), _epoch(timeline))
        st.session_state["live.turned"] = True


def shown_epoch(runs: Sequence[Run]) -> float | None:
    """The epoch on the timeline, or None while the newest frame is followed."""
    told, frames = [run.status for run in runs], [run.frames() for run in runs]
    return _epoch(_timeline(bound().view, told, frames))

"""Pictures of runs as bytes: the same for all who look at the same runs at the same frame, made once."""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lossviz.core.cache import Cache
from lossviz.core.errors import LossvizError, RunError
from lossviz.core.packet import Packet
from lossviz.figures.scatter import Panel, Picked, Timeline, encode
from lossviz.figures.scatter.packing import encode_point
from lossviz.pages.train import replay
from lossviz.pages.train.view import LiveView
from lossviz.readings import panels, progress
from lossviz.readings.progress import Queue, RunProgress
from lossviz.runs import names
from lossviz.runs.store import RunStore

# Room for the newest frame and those that visitors scrub back to; one takes some 3 ms to make.
MOST_BYTES = 4 * 2**20
PANELS = 24  # of runs that race, one at a time has a new frame: the others' panels are as they were
BENEATH_PX = 84  # the row of controls under the picture, which the window is to hold too
SHOWN = ("runs", "layer", "of_class", "shapes", "presentation")
SETTINGS = tuple(LiveView.declarations()[name].link for name in SHOWN)


@dataclass(frozen=True, eq=False)
class Scene:
    """The runs of a picture as they stand, and the queue."""

    seen: Sequence[RunProgress]
    queue: Queue

    @property
    def running(self) -> bool:
        """True if more frames will come."""
        return any(each.moves for each in self.seen)


_packets: Cache[Packet] = Cache(bytes=MOST_BYTES)
_panels: Cache[Panel] = Cache(PANELS)


def query(view: LiveView) -> str:
    """Give the settings that determine a picture, all but its epoch, as a URL's query."""
    return view.link_of(*SHOWN)


def scene(store: RunStore, ids: Sequence[str]) -> Scene:
    """The runs of these ids; RunError if there is none of them."""
    seen = progress.follow(store, ids)
    if not seen:
        raise RunError("none of these runs is here (any more)")
    return Scene(seen, progress.queue(store) if any(each.waits for each in seen) else Queue({}))


def scene_at_once(store: RunStore, ids: Sequence[str]) -> Scene | None:
    """Give the result of `scene` if nothing has to be read for it; else None."""
    seen = progress.at_once(store, ids)
    if not seen:
        return None
    queue = progress.queue_at_once(store) if any(each.waits for each in seen) else Queue({})
    return None if queue is None else Scene(seen, queue)


def picture(view: LiveView, scene: Scene, epoch: float | None) -> Packet:
    """The picture at the frame nearest to an epoch, or the newest."""
    key = _key(view, scene, epoch)
    return _packets.get(key, lambda: _made(view, scene, epoch))


def picture_at_once(view: LiveView, scene: Scene, epoch: float | None) -> Packet | None:
    """Give the result of `picture` if it has been made before; else None."""
    return _packets.peek(_key(view, scene, epoch))


def _key(view: LiveView, scene: Scene, epoch: float | None) -> tuple[object, ...]:
    """All that determines the bytes, quick to compute: it is asked for at every look."""
    seen = tuple((_run_key(scene, each), len(each.steps), each.steps[-1:]) for each in scene.seen)
    how = tuple(map(view.get, SHOWN))
    at = (_position(*_reference(scene), epoch), epoch is None)
    return (how, progress.state_token(scene.seen), seen, scene.queue.problem, at)


def _run_key(scene: Scene, each: RunProgress) -> tuple[object, ...]:
    """All of a run that its panel shows, but for its frames."""
    return (
        each.run.path,
        (each.status.word, each.status.reason, each.verdicts),
        (each.status.steps, each.status.epochs),
        (each.tested, each.problem),
        scene.queue.places.get(each.run.id, 0),
    )


def _made(view: LiveView, scene: Scene, epoch: float | None) -> Packet:
    times = timeline(scene, epoch)
    runs = [each.run for each in scene.seen if not each.problem]
    more = names.apart({run.id: run.config for run in runs})
    made = [_panel(view, scene, each, times, more.get(each.run.id, "")) for each in scene.seen]
    if len(made) > names.MANY:
        made = [replace(panel, title=names.short(panel.title)) for panel in made]
    data = encode(
        made,
        timeline=times,
        options=replace(replay.options(view), beneath=BENEATH_PX),
        message=scene.queue.problem,
        series=query(view),
        state=progress.state_token(scene.seen),
    )
    return Packet.of(data)


def _panel(view: LiveView, scene: Scene, each: RunProgress, times: Timeline, more: str) -> Panel:
    at = frame_index(each, times)
    if at is None or each.problem:
        return panels.empty(each.run, each.status, scene.queue.places.get(each.run.id, 0), more)
    step = each.steps[at]
    key = (_run_key(scene, each), step, view.layer, view.of_class, more)
    return _panels.get(key, lambda: _drawn(view, each, step, more))


def _drawn(view: LiveView, each: RunProgress, step: int, more: str) -> Panel:
    run, now = each.run, each.status
    try:
        shot, points = panels.snapshot(run, step), run.points()
        return panels.panel(
            run,
            shot,
            points,
            now,
            said=each.verdicts,
            layer=view.layer,
            of_class=view.of_class,
            more=more,
        )
    except (ValueError, RuntimeError, IndexError) as error:
        # LossvizError comes from checks while reading, the others from arrays that do not belong together.
        return Panel(run=run.id, title=run.id, state=f"This frame cannot be drawn: {error}")


def _reference(scene: Scene) -> tuple[tuple[int, ...], float]:
    """The steps of the frames of the run that has come farthest, and its steps in an epoch."""
    best: tuple[tuple[int, ...], float] = ((), 0.0)
    for each in scene.seen:
        steps, per_epoch = each.steps, each.status.steps_per_epoch
        if not per_epoch:
            continue
        farther = steps and (not best[0] or steps[-1] / per_epoch > best[0][-1] / best[1])
        if farther or not best[1]:
            best = (steps, per_epoch)
    return best


def _position(steps: Sequence[int], per_epoch: float, epoch: float | None) -> int:
    """The index of the frame nearest to an epoch, or of the last; 0 without frames."""
    last = max(0, len(steps) - 1)
    if epoch is None or not steps:
        return last
    above = min(bisect.bisect_left(steps, epoch * per_epoch), last)
    below = max(0, above - 1)
    return below if epoch * per_epoch - steps[below] < steps[above] - epoch * per_epoch else above


def timeline(scene: Scene, epoch: float | None) -> Timeline:
    """The frames of the run that has come farthest, at the one nearest to an epoch or the newest; the other
    runs are shown at the same epoch."""
    steps, per_epoch = _reference(scene)
    return Timeline(
        steps=steps,
        epochs=[step / per_epoch for step in steps],
        position=_position(steps, per_epoch, epoch),
        live=epoch is None and scene.running,
        running=scene.running,
    )


def frame_epoch(scene: Scene, at: float | None) -> float | None:
    """The epoch of the frame that belongs to an epoch of a link, the last one before it."""
    steps, per_epoch = _reference(scene)
    place = panels.frame_at(steps, per_epoch, at)
    return None if at is None or place is None else steps[place] / per_epoch


def frame_index(each: RunProgress, times: Timeline) -> int | None:
    """The index of the frame of one run that belongs to the timeline's position."""
    if times.live or not times.epochs:
        return panels.frame_at(each.steps, 1.0, None)
    per_epoch = each.status.steps_per_epoch or 1.0
    return panels.frame_at(each.steps, per_epoch, times.epochs[times.position])


def point(view: LiveView, scene: Scene, epoch: float | None, id: str, index: int) -> Packet:
    """Give the description of a point in the picture of `epoch`: lines of text and its image.

    index: the place of the point in its panel. RunError where there is no such run or point.
    """
    each = next((each for each in scene.seen if each.run.id == id), None)
    at = None if each is None else frame_index(each, timeline(scene, epoch))
    if each is None or at is None or each.problem:
        raise RunError(f"point: no frame of the run {id[:60]!r} is in this picture")
    shot, points = panels.snapshot(each.run, each.steps[at]), each.run.points()
    lines = panels.point_lines(each.run, shot, points, index)
    image = points.pixels[index].transpose(1, 2, 0)
    return Packet.of(encode_point(Picked(0, index, lines, image)))


def view_of_query(values: Mapping[str, str]) -> LiveView:
    """The view that a route was asked for; LossvizError for a value that is not allowed, or no run."""
    view = LiveView.from_exact_query(values)
    if not view.runs:
        raise LossvizError("runs: name the ids of one to six runs")
    return view

"""Panels for the scatter tests: few points at known places."""

import numpy as np

from lossviz.figures.scatter import Options, Panel, Timeline, encode

REACH = 10.0
# Point 3 is of class 1 and predicted as 2.
FEATURES = np.array([[6.0, 0.0], [-6.0, 0.0], [0.0, -6.0], [4.0, 4.0]])
LABELS = np.array([0, 1, 2, 1])
PREDICTIONS = np.array([0, 1, 2, 2])


def panel(run="a", **changes) -> Panel:
    """Four points of three classes; `changes` are fields of Panel."""
    given = {
        "run": run,
        "title": f"Loss {run}",
        "note": "epoch 1.0 of 2",
        "classes": ("cat", "dog", "eel"),
        "features": FEATURES,
        "labels": LABELS,
        "predictions": PREDICTIONS,
        "reach": REACH,
    }
    return Panel(**{**given, **changes})


def blobs(count=400, classes=10, dims=2, seed=0, run="a", **changes) -> Panel:
    """Random clusters around the origin, all predicted rightly."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    angles = 2 * np.pi * np.arange(classes) / classes
    middles = np.zeros((classes, dims))
    middles[:, 0], middles[:, 1] = 6 * np.cos(angles), 6 * np.sin(angles)
    features = middles[labels] + random.normal(size=(count, dims)) * 0.6
    given = {
        "run": run,
        "title": f"Loss {run}",
        "classes": [str(k) for k in range(classes)],
        "features": features,
        "labels": labels,
        "predictions": labels,
        "weights": middles / 6,
        "reach": REACH,
    }
    return Panel(**{**given, **changes})


def grids(size=41) -> dict:
    """A field that rises with z₁, from 0 to 1, and regions that part at z₁ = 0."""
    across = np.linspace(0, 1, size)
    field = np.tile(across, (size, 1))
    return {"field": field, "levels": np.linspace(0, 1, 5), "regions": (field > 0.5).astype(int)}


def timeline(position=0, frames=20, **changes) -> Timeline:
    """Ten frames an epoch."""
    steps = range(0, 5 * frames, 5)
    return Timeline(steps=steps, epochs=[n / 10 for n in range(frames)], position=position, **changes)


def frame(number=1, panels=None, time=None, *, echo=0, picked=None, message="", series="", **options):
    """The bytes of a frame; `options` are fields of Options."""
    shown = [panel()] if panels is None else panels
    chosen = Options(**options)
    return encode(shown, time, chosen, frame=number, echo=echo, picked=picked, message=message, series=series)


def at(view, point, i=0, half=REACH, middle=(0, 0)):
    """Window coordinates of a point of a plane that shows `middle` ± `half`."""
    box = view.plane_box(i)
    across = (point[0] - middle[0]) / half
    up = (point[1] - middle[1]) / half
    return box["x"] + (1 + across) / 2 * box["width"], box["y"] + (1 - up) / 2 * box["height"]


def colour(view, point, i=0, canvas="base", **window):
    """The colour on the canvas at a point of the plane, with its opacity."""
    return view.pixel(*at(view, point, i, **window), canvas, i)


def near(shown, wanted, within=6):
    wanted = [int(wanted[i : i + 2], 16) for i in (1, 3, 5)]
    return all(abs(a - b) <= within for a, b in zip(shown, wanted, strict=False))

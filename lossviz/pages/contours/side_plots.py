"""The second picture of the contour page: cuts through the losses shown, a difference, a surface."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lossviz import losses
from lossviz.fields import Field, compute, profiles
from lossviz.fields.profiles import Profile
from lossviz.losses.spec import LossSpec
from lossviz.pages.contours.view import ContourView

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lossviz.figures.curves import Curve

CUTS = {"angle": "", "target": "target_logit", "probability": "of_probability"}
NOTHING = {
    "target": "None of the losses shown is the cross-entropy of a changed true logit. Add one of the angular "
    "family, such as ArcFace, to see ψ(θ).",
    "probability": "None of the losses shown is built on the softmax probability of the true class. Add "
    "cross-entropy or focal to see one that is.",
}


@dataclass(frozen=True, eq=False)
class Cut:
    """Curves of the losses for which there are some, each with its place among the losses shown."""

    curves: tuple[Profile, ...]
    places: tuple[int, ...]

    def lines(self) -> list[Curve]:
        """The curves as pictures draw them."""
        from lossviz.figures.curves import Curve

        return [Curve(c.name, c.x, c.y, place) for c, place in zip(self.curves, self.places, strict=True)]


def cut(view: ContourView) -> Cut:
    """The cuts that `view.beside` names; no curves where no loss shown has one."""
    found = [(n, spec) for n, spec in enumerate(view.specs()) if _has(view, spec)]
    return Cut(tuple(_curve(view, spec) for _, spec in found), tuple(n for n, _ in found))


def _has(view: ContourView, spec: LossSpec) -> bool:
    ability = CUTS[view.beside]
    return not ability or bool(getattr(spec, ability))


def _curve(view: ContourView, spec: LossSpec) -> Profile:
    if view.beside == "probability":
        return profiles.against_probability(spec, view.classes, view.values(spec))
    make = profiles.against_angle if view.beside == "angle" else profiles.target_logit
    return make(spec, view.state(spec), view.label, view.values(spec), radius=view.circle)


def level(view: ContourView) -> float | None:
    """The loss at the valley's edge, which is marked against the angle; None where it is not shown."""
    return view.edge if view.beside == "angle" and view.opening else None


def caption(view: ContourView) -> str:
    """The second picture in sentences."""
    unable = [spec.title for spec in view.specs() if view.beside in CUTS and not _has(view, spec)]
    out = f" Not defined for {', '.join(unable)}." if unable else ""
    if view.beside == "angle":
        return (
            f"The loss of a feature of length {view.circle:g} and class {view.label}, turned about the "
            f"origin; 0° is the direction of its own weight vector W{view.label}."
        )
    if view.beside == "target":
        return (
            "ψ(θ): the true class's logit that the loss uses, as a share of its value without margin at "
            f"θ = 0. Without margin it is cosθ.{out}"
        )
    if view.beside == "probability":
        return (
            f"p_y is the softmax probability without margin, K = {view.classes}, the wrong classes equally "
            f"likely, no bias; the sample is of class 0.{out}"
        )
    if view.beside == "difference":
        first, second = (losses.get(key).title for key in view.pair)
        said = f"{first} minus {second} for samples of class {view.label}"
        return f"{said}; each with the parameters of this page."
    return f"{losses.get(surface_key(view)).title} as a surface." if view.beside == "surface" else ""


def field(view: ContourView, key: str) -> Field:
    """A loss over the plane of the view, fine enough for one picture."""
    spec = losses.get(key)
    return compute(
        spec, view.state(spec), label=view.label, extent=view.extent, resolution=161, **view.values(spec)
    )


def surface_key(view: ContourView) -> str:
    """The loss that is shown as a surface: the one chosen, where it is shown, else the first."""
    return view.surface if view.surface in view.losses else view.losses[0]


def print_figure(view: ContourView, below: Figure | None = None) -> Figure | None:
    """The second picture in print; None where there is none. below: a figure that grows by it."""
    from lossviz.figures import print as prints
    from lossviz.figures import print_beside

    if view.beside in CUTS:
        drawn = cut(view).lines()
        kind: Any = view.beside
        # A page has its caption beside it, a file has none.
        note = _line(caption(view)) if below is not None else ""
        if not drawn:
            return None
        return print_beside.lines(drawn, kind, level=level(view), note=note, below=below)
    if view.beside == "difference":
        first, second = (field(view, key) for key in view.pair)
        return prints.difference(first, second, below=below)
    if view.beside == "surface":
        return print_beside.surface(field(view, surface_key(view)), below=below)
    return None


def _line(text: str) -> str:
    """The first sentence, for the line above a picture."""
    return text.partition(". ")[0].rstrip(".")

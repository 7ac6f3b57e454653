"""The settings that all reading pages share: which runs or file, when, and which images."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from lossviz.core.errors import ReadingError
from lossviz.core.query import View
from lossviz.core.settings import setting

__all__ = ["MOST_RUNS", "PARTS", "ReadView", "setting"]

MOST_RUNS = 6  # side by side on a page
PARTS = {"shown": "Images shown in training", "test": "All test images", "train": "Training images"}


def _path(text: str) -> str:
    if len(text) > 4096 or "\0" in text:
        raise ReadingError("a file must be the path of an .npz; got something else")
    return text


@dataclass(frozen=True)
class ReadView(View):
    """The settings that all reading pages share.

    runs: ids, side by side. file: an own .npz instead of runs, as a path or as "upload:<id>". at: the
    epoch; None: the newest.
    """

    runs: tuple[str, ...] = setting((), "names", "runs", low=0, high=MOST_RUNS)
    file: str = setting("", "text", "or a path", resolve=_path)
    at: float | None = setting(None, "real", "after epoch", low=0, high=1e6, decimals=4)
    part: str = setting(
        "shown",
        "choice",
        "images",
        "what was shown in training is here at once. All images of a part are put through the network once, "
        "in the background, and kept with the run",
        choices=PARTS,
    )
    presentation: bool = setting(
        False, "flag", "presentation", "larger texts and thicker lines, for a projector"
    )

    def with_sources_of(self, other: ReadView) -> Self:
        """The view with the runs, the file, the epoch and the images of another page's, and as large."""
        return replace(
            self,
            runs=other.runs,
            file=other.file,
            at=other.at,
            part=other.part,
            presentation=other.presentation,
        )

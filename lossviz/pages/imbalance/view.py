"""What the page of imbalance shows, as a value that travels in a URL."""

from __future__ import annotations

from dataclasses import dataclass

from lossviz.readings.view import ReadView, setting

SECTIONS = {
    "recall": "Recall by class size",
    "sizes": "Class sizes",
    "confusion": "Confusion",
    "maps": "Feature maps",
}


@dataclass(frozen=True)
class ImbalanceView(ReadView):
    """The settings of the page. of_class: −1: the class with the fewest training images."""

    section: str = setting("recall", "choice", "show", "what is shown", choices=SECTIONS)
    log: bool = setting(True, "flag", "logarithmic sizes", "equal steps are equal ratios")
    counts: bool = setting(False, "flag", "counts", "numbers of images in place of shares of their class")
    of_class: int = setting(-1, "whole", "class", "whose image is looked at", -1, 100_000)
    image: int = setting(0, "whole", "image", "which of the class's images", 0, 100_000)
    layer: str = setting("", "text", "layer", "the layer whose maps are shown")

"""The settings of the page of imbalance, all but the section that is shown."""

from __future__ import annotations

from dataclasses import dataclass

from lossviz.readings.view import ReadView, setting


@dataclass(frozen=True)
class ImbalanceSettings(ReadView):
    """The settings that sections read. of_class: −1: the class with the fewest training images."""

    log: bool = setting(True, "flag", "logarithmic sizes", "equal steps are equal ratios")
    counts: bool = setting(False, "flag", "counts", "numbers of images in place of shares of their class")
    of_class: int = setting(-1, "whole", "class", "whose image is looked at", -1, 100_000)
    image: int = setting(0, "whole", "image", "which of the class's images", 0, 100_000)
    layer: str = setting("", "text", "layer", "the layer whose maps are shown")

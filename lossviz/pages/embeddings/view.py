"""The settings of the page of embeddings."""

from __future__ import annotations

from dataclasses import dataclass

from lossviz.readings.projection.cached import TITLES
from lossviz.readings.projection.settings import Recipe
from lossviz.readings.view import ReadView, setting

METHODS = TITLES
COLOURS = {
    "label": "True class",
    "prediction": "Predicted class",
    "error": "Right or wrong",
    "loss": "Loss",
    "angle": "Angle to own weight",
}


@dataclass(frozen=True)
class EmbeddingsView(ReadView):
    """The settings of the page. layer: by name; "" is the embedding that the loss sees."""

    method: str = setting("pca", "choice", "projection", "how features become a picture", choices=METHODS)
    solid: bool = setting(False, "flag", "3-D", "three dimensions in place of two; drag to turn")
    colour: str = setting("label", "choice", "colour", "what the colour of a point says", choices=COLOURS)
    layer: str = setting("", "text", "layer", "of the network whose outputs are shown")
    count: int = Recipe.field("count")
    neighbours: int = Recipe.field("neighbours")
    min_dist: float = Recipe.field("min_dist")
    perplexity: float = Recipe.field("perplexity")
    metric: str = Recipe.field("metric")
    seed: int = Recipe.field("seed")

    @property
    def dimension(self) -> int:
        return 3 if self.solid else 2

    @property
    def recipe(self) -> Recipe | None:
        """The recipe of the job; None for PCA, which needs none."""
        if self.method == "pca":
            return None
        return Recipe(
            self.method,
            self.dimension,
            self.count,
            self.neighbours,
            self.min_dist,
            self.perplexity,
            self.metric,
            self.seed,
        )

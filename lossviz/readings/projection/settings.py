"""Recipe: how features are projected, every setting with its rule."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from lossviz.core.settings import Declared, setting

MOST = 10_000
LEAST = 10
METHODS = ("umap", "tsne")


@dataclass(frozen=True)
class Recipe(Declared):
    """The settings of a projection. Checked when made; ConfigError tells the rule."""

    method: str = setting("umap", "choice", "projection", "UMAP or t-SNE", choices=METHODS)
    dimension: int = setting(2, "whole", "dimensions", "of the picture", 2, 3)
    count: int = setting(MOST, "whole", "samples", "at most; a stratified subset of more", LEAST, MOST)
    neighbours: int = setting(15, "whole", "neighbours", "of UMAP: few show detail, many the whole", 2, 200)
    min_dist: float = setting(
        0.1, "real", "least distance", "of UMAP: how close points may lie in the picture", 0, 1, step=0.05
    )
    perplexity: float = setting(
        30.0, "real", "perplexity", "of t-SNE: how many neighbours a sample has, about", 2, 200
    )
    metric: str = setting(
        "euclidean",
        "choice",
        "distance",
        "between features",
        choices=("euclidean", "cosine", "correlation", "manhattan"),
    )
    seed: int = setting(0, "whole", "seed", "of the projection", 0, 2**31 - 1)

    def __post_init__(self) -> None:
        self.check_settings()

    @classmethod
    def field(cls, name: str) -> Any:
        """A field of another dataclass with the declaration of one of these."""
        declared = cls.declarations()[name]
        return field(default=declared.default, metadata={"setting": declared})

    def settings(self) -> dict[str, Any]:
        """The settings that this method looks at."""
        other = ("perplexity",) if self.method == "umap" else ("neighbours", "min_dist")
        return {name: value for name, value in asdict(self).items() if name not in other}

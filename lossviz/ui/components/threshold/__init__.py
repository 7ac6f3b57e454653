"""The threshold component: accuracy against one threshold that is dragged, and what it gets wrong."""

from pathlib import Path

from lossviz.ui.components import component

# Shows a picture (`lossviz.figures.threshold.encode`). Trigger: `release` {t, id}; answer with
# `encode(..., echo=id)`.
mount = component("threshold", Path(__file__).parent, "release")

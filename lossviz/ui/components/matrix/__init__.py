"""The matrix component: a heat table whose cells are edited by clicking them."""

from pathlib import Path

from lossviz.ui.components import component

# Shows {values [K][K], names [K], low, high, label}. Trigger: `edit` {true, predicted, value}.
mount = component("matrix", Path(__file__).parent, "edit")

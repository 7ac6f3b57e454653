"""The cells component: the sliders of a sweep, and the network that they lead to, drawn in the browser.

It shows a sweep (`lossviz.sweeps.bundle.encode`). Trigger: `rest` {loss, at, seed, id}, once the sliders
rest: key of the loss, index of the value on each axis, index of the seed. No answer is needed: the same bytes
move nothing, and are sent once. To show another cell, encode with another `current` and, of the last `rest`,
echo=id.
"""

from pathlib import Path

from lossviz.figures.cells import STYLES
from lossviz.ui.components import component

mount = component("cells", Path(__file__).parent, "rest", css=STYLES)

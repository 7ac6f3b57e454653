"""The scatter component: embeddings of one to six runs with a timeline, drawn in the browser.

A picture (`encode`) without a route triggers `pick` {panel, index, id}, panel and index null where a card was
closed, and `seek` {index, playing, live, id}; answer with `encode(..., echo=id)`. A picture with a route
(`source` in its header) fetches frames and points itself. `rest` {epoch}: the timeline stands still after a
seek; null where it follows the run. `changed` {state}: the page has something new to say.
"""

from pathlib import Path

from lossviz.figures.scatter import STYLE, Options, Panel, Picked, Timeline, encode
from lossviz.ui.components import component

__all__ = ["Options", "Panel", "Picked", "Timeline", "encode", "mount"]

mount = component("scatter", Path(__file__).parent, "pick", "seek", "rest", "changed", css=[STYLE])

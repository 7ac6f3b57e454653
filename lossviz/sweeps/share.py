"""A sweep as a file to share: a page of its own that opens offline, and from which its cells can be taken
into another store."""

from __future__ import annotations

import base64
import gzip
import html
import json

from lossviz.core.errors import ConfigError
from lossviz.figures import offline
from lossviz.figures.cells import SHARE, STYLES
from lossviz.figures.module_bundle import bundle as modules
from lossviz.sweeps import bundle
from lossviz.sweeps.store import Sweep

PAGE_STYLE = SHARE.with_name("share.css")
# The element that holds the sweep; `taking.py` looks for it.
HOLDER = '<script type="text/plain" id="lv-sweep">'


def page(sweep: Sweep) -> str:
    """A sweep as a self-contained HTML page with its sliders; no network. ConfigError where no cell has been
    trained yet."""
    return page_of(bundle.encode(sweep))


def page_of(message: bytes) -> str:
    """The page of a message that `lossviz.sweeps.bundle` made."""
    header = header_of(message)
    if not any("features" in cell or "counts" in cell for cell in header["cells"]):
        raise ConfigError(f"{header['title']}: no cell has a picture yet; train the sweep first")
    programs = ",\n".join(f'"{name}": {source}' for name, source in header["sources"].items())
    # A fixed time: the same sweep gives the same page.
    packed = base64.b64encode(gzip.compress(message, 9, mtime=0)).decode()
    trained = sum(cell["state"] in ("finished", "diverged", "failed") for cell in header["cells"])
    body = f"""<main id="lv-shared"></main>
<footer>
<p>{trained:,} of {len(header["cells"]):,} cells have been trained, each a network of its own. Made with lossviz;
everything is in this file. To take the cells into a store of runs, open the page Sweep of lossviz.</p>
<pre>{html.escape(header["command"])}</pre>
</footer>
{HOLDER}{packed}</script>
<script>
"use strict";
{modules(SHARE)}
const programs = {{
{programs}
}};
startShared(document.getElementById("lv-shared"), document.getElementById("lv-sweep").textContent, programs);
</script>"""
    styles = [path.read_text(encoding="utf-8") for path in (PAGE_STYLE, *STYLES)]
    return offline.document(str(header["title"]), styles, body)


def header_of(message: bytes) -> dict[str, object]:
    """The header of a message."""
    length = int.from_bytes(message[:4], "little")
    made: dict[str, object] = json.loads(message[4 : 4 + length])
    return made

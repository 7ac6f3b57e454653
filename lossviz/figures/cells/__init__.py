"""The cells of a sweep as a browser shows them: sliders, and the pictures of the network they lead to.

ES modules (README.md). Two entries draw with them: lossviz/ui/components/cells/main.js (Streamlit) and
`share.js` (a page of one file, lossviz.sweeps.share).
"""

from pathlib import Path

from lossviz.figures.scatter import STYLE as SCATTER

STYLES = (SCATTER, Path(__file__).parent / "cells.css")
SHARE = Path(__file__).parent / "share.js"

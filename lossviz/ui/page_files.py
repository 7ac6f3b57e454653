"""Files of the app: those that Streamlit serves, the script of every visit, and the pages."""

from __future__ import annotations

from pathlib import Path

# The script that the server runs at every visit; AppTest takes this one, not app.py.
SCRIPT = str(Path(__file__).with_name("script.py"))
# In an installed package app.py, pages and .streamlit lie in lossviz/app (setup.py); else in the checkout.
_INSTALLED = Path(__file__).parents[1] / "app"
ROOT = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parents[2]
APP = str(ROOT / "app.py")
FIRST = "contours"  # the page that opens at the root


def page_file(name: str) -> str:
    """Give the file of a page, absolute: Streamlit looks for relative ones beside the script."""
    return str(ROOT / "pages" / f"{name}.py")

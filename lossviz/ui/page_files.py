"""Where the script of the app and the files of its pages lie."""

from __future__ import annotations

from pathlib import Path

# The script that the server runs at every visit; AppTest takes this one, not app.py.
SCRIPT = str(Path(__file__).with_name("script.py"))
_PAGES = Path(__file__).parents[2] / "pages"


def page_file(name: str) -> str:
    """Give the file of a page, absolute: Streamlit looks for relative ones beside the script."""
    return str(_PAGES / f"{name}.py")

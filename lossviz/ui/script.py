"""The script that the server runs for every visit: page chrome and navigation, nothing else.

app.py serves it; AppTest takes it by `SCRIPT` of lossviz.ui.page_files.
"""

import streamlit as st

from lossviz.ui import chrome, imports
from lossviz.ui.page_files import FIRST, page_file

# The navigation: its groups, each with its pages and their icons.
GROUPS = {
    "See": {"contours": "landscape", "flow": "air", "doctor": "stethoscope", "reference": "menu_book"},
    "Train": {"train": "play_circle", "sweep": "grid_on"},
    "Read": {
        "angles": "architecture",
        "uniform": "linear_scale",
        "embeddings": "bubble_chart",
        "important": "star",
        "imbalance": "balance",
    },
}

st.set_page_config(page_title="lossviz", page_icon=chrome.ICON, layout="wide")
chrome.apply()
imports.finish()
_last = (st.context.url or "").rpartition("/")[2]
_open = _last if any(_last in pages for pages in GROUPS.values()) else FIRST
st.navigation(
    {
        # The title of a group names its open page, since its list is folded.
        f"{group}: {_open.capitalize()}" if _open in pages and _open != group.lower() else group: [
            st.Page(
                page_file(name), title=name.capitalize(), icon=f":material/{icon}:", default=name == FIRST
            )
            for name, icon in pages.items()
        ]
        for group, pages in GROUPS.items()
    },
    position="top",
).run()

"""How the server of the app is used: by one person on their own machine, or shared."""

from __future__ import annotations

import os
from functools import cache

from streamlit import config

from lossviz.core.mode import Mode


@cache
def mode() -> Mode:
    """How this server is used, read once; ConfigError for an environment that says nonsense."""
    return Mode.read(os.environ, config.get_option("server.address"))

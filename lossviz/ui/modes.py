"""The mode in which the server of the app is used: by one person on their own machine, or shared."""

from __future__ import annotations

import os
from functools import cache

from streamlit import config

from lossviz.core.mode import Mode


@cache
def mode() -> Mode:
    """Give the mode of this server, read once; ConfigError for an environment that cannot be read."""
    return Mode.read(os.environ, config.get_option("server.address"))

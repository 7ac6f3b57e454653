"""The visitor of a page: the mode of the server, who it is, and what they have started."""

from __future__ import annotations

import os
from functools import cache

import streamlit as st
from streamlit import config

from lossviz.mode import Mode


@cache
def mode() -> Mode:
    """How this server is used, read once; ConfigError for an environment that says nonsense."""
    return Mode.read(os.environ, config.get_option("server.address"))

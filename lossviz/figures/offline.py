"""Pages that work as a single file: what they may load, and how they look in both themes."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

from lossviz.figures import palette

# The page around one picture.
STYLE = Path(__file__).with_name("offline.css")
# Nothing is loaded from anywhere; a page that tried to would be stopped by the browser.
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"


def document(title: str, styles: Sequence[str], body: str) -> str:
    """A self-contained HTML page. title: plain text. styles: style sheets. body: markup, with scripts."""
    sheets = "\n".join([variables(), *styles])
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="generator" content="lossviz">
<title>{html.escape(title)}</title>
<style>
{sheets}
</style>
</head>
<body>
<h1>{html.escape(title)}</h1>
{body}
</body>
</html>
"""


def variables() -> str:
    """The style variables that the pictures read, for both themes."""

    def of(theme: palette.Theme) -> str:
        return (
            f"--st-text-color: {theme.text}; --st-background-color: {theme.background}; "
            f"--st-primary-color: {theme.primary}; --lv-code: {theme.secondary_background};"
        )

    font = '--st-font: system-ui, "Segoe UI", "Liberation Sans", sans-serif;'
    return (
        f":root {{ {of(palette.LIGHT)} {font} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ {of(palette.DARK)} }} }}"
    )

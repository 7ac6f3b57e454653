"""Components of the browser: a folder each, with its JavaScript."""

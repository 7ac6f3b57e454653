"""Losses as scalar arithmetic, traced from the functions that train, and written as JavaScript.

A browser that has this code draws a loss at every move of the mouse, and a page with it works without
a server. There is no second formula: `trace` runs a loss's own function once and follows what torch does.
"""

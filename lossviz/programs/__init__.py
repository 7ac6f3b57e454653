"""Losses and runs as source that others can run: the JavaScript that draws, the PyTorch that trains."""

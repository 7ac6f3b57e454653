"""A loss or a run as code that others can run: JavaScript that draws, PyTorch that trains."""

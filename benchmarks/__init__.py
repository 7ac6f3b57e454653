"""What the README's figures come from: prints tables, never asserts a time."""

import os

# Before NumPy is imported: the loop over classes is to run in one thread, like the app's arithmetic.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

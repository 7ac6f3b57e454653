"""Scripts of runs, run without lossviz, and tiny images for them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

# Runs scripts one after the other in their folders; torch is imported once for all.
DRIVER = """
import os, pathlib, runpy, sys
sys.modules["lossviz"] = sys.modules["models"] = None
for folder in sys.argv[1:]:
    os.chdir(folder)
    sys.argv = ["script.py", *pathlib.Path("argument").read_text().split()]
    runpy.run_path("script.py", run_name="__main__")
"""


def images(folder: Path) -> dict[str, str]:
    """Tiny sets of three classes as .npz: grey, colour, and wide with a constant channel."""
    draw = np.random.default_rng(0)
    paths = {}
    for name, shape in {"grey": (1, 8, 8), "colour": (3, 8, 8), "wide": (3, 8, 11)}.items():
        arrays: dict[str, Any] = {"classes": np.array(["a", "b", "c"])}
        for split, each in (("", 14), ("test_", 5)):
            labels = np.arange(3).repeat(each)
            pixels = draw.integers(0, 200, (len(labels), *shape), dtype=np.uint8)
            pixels[:, :, :2] += (20 * labels[:, None, None, None]).astype(np.uint8)
            if name == "wide":
                pixels[:, 1] = 7
            arrays |= {f"{split}images": pixels, f"{split}labels": labels}
        paths[name] = str(folder / f"{name}.npz")
        np.savez(paths[name], **arrays)
    return paths


def run_scripts(folders: list[Path]) -> str:
    outside = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    words = [sys.executable, "-I", "-W", "error", "-c", DRIVER, *map(str, folders)]
    done = subprocess.run(words, cwd=folders[0], env=outside, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout

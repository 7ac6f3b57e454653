"""Sweeps: grids of runs. A cell is a run whose id is the hash of its config, so that it exists once.

>>> from lossviz.sweeps import Plan, SweepStore
>>> plan = Plan.read({"data": "digits"}, losses=["arcface"], vary=["margin=0:0.785:9"], seeds="3")
>>> sweep = SweepStore().create(plan)
>>> sweep.start()
"""

from __future__ import annotations

from lossviz.sweeps.plan import Plan
from lossviz.sweeps.store import Sweep, SweepStore

__all__ = ["Plan", "Sweep", "SweepStore"]

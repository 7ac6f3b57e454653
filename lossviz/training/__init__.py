"""Training small networks: a config in, snapshots out. Nothing here knows of files or pages.

>>> from lossviz.training import RunConfig, train
>>> for snapshot in train(RunConfig(data="digits", loss="arcface", params={"margin": 0.3})):
...     print(snapshot.epoch, snapshot.metrics)
"""

from __future__ import annotations

from collections.abc import Iterator

from lossviz.data import DataSet
from lossviz.training.config import RunConfig
from lossviz.training.snapshot import Snapshot

__all__ = ["RunConfig", "Snapshot", "train"]


def train(config: RunConfig, data: DataSet | None = None) -> Iterator[Snapshot]:
    """Train, and give a snapshot at step 0, about 20 times an epoch and at each epoch's end.

    `data` replaces the data set that the config names. The last snapshot is that of the last step,
    or, if training had to stop, one whose `stopped` says why. Raises LossvizError before the first.
    """
    from lossviz.training.trainer import Trainer

    trainer = Trainer(config, data)
    while True:
        if trainer.due:
            yield trainer.snapshot()
        if trainer.done:
            return
        trainer.advance()

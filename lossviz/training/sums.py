"""Running sums of a run, since the last snapshot and in this epoch."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor


class Sums:
    """Sums by name, kept on the run's device: adding waits for nothing, only `means` does.

    "loss", "right" and "images" belong to every run; "term NAME" to a loss of several terms. The
    tensors of a frame stay where they are, so that a captured step can go on adding to them.
    """

    def __init__(self) -> None:
        self.frame: dict[str, Tensor] = {}
        self.epoch: dict[str, Tensor] = {}

    def add(self, values: Mapping[str, Tensor]) -> None:
        """Add a number to each of these."""
        for name, value in values.items():
            if name in self.frame:
                self.frame[name].add_(value)
            else:
                self.frame[name] = value.clone()

    def means(self, complete: bool) -> dict[str, float]:
        """Means per image since the last call, or, where the epoch is complete, over the epoch."""
        for name, value in self.frame.items():
            before = self.epoch.get(name)
            self.epoch[name] = value.clone() if before is None else before + value
        sums = self.epoch if complete else {name: value.clone() for name, value in self.frame.items()}
        for value in self.frame.values():
            value.zero_()
        if complete:
            self.epoch = {}
        count = float(sums["images"]) if "images" in sums else 0.0
        if not count:
            return {}
        means = {"train_loss": float(sums["loss"]) / count, "train_accuracy": float(sums["right"]) / count}
        for name, value in sums.items():
            if name.startswith("term "):
                means[f"train_loss_{name.removeprefix('term ').replace('-', '_')}"] = float(value) / count
            elif name == "adversary_loss":
                means[name] = float(value) / count
        return means

    def tensors(self) -> dict[str, Tensor]:
        own = {f"frame.{name}": value for name, value in self.frame.items()}
        return own | {f"epoch.{name}": value for name, value in self.epoch.items()}

    def restore(self, saved: Mapping[str, Tensor]) -> None:
        """Take the sums that `tensors` gave."""
        parts = {n.removeprefix("frame."): v for n, v in saved.items() if n.startswith("frame.")}
        whole = {n.removeprefix("epoch."): v for n, v in saved.items() if n.startswith("epoch.")}
        self.frame, self.epoch = {name: value.clone() for name, value in parts.items()}, whole

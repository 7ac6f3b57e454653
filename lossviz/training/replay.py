"""A step that the device repeats: taken down once, then started with one call instead of hundreds.

A small network's step on a GPU is hundreds of small kernels, and starting them from Python takes longer
than computing them. A record (a CUDA graph) starts all at once. What changes from step to step must then
lie in tensors that stay where they are: the step's random choices are copied into them here, learning
rates and moving parameters are dials.
"""

from __future__ import annotations

import functools
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

Draws = dict[str, Tensor]
Step = Callable[[Draws], None]
ALONE, BY_RECORD = 5, 5  # steps that are timed, after a first of each that is not
WORTH = 0.95  # of the time without a record


class Recorder(Protocol):
    """What can take down the work of a device."""

    def record(self, work: Callable[[], None]) -> Callable[[], None]:
        """Do the work once, and give what does it again, in the same memory. RuntimeError: it cannot."""
        ...

    def clock(self) -> Any:
        """A mark in the device's work; waits for nothing."""
        ...

    def between(self, start: Any, end: Any) -> float:
        """Seconds between two marks; waits for the second."""
        ...


class CudaGraphs:
    """Records on a CUDA device. Work is taken from the default stream, where it cannot be recorded."""

    def __init__(self, device: torch.device) -> None:
        self.stream = _stream(device)
        before = torch.cuda.current_stream(device)
        if before != self.stream:
            self.stream.wait_stream(before)
            torch.cuda.set_stream(self.stream)

    def record(self, work: Callable[[], None]) -> Callable[[], None]:
        """Do the work once, and give what does it again."""
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=self.stream):
            work()
        graph.replay()
        replay: Callable[[], None] = graph.replay
        return replay

    def clock(self) -> torch.cuda.Event:
        """An event in the stream."""
        event = torch.cuda.Event(enable_timing=True)
        event.record(self.stream)
        return event

    def between(self, start: torch.cuda.Event, end: torch.cuda.Event) -> float:
        """Seconds between two events."""
        end.synchronize()
        return start.elapsed_time(end) / 1000


@functools.cache
def _stream(device: torch.device) -> torch.cuda.Stream:
    return torch.cuda.Stream(device)


def recorder_for(device: torch.device) -> Recorder | None:
    """What records on this device; None where nothing does."""
    return CudaGraphs(device) if device.type == "cuda" else None


class Dials:
    """Numbers that change between steps, in tensors that stay where they are."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self._tensors: dict[Any, Tensor] = {}

    def turned(self, name: Any, value: float | Sequence[float]) -> Tensor:
        """The tensor of this name, which now holds the value, or the values of several runs."""
        kept = self._tensors.get(name)
        if isinstance(value, (int, float)):
            if kept is None:
                kept = self._tensors[name] = torch.full((), value, dtype=torch.float32, device=self.device)
            return kept.fill_(value)
        given = torch.tensor(value, dtype=torch.float32)
        if kept is None:
            kept = self._tensors[name] = given.to(self.device)
            return kept
        return kept.copy_(given, non_blocking=True)


class Replay:
    """Takes steps, by record where there is a recorder and it pays.

    The first steps are taken without one and timed, then one is recorded; so are replays. `settle`
    compares, where waiting for the device does no harm. A step with fewer images (the last of an epoch)
    is taken without the record.
    """

    def __init__(self, recorder: Recorder | None) -> None:
        self.recorder = recorder
        self.told = ""
        self.forget()

    def forget(self) -> None:
        """Drop the record: what the step is made of has changed."""
        self._again: Callable[[], None] | None = None
        self._kept: Draws = {}
        self._marks: dict[bool, list[tuple[Any, Any]]] = {False: [], True: []}
        self._taken = 0

    @property
    def recorded(self) -> bool:
        """Whether steps are repeated from a record."""
        return self._again is not None

    def take(self, draws: Draws, step: Step) -> None:
        """One step with these choices."""
        if self.recorder is None:
            step(draws)
            return
        if _images(draws) > _images(self._kept):
            self.forget()
            self._kept = {name: value.clone() for name, value in draws.items()}
        if _images(draws) < _images(self._kept):
            step(draws)
            return
        self._taken += 1
        for name, value in draws.items():
            self._kept[name].copy_(value)
        if self._again is not None:
            self._timed(self._again, self._taken - ALONE - 2, BY_RECORD)
        elif self._taken <= 1 + ALONE:
            self._timed(lambda: step(self._kept), self._taken - 1, ALONE)
        else:
            self._record(step)

    def _record(self, step: Step) -> None:
        assert self.recorder is not None
        try:
            self._again = self.recorder.record(lambda: step(self._kept))
        except RuntimeError as reason:
            # What broke a record off is told first; ending it then fails too.
            cause = reason.__context__ or reason
            self.told = f"steps are not recorded: {str(cause).splitlines()[0]}"
            self.recorder = None
            step(self._kept)

    def _timed(self, work: Callable[[], None], number: int, most: int) -> None:
        """Do the work; note how long it takes, unless it is the first or enough are known."""
        assert self.recorder is not None
        if not 0 < number <= most:
            work()
            return
        start = self.recorder.clock()
        work()
        self._marks[self.recorded].append((start, self.recorder.clock()))

    def settle(self) -> None:
        """Once enough steps were taken both ways, say which is quicker, and drop the record if it is not."""
        marks = self._marks
        if self.recorder is None or len(marks[True]) < BY_RECORD or not marks[False]:
            return
        alone, by_record = (
            statistics.median(self.recorder.between(*pair) for pair in marks[way]) for way in (False, True)
        )
        marks[False] = []
        self.told = f"a step takes {1000 * by_record:.2f} ms by record, {1000 * alone:.2f} ms without"
        if by_record > WORTH * alone:
            self.told += ": recording does not pay here"
            self.forget()
            self.recorder = None


def _images(draws: Mapping[str, Tensor]) -> int:
    return sum(value.numel() for value in draws.values())

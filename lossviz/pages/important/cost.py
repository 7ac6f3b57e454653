"""The gain of classes that a run cares for and the cost to the others, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lossviz.core.text import fixed, percent
from lossviz.metrics import confusion
from lossviz.readings import images
from lossviz.readings.important_classes import counts, named
from lossviz.readings.reading import Reading
from lossviz.runs import Run, names


def cares(run: Run, important: Sequence[int]) -> bool:
    """True if the loss of a run has been told to care for one of these classes."""
    own = () if run.problem else run.config.loss_params().get("important", ())
    return bool({own} & {*important} if isinstance(own, int) else {*own} & {*important})


def notice(readings: Sequence[Reading], runs: Sequence[Run], important: Sequence[int]) -> str:
    """Each run that cares for the important classes against the first that does not, as sentences.

    "" where there is nothing to compare: a file, or a run alone.
    """
    kept = {run.id: run for run in runs}
    known = [reading for reading in readings if reading.run_id in kept]
    if len(known) < 2:
        return ""
    carers = [reading for reading in known if cares(kept[reading.run_id], important)]
    others = [reading for reading in known if reading not in carers]
    kind = "class" if len(important) == 1 else "classes"
    group = f"{kind} {named(known[0].classes, important)}"
    if not carers:
        return f"None of these runs cares for {group}: weighted cross-entropy and CAMRI can be told to."
    if not others:
        return f"All of these runs care for {group}: add one that does not, to see what caring changes."
    told = [_against(_likest(others, carer, kept), carer, kept, important, group) for carer in carers]
    return " ".join([*filter(None, told), images.ONE_RUN] if any(told) else [])


def _likest(others: Sequence[Reading], carer: Reading, runs: Mapping[str, Run]) -> Reading:
    """The first of those whose settings differ least from a run's, the loss aside."""
    own = runs[carer.run_id].config
    return min(others, key=lambda other: len(names.differing(runs[other.run_id].config, own)))


def _against(
    before: Reading, after: Reading, runs: Mapping[str, Run], important: Sequence[int], group: str
) -> str:
    """A run that cares against one that does not, image by image; "" where they saw different ones."""
    own, whole = images.paired(before, after, important), images.paired(before, after)
    if own is None or whole is None:
        return ""
    old, new = counts(before), counts(after)
    recalls = [confusion.important_recall(table, important).mean for table in (old, new)]
    accuracies = [confusion.accuracy(table) for table in (old, new)]
    what = "recall" if len(important) == 1 else "mean recall"
    said = (
        f"{after.name} cares for {group}, {before.name} does not. With it the {what} is {_change(*recalls)} "
        f"({percent(recalls[1])} against {percent(recalls[0])}; {images.changes(own)}), the accuracy "
        f"{_change(*accuracies)} ({percent(accuracies[1])} against {percent(accuracies[0])}; "
        f"{images.changes(whole)}). {images.verdict({f'the recall of {group}': own, 'the accuracy': whole})}"
    )
    differing = names.differing(runs[before.run_id].config, runs[after.run_id].config)
    if not differing:
        return said
    told = ", ".join(f"{new or 'not so'} against {old or 'not so'}" for old, new in differing)
    return f"{said} They differ in more than the loss, which may be what made the difference: {told}."


def _change(old: float, new: float) -> str:
    size = fixed(abs(100 * (new - old)))
    if size == fixed(0.0):
        return "the same"
    return f"{size} point{'' if size == '1.0' else 's'} {'higher' if new > old else 'lower'}"

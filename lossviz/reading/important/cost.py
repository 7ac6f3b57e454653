"""What caring for some classes gained them and cost the others, in words."""

from __future__ import annotations

from collections.abc import Sequence

from lossviz.metrics import confusion
from lossviz.reading.important import intervals
from lossviz.reading.important.classes import counts, named
from lossviz.reading.reading import Reading
from lossviz.rounding import fixed, percent
from lossviz.runs import Run


def cares(run: Run, important: Sequence[int]) -> bool:
    """Whether the loss of a run has been told to care for one of these classes."""
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
    return " ".join(_against(others[0], carer, important, group) for carer in carers)


def _against(before: Reading, after: Reading, important: Sequence[int], group: str) -> str:
    old, new = counts(before), counts(after)
    recalls = [confusion.important_recall(table, important).mean for table in (old, new)]
    accuracies = [confusion.accuracy(table) for table in (old, new)]
    overlap = {
        f"the recall of {group}": intervals.overlap(*(intervals.of_recall(t, important) for t in (old, new))),
        "the accuracy": intervals.overlap(*map(intervals.of_accuracy, (old, new))),
    }
    clear = [what for what, shared in overlap.items() if not shared]
    if len(clear) == 2:
        said = "Neither pair of 95 % intervals overlaps."
    elif clear:
        (rest,) = set(overlap) - set(clear)
        said = f"The 95 % intervals of {clear[0]} do not overlap, those of {rest} do."
    else:
        said = "The 95 % intervals overlap in both: the images tested do not tell these runs apart."
    told = [f"({percent(new)} against {percent(old)})" for old, new in (recalls, accuracies)]
    cost = _change(*accuracies).removesuffix(" as")
    return (
        f"{after.name} cares for {group}: its recall is {_change(*recalls)} that of {before.name} "
        f"{told[0]}, its accuracy over all classes {cost} {told[1]}. {said}"
    )


def _change(old: float, new: float) -> str:
    size = fixed(abs(100 * (new - old)))
    if size == fixed(0.0):
        return "the same as"
    return f"{size} point{'' if size == '1.0' else 's'} {'above' if new > old else 'below'}"

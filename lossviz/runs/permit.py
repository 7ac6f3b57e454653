"""The checks of what visitors ask for: which images, how large a run, how many. A request that is not
allowed is refused, with the reason in words, before anything is made."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from lossviz import data
from lossviz.core.errors import LossvizError
from lossviz.core.mode import NONE, Limits, Mode, variable
from lossviz.data import Found
from lossviz.data.uploads import PREFIX
from lossviz.runs import RunStore, cost
from lossviz.training import estimate
from lossviz.training.config import SETTINGS, RunConfig
from lossviz.training.images import check_known_classes

NO_PATHS = (
    "this server is shared: its data sets and what you upload can be used, no files or folders of the machine"
)
Find = Callable[[str], Found | None]


def path_problem(name: str, mode: Mode) -> str:
    """Why the images of this name may not be used; nothing where they may. Looks at no file."""
    if not mode.shared or name in data.catalogue() or name.startswith(PREFIX):
        return ""
    return f"{NO_PATHS}. Choose a data set, or upload an .npz or a .zip under “Images”"


def file_problem(file: str, mode: Mode) -> str:
    """Why a file of one's own may not be read; nothing where it may. Looks at no file."""
    if not mode.shared or file.startswith(PREFIX):
        return ""
    return f"{NO_PATHS}. Upload the .npz here"


def problems(configs: Sequence[RunConfig], mode: Mode, store: RunStore, find: Find = data.find) -> list[str]:
    """Give the reasons why these runs may not be started, each once. find: looks up a data set here."""
    paces: dict[Hashable, float] = {}

    def pace(config: RunConfig) -> float:
        # Read once for all runs of a sweep: the newest runs of the store are opened for it.
        key = cost.alike(config)
        if key not in paces:
            paces[key] = cost.pace(store, config)
        return paces[key]

    return list(dict.fromkeys(filter(None, (_problem(c, mode, pace, find) for c in configs))))


def check(configs: Sequence[RunConfig], mode: Mode, store: RunStore) -> None:
    """Raise LossvizError if these runs may not be started."""
    said = problems(configs, mode, store)
    if said:
        raise LossvizError("; ".join(said))
    check_store(store, mode.limits)


def check_store(store: RunStore, limits: Limits, added: int = 0) -> None:
    """Raise LossvizError if the store is full, or would be with so many bytes more."""
    if limits.store == NONE:
        return
    taken = store.size().bytes
    if taken + added >= limits.store * 1e9:
        more = f" (this would add up to {added / 1e9:.1f} GB)" if added else ""
        raise LossvizError(
            f"the runs kept here take {taken / 1e9:.1f} GB, and may take {limits.store:g} GB{more} "
            f"({variable('store')}): delete some of yours under “Runs”, or ask whoever runs this server"
        )


def check_reading(unknown: str, mode: Mode, store: RunStore) -> None:
    """Raise LossvizError if images may not be put through the network of a run; unknown: the data set of
    the images, if it is not that of the run."""
    check_store(store, mode.limits)
    if unknown and (problem := path_problem(unknown, mode)):
        raise LossvizError(problem)
    if unknown and mode.limits.download != NONE:
        found = data.find(unknown)
        if problem := _download(unknown, found is not None and found.test > 0, mode.limits):
            raise LossvizError(problem)


def _problem(config: RunConfig, mode: Mode, pace: Callable[[RunConfig], float], find: Find) -> str:
    limits = mode.limits
    if problem := path_problem(config.data, mode):
        return problem
    try:
        check_known_classes(config)
    except LossvizError as error:
        return str(error)
    for name in ("dimension", "batch", "threads"):
        most = getattr(limits, name)
        if getattr(config, name) > most:
            given = getattr(config, name)
            return f"{SETTINGS[name].title} may be at most {most:g} on this server; got {given:,}"
    if limits == Limits():
        return ""
    found = find(config.data)
    made = estimate.images(config, found)
    if made is None:
        return ""  # an upload that is gone: an error tells it when it is read
    needs = estimate.of(config, made, estimate.kind(config), pace(config))
    if needs.seconds > limits.minutes * 60:
        return (
            f"a run may take {estimate.duration(limits.minutes * 60)} on this server; this would take about "
            f"{estimate.duration(needs.seconds)}: choose fewer epochs or training images, or a "
            "smaller network"
        )
    if estimate.kind(config) != "cuda" and needs.bytes > limits.memory * 1e9:
        return (
            f"a run may take {limits.memory:g} GB of memory on this server; this would take about "
            f"{estimate.size(needs.bytes)}: choose a smaller batch, network or dimension"
        )
    here = found is not None and found.train > 0 and found.test > 0
    return _download(config.data, here, limits)


def _download(name: str, here: bool, limits: Limits) -> str:
    spec = data.catalogue().get(name)
    if spec is None or here:
        return ""
    sizes = [source.size for source in spec.sources]
    known = sum(size or 0 for size in sizes)
    if limits.download == NONE or (None not in sizes and known <= limits.download * 1e9):
        return ""
    return (
        f"{spec.title} is not on this server, and it fetches at most {limits.download:g} GB by itself: ask "
        "whoever runs it to put it there, or choose another data set"
    )

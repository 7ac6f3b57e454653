"""A run as one Python file that needs only torch, numpy and the images."""

from __future__ import annotations

import ast
import itertools
import textwrap
from collections.abc import Iterable, Mapping, Sequence

import torch

import models
from lossviz import data
from lossviz.core.errors import RunError
from lossviz.programs.script import chain, program
from lossviz.programs.script.book import reached
from lossviz.programs.script.program import Facts
from lossviz.training.config import RunConfig

FILES = {
    "mnist": "idx",
    "fashion-mnist": "idx",
    "kmnist": "idx",
    "cifar-10": "cifar-10",
    "cifar-100": "cifar-100",
}


def source_of(config: RunConfig, complete: bool = True) -> str:
    """Where a script takes the images of a config from; complete: the run had all of the official ones."""
    whole = RunConfig(data=config.data)
    settings = ("classes", "held_out", "train_images", "test_images", "imbalance")
    cut = any(getattr(config, name) != getattr(whole, name) for name in settings)
    if cut or not complete:
        return "npz"
    return "digits" if config.data == "digits" else FILES.get(config.data, "npz")


def script_of(config: RunConfig, facts: Facts, run: str = "ID") -> str:
    """The program that trains the same run; run: as a shell takes it, for the docstring.

    On the CPU, with the threads of the config and the same version of torch, it ends in the same
    bits as a run that trains alone. Of a fork it first trains the runs that it goes back to, each to
    the epoch of the next. RunError for a fork of which the facts do not say where it began.
    """
    runs = chain.stages(config, facts)
    if runs[0][0].fork_run:
        raise RunError(
            f"script: this run goes on from epoch {runs[0][0].fork_epoch} of {runs[0][0].fork_run}, whose "
            "config is not at hand, and a script has to train that run first. Export the script where that "
            "run is kept, or save the weights."
        )
    books = chain.books(runs)
    main = books[-1].names[(program.__name__, "main")]
    parts, constants, imports = reached(books, main)
    home = {new: module for book in books for (module, _), new in book.names.items()}
    texts = {name: text for book in books for name, text in book.parts.items()}
    numbers = {name: number for book in books for name, number in book.constants.items()}
    lines = [
        *_about(runs, run),
        "",
        "from __future__ import annotations",
        "",
        *_sorted_imports(imports),
        "",
    ]
    late = [name for name in constants if _used(numbers[name][0])]
    lines += ["# The run in numbers.", *_constants(numbers, [n for n in constants if n not in late])]
    for title in _ORDER:
        own = [name for name in parts if _section(home[name]) == title]
        if own:
            lines += ["", "", f"# {title}.", "", *_section_lines(texts, own)]
        if title == _SCHEDULES:
            lines += ["", *_constants(numbers, late)]
    lines += ["", "", 'if __name__ == "__main__":', f"    {main}()", ""]
    return "\n".join(_spaced(lines))


_SCHEDULES = "Head, steps and schedules"
# Sections by the beginning of the module's name; the first that fits.
_HEADS = {
    "lossviz.programs.script.program": "The run",
    "lossviz.programs.script.readers": "The images",
    "lossviz.data": "The images",
    "lossviz.training.images": "The images",
    "models": "The network",
    "lossviz.losses": "The loss",
    "lossviz.losses.spec": "The loss",
    "lossviz.training": _SCHEDULES,
}
_ORDER = ("The images", "The network", "The loss", _SCHEDULES, "The run")


def _section(module: str) -> str:
    return next(title for start, title in _HEADS.items() if module.startswith(start))


def _section_lines(texts: Mapping[str, str], names: list[str]) -> list[str]:
    """The parts of a section: what is a number first, then those that others need first."""
    plain = [n for n in names if texts[n].startswith(f"{n} = ") and not _used(texts[n]) - {n}]
    lines = [texts[name] for name in plain]
    for name in names:
        if name not in plain:
            lines += ["", "", texts[name]]
    return lines


def _used(text: str) -> set[str]:
    return {n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)}


def _constants(numbers: Mapping[str, tuple[str, str]], names: Iterable[str]) -> list[str]:
    lines = []
    for name in sorted(names):
        text, meaning = numbers[name]
        line = f"{name} = {text}"
        lines += [line if "\n" in line or len(f"{line}  # {meaning}") > 108 else f"{line}  # {meaning}"]
    return lines


def _sorted_imports(lines: Iterable[str]) -> list[str]:
    """Import lines, those of the standard library first, names of one module together."""
    plain = sorted({line for line in lines if line.startswith("import")})
    froms: dict[str, set[str]] = {}
    for line in lines:
        if line.startswith("from"):
            module, _, name = line.removeprefix("from ").partition(" import ")
            froms.setdefault(module, set()).add(name)
    every = [*plain, *(f"from {m} import {', '.join(sorted(n))}" for m, n in sorted(froms.items()))]
    other = ("torch", "numpy")
    first = [line for line in every if line.split()[1].split(".")[0] not in other]
    return [*first, "", *(line for line in every if line not in first)]


def _spaced(lines: list[str]) -> Iterable[str]:
    """Lines with at most two empty ones in a row."""
    text = "\n".join(lines)
    for empty, group in itertools.groupby(text.split("\n"), key=lambda line: not line.strip()):
        found = list(group)
        yield from found[:2] if empty else found


_NEEDS = {
    "digits": "It needs torch, numpy and scikit-learn, which holds the images:",
    "idx": "It needs torch, numpy and a folder with the four idx files of {title} ({url} and so on):",
    "cifar-10": "It needs torch, numpy and a folder with cifar-10-binary.tar.gz ({url}):",
    "cifar-100": "It needs torch, numpy and a folder with cifar-100-binary.tar.gz ({url}):",
    "npz": "It needs torch, numpy and the run's images, which lossviz writes:",
}
_GIVEN = {"digits": "", "npz": " images.npz"}


def _about(runs: Sequence[chain.Stage], run: str) -> list[str]:
    config, facts = runs[-1]
    spec, net = config.spec, models.get(config.net)
    known = data.catalogue().get(config.data)
    title = known.title if known else "one's own images"
    url = known.urls[0] if known and known.urls else ""
    need = _NEEDS[facts.source].format(title=title, url=url)
    commands = [f"    python THIS_FILE{_GIVEN.get(facts.source, ' FOLDER')}"]
    if facts.source == "npz":
        written = run.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r")
        commands.insert(0, f"    python -m lossviz runs export {written} --what images --out images.npz")
    bits = (
        f"It prints a line an epoch and writes the weights to final.pt. On the CPU, with torch "
        f"{torch.__version__}, they have the same bits as those of the run; another version, a GPU, or a "
        "run that trained in a cohort differ in the last digits, which training makes larger."
    )
    head = f"{spec.title} on {title}, network {net.title}: a training run of lossviz as one program."
    if len(runs) > 1:
        earlier = ", then ".join(f"{c.spec.title} to epoch {f.until}" for c, f in runs[:-1])
        head += f" It is a fork: first {earlier}; what differs there has BEFORE in its name."
    formula = f"The loss of a sample ({spec.source}): {spec.formula}".replace("\\", "\\\\")
    return [
        *textwrap.wrap(f'"""{head}', 106),
        "",
        *textwrap.wrap(formula, 106, break_long_words=False, break_on_hyphens=False),
        "",
        *textwrap.wrap(need, 106, break_long_words=False, break_on_hyphens=False),
        "",
        *commands,
        "",
        *textwrap.wrap(bits, 106),
        '"""',
    ]

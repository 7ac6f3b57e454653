"""A run as one Python file that needs only torch, numpy and the images: the library's own training code.

The file holds the definitions that the run needs, by module, then its settings as data. On the CPU, with
the threads of the config and the same version of torch, it ends in the same bits as the run.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

import torch

from lossviz import data
from lossviz.core.errors import DataError, ProgramError
from lossviz.data.spec import Found
from lossviz.metrics.bounds.angles import separation
from lossviz.programs import standalone
from lossviz.programs.collection import Collection
from lossviz.programs.modules import key_of
from lossviz.programs.standalone import Facts
from lossviz.programs.text import imports_of, packages_of, sections_of
from lossviz.programs.values import Values
from lossviz.training.config import SETTINGS, RunConfig
from lossviz.training.images import check_classes, load

# Settings of which images are trained on: with other values the official files hold more than the run saw.
CUTS = ("classes", "held_out", "train_images", "test_images", "imbalance")


def script_of(runs: Sequence[RunConfig], facts: Facts, files: Found | None = None, run: str = "ID") -> str:
    """The program that trains the last of these runs, each of which goes on from the one before it.

    files: the official files of its data set, which the script then reads; None: the .npz that is exported
    from the run. run: how a shell names the run, for the docstring. ProgramError for a fork without the run
    that it goes on from, and where something has no source.
    """
    if runs[0].fork_run:
        raise ProgramError(
            f"script: this run goes on from epoch {runs[0].fork_epoch} of {runs[0].fork_run}, whose config "
            "is not at hand, and a script has to train that run first. Export the script where that run is "
            "kept, or save the weights."
        )
    entry = standalone.main if len(runs) == 1 else standalone.main_of_fork
    collection = Collection(instead={load: standalone.load, check_classes: standalone.check_classes})
    notes = {name: f"{setting.title}: {setting.meaning}" for name, setting in SETTINGS.items()}
    values = Values(collection, partial(_path, files), {RunConfig: notes})
    collection.set_text(separation, _separation(runs, facts), "from types import SimpleNamespace")
    if files is not None:
        needs = ("import sys", "from pathlib import Path") if files.folder is not None else ()
        collection.set_text(standalone.read_images, "", *needs)
    collection.add(entry)
    values.take(*runs, facts, files and files.read)
    records = values.records()
    if files is not None:
        collection.set_text(standalone.read_images, _reader(values, files))
    configs = [values.text(config) for config in runs]
    name = "RUN" if len(runs) == 1 else "RUNS"
    lines = [
        *_about(runs, files, run, packages_of(collection.imports.values())),
        "",
        "from __future__ import annotations",
        "",
        *imports_of(collection.imports.values()),
        "",
        "",
        f"# {'-' * 20} declarations: of these a script has what its run needs, as data",
        *("\n\n" + record for record in records),
        *sections_of(collection, values.functions(files and files.read, *runs)),
        "",
        "",
        f"# {'-' * 20} the run",
        "",
        f"{name} = {configs[0] if len(runs) == 1 else values.text(runs)}",
        f"FACTS = {values.text(facts)}",
        "",
        'if __name__ == "__main__":',
        f"    {collection.names[key_of(entry)]}({name}, FACTS)",
        "",
    ]
    return "\n".join(lines)


def files_of(config: RunConfig, complete: bool = True) -> Found | None:
    """The official files that a script of this config can read; None: it takes an exported .npz.

    complete: the run had all of the official images.
    """
    whole = RunConfig(data=config.data)
    cut = any(getattr(config, name) != getattr(whole, name) for name in CUTS)
    if cut or not complete or config.data not in data.catalogue():
        return None
    try:
        look = data.recall(config.data)
        found = look.found if look is not None else data.find(config.data, seconds=1.0)
    except DataError:
        return None
    # Many files that are slow to read are kept prepared by lossviz; a script has them as one .npz.
    return None if found is None or found.slow or not found.complete else found


def _path(files: Found | None, path: Path) -> str:
    """A path in the folder that the command line names."""
    if files is None or files.folder is None or not path.is_relative_to(files.folder):
        raise ProgramError(f"{path}: does not lie in the folder of the data set")
    inside = path.relative_to(files.folder)
    return "folder" if inside == Path() else " / ".join(["folder", *(f'"{part}"' for part in inside.parts)])


def _reader(values: Values, files: Found) -> str:
    """The function that reads the files, by the reader of the library."""
    arguments = list(files.read.args) if isinstance(files.read, partial) else []
    function = files.read.func if isinstance(files.read, partial) else files.read
    texts = [values.text(function), *(values.text(each, 4) for each in arguments)]
    lines = [
        "def read_images(progress: Callable[[str, float], None]) -> Raw:",
        '    """The images of the run, from the official files."""',
    ]
    if files.folder is not None:
        lines += ["    if len(sys.argv) != 2:", "        raise SystemExit(__doc__)"]
        lines += ["    folder = Path(sys.argv[1])"]
    return "\n".join([*lines, f"    return {texts[0]}({', '.join([*texts[1:], 'progress'])})"])


def _separation(runs: Sequence[RunConfig], facts: Facts) -> str:
    """The function that says how far apart class weights can be, which is a long search, with its answer."""
    classes = facts.class_count
    known = {config.dimension: separation(classes, config.dimension).low for config in runs if classes > 1}
    return (
        "def separation(classes: int, dimension: int) -> SimpleNamespace:\n"
        f'    """The largest angle that all pairs of {classes} directions can reach, in radians, as lossviz '
        'knows it."""\n'
        f"    return SimpleNamespace(low={known!r}[dimension])"
    )


def _about(runs: Sequence[RunConfig], files: Found | None, run: str, packages: Sequence[str]) -> list[str]:
    """The docstring of the program."""
    config = runs[-1]
    known = data.catalogue().get(config.data)
    title = known.title if known else "one's own images"
    head = (
        f"{config.spec.title} on {title}, network {config.network.title}: a training run of lossviz as one "
        "program, made of the library's own definitions."
    )
    if len(runs) > 1:
        steps = [f"{a.spec.title} to epoch {b.fork_epoch}" for a, b in pairwise(runs)]
        head += f" It is a fork: first {', then '.join(steps)}."
    formula = f"The loss of a sample ({config.spec.source}): {config.spec.formula}"
    needs = f"It needs {', '.join(packages)} and {_images(files, title)}:"
    commands = ["python THIS_FILE"]
    if files is None:
        commands = [f"python -m lossviz runs export {run} --what images --out images.npz"]
        commands.append("python THIS_FILE images.npz")
    elif files.folder is not None:
        commands = ["python THIS_FILE FOLDER"]
    bits = (
        f"It prints a line an epoch and writes the weights to final.pt. On the CPU, with torch "
        f"{torch.__version__}, they have the same bits as those of the run; another version or a GPU differs "
        "in the last digits, which training makes larger."
    )
    return [
        *textwrap.wrap(f'"""{head}', 106),
        "",
        *_wrapped(formula),
        "",
        *_wrapped(needs),
        "",
        *(f"    {_escaped(command)}" for command in commands),
        "",
        *textwrap.wrap(bits, 106),
        '"""',
    ]


def _images(files: Found | None, title: str) -> str:
    """Where the images come from, as part of a sentence."""
    if files is None:
        return "the run's images, which lossviz writes"
    if files.folder is None:
        return f"the images of {title}: {data.catalogue()[files.key].note}".rstrip(".")
    names = [file.relative_to(files.folder).as_posix() for file in files.files]
    more = f" and {len(names) - 6} more files" if len(names) > 6 else ""
    urls = data.catalogue()[files.key].urls
    where = f" (from {urls[0]} and so on)" if urls else ""
    return f"a folder of {title} with {', '.join(names[:6])}{more}{where}"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(_escaped(text), 106, break_long_words=False, break_on_hyphens=False)


def _escaped(text: str) -> str:
    """A text as it stands within a docstring."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r")

"""The command line: the app's pictures, lists and training without the app."""

from __future__ import annotations

import argparse
import codecs
import errno
import io
import os
import sys
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

from lossviz.cli import app, programs, read, runs, sweep, train
from lossviz.cli.words import call_with_warnings, join_values, pairs, refuse
from lossviz.core import output
from lossviz.core.errors import LossError, LossvizError
from lossviz.core.paths import resolve

NOBODY_READS = 141  # as a shell says it
FORMATS = ("png", "svg", "pdf", "npz", "csv", "py")


class _Parser(argparse.ArgumentParser):
    """A parser whose options, and those of its commands, must be written in full."""

    def __init__(self, **more: Any) -> None:
        super().__init__(allow_abbrev=False, **more)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 0 done, 1 training went wrong,
    2 something in the command is wrong, 130 interrupted, 141 the reader of the output has left."""
    parser = _Parser(prog="python -m lossviz", description="See what a loss does.")
    # A command with more options has those of a loss, a run or a projection, which it reads itself.
    parser.set_defaults(more_options=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    words = join_values(sys.argv[1:] if arguments is None else arguments)
    app.add(commands)
    _add_field(commands)
    _add_losses(commands)
    programs.add(commands)
    train.add(commands, words)
    sweep.add(commands)
    runs.add(commands)
    read.add(commands)
    codecs.register_error("lossviz", _as_it_can)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="lossviz")
    known, rest = parser.parse_known_args(words)
    try:
        if known.more_options:
            status = known.run(known, rest)
        else:
            refuse(rest)
            status = known.run(known)
        if sys.stdout is not None:
            sys.stdout.flush()
        return int(status)
    except BrokenPipeError:
        # Whoever read has left, as `head` does. What is still held back must not be written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS
    except LossvizError as error:
        print(f"lossviz: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        why = "no space is left; free some, then try again" if full else error.strerror or error
        print(f"lossviz: a file could not be read or written: {why}{where}", file=sys.stderr)
        return 2


def _as_it_can(error: UnicodeError) -> tuple[str | bytes, int]:
    """A question mark where a terminal has no × or °; the bytes of a path that is no UTF-8 as they are."""
    if not isinstance(error, UnicodeEncodeError):
        return codecs.replace_errors(error)
    part = error.object[error.start : error.end]
    return bytes(ord(c) - 0xDC00 if 0xDC80 <= ord(c) <= 0xDCFF else ord("?") for c in part), error.end


def _add_losses(commands: Any) -> None:
    command = commands.add_parser("losses", help="list the catalogue")
    command.set_defaults(run=_losses)


def _losses(known: argparse.Namespace) -> int:
    from lossviz import losses

    for spec in losses.catalogue().values():
        params = ", ".join(f"{p.name}={p.text(p.default)}" for p in spec.params)
        names = "/".join((spec.key, *spec.aliases))
        print(f"{names:42} {spec.title:34} {params}".rstrip())
    return 0


def _add_field(commands: Any) -> None:
    command = commands.add_parser(
        "field",
        help="draw losses over the plane of 2-D features",
        description="Draws one or several losses, as on the contour page. Parameters of the losses are "
        "options by their names, e.g. --margin 0.4 (or 22.5deg) --scale 32 --important 0,2.",
    )
    command.add_argument("losses", nargs="*", help="keys or aliases; see 'python -m lossviz losses'")
    command.add_argument("--out", required=True, help=f"the file: .{', .'.join(FORMATS)}")
    command.add_argument("--view", default="", help="the part of a page's link after '?'")
    command.add_argument("--classes", help="number of classes, 2 to 10 (default 3, evenly spread)")
    command.add_argument("--label", help="class of the samples (default 0)")
    command.add_argument("--weights", help="class weights: 'x,y; x,y; …'")
    command.add_argument("--centers", help="class centres: 'x,y; x,y; …'")
    command.add_argument("--bias", help="one bias for losses that take one")
    command.add_argument("--biases", help="a bias for each class: 'b0,b1,…'")
    command.add_argument("--reach", help="the plane runs from -reach to reach (default 3)")
    _add_switch(command, "--log", "heights", "log", "heights on a logarithmic scale")
    _add_switch(command, "--shared", "colours", "shared", "one colour scale for all panels")
    _add_switch(command, "--arrows", "arrows", "yes", "arrows of the negative gradient")
    command.add_argument("--start", help="gradient descent from here: 'x,y'")
    command.add_argument("--radius", help="radius of the circle on which the opening is measured")
    command.add_argument("--level", help="the loss at the valley's edge (default log K)")
    _add_switch(command, "--no-opening", "opening", "no", "without circle, line and angle")
    command.add_argument("--resolution", type=int, default=300, help="grid points a side (default 300)")
    command.set_defaults(run=_field, more_options=True)


def _add_switch(command: Any, option: str, setting: str, text: str, told: str) -> None:
    """Add an option without a value, which gives a setting of the view this text."""
    command.add_argument(option, dest=setting, action="store_const", const=text, help=told)


def _field(known: argparse.Namespace, rest: list[str]) -> int:
    from lossviz.pages.contours import valleys
    from lossviz.pages.contours.panels import write

    out = resolve(known.out, "--out")
    kind = output.checked(out, FORMATS)
    view = _view(known, rest)
    content = call_with_warnings(write, view, kind, resolution=known.resolution)
    output.write(out, content)
    print(f"{known.out}: {', '.join(view.losses)}; {len(content):,} bytes")
    if view.opening:
        print("\n".join(valleys.sentences(view)))
    return 0


def _view(known: argparse.Namespace, rest: list[str]) -> Any:
    """The view that the options describe; anything wrong ends the command."""
    from lossviz import losses
    from lossviz.pages.contours.view import ContourView

    query = dict(parse_qsl(known.view.lstrip("?"), keep_blank_values=True))
    links = {declared.link for declared in ContourView.declarations().values()} - {"losses"}
    query |= {name: text for name, text in vars(known).items() if name in links and text is not None}
    named = [*known.losses, *(word for word in rest if not word.startswith("--"))]
    if named:
        query["losses"] = ",".join(losses.get(name).key for name in named)
    view = ContourView.from_exact_query(query)
    for name, text in pairs([word for word in rest if word.startswith("--")]):
        owners = [spec for spec in view.specs() if any(p.name == name for p in spec.params)]
        if not owners:
            has = sorted({f"--{p.name}" for spec in view.specs() for p in spec.params})
            raise LossError(
                f"unknown option --{name} for {', '.join(view.losses)}; "
                f"they have {', '.join(has) or 'no parameters'}"
            )
        for spec in owners:
            link = spec.param(name).link
            value = view.parameters()[link].read(text, f"{spec.key}: {name}")
            view = view.with_param(link, value)
    return view

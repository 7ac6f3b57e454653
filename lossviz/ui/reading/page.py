"""A reading page: its runs or file as arrays, its settings, and the look-out for what changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

import streamlit as st

from lossviz.core.errors import LossvizError
from lossviz.readings import images, progress, selection, source, studies, user_file
from lossviz.readings import store as shelf
from lossviz.readings.filenames import file_name
from lossviz.readings.jobs import ReadingJob, extraction
from lossviz.readings.reading import Reading
from lossviz.readings.view import ReadView
from lossviz.runs import Run, RunStore, permit
from lossviz.runs.names import legend
from lossviz.ui import autostart, visit
from lossviz.ui.binding import Binding, plain
from lossviz.ui.components import watch
from lossviz.ui.modes import mode
from lossviz.ui.reading import pictures, shared_selection, sources

NO_RUNS = "There are no runs yet: “Train what this page is about” has some to start."

V = TypeVar("V", bound=ReadView)


class Page(Generic[V]):
    """One visit of a reading page: settings read from the link, runs or file found and read.

    name: of the page, as in its address. kind: its view. needs: gives "" if a reading has what the page
    shows; otherwise a sentence that says which setting gives it.
    """

    def __init__(
        self, name: str, kind: type[V], needs: Callable[[Reading], str] = lambda reading: ""
    ) -> None:
        self.name, self.bound = name, Binding(name, kind)
        self.bound.open()
        st.session_state[pictures.PRESENTATION] = self.bound.view.presentation
        self.store = RunStore()
        self.messages: list[str] = []
        self._something_to_read()
        self.runs, missing = selection.runs_of(self.store, self.view)
        self.messages += missing
        self._begun = _states(progress.renew(self.runs))
        self.readings: list[Reading] = []
        self.waiting: list[ReadingJob] = []
        for reading in self._read():
            lacks = needs(reading)
            if lacks:
                self.messages.append(f"{reading.name}: {lacks}")
            else:
                self.readings.append(reading)

    @property
    def view(self) -> V:
        return self.bound.view

    def alike(self, readings: Sequence[Reading]) -> list[Reading]:
        """Give the readings with the classes of the first; say of the others that they are left out."""
        same = [r for r in readings if r.classes == readings[0].classes]
        for reading in readings:
            if reading not in same:
                self.messages.append(
                    f"{reading.name}: has other classes than {readings[0].name} and is left out here"
                )
        return same

    def groups(self, readings: Sequence[Reading]) -> Iterator[tuple[list[Reading], str]]:
        """Group the readings by their images; gives each group with the ending of its elements' keys.

        Several groups stand under headings, and a name is distinct only within its group.
        """
        found = images.groups(readings)
        if len(found) < 2:
            yield from ((group, "") for group in found)
            return
        st.info(plain(images.apart(found)))
        found = [self._renamed(group) for group in found]
        titles = [images.title(group) for group in found]
        for n, (group, title) in enumerate(zip(found, titles, strict=True)):
            whose = f": {', '.join(r.name for r in group)}" if titles.count(title) > 1 else ""
            st.subheader(plain(title + whose))
            yield group, f" {n}" if n else ""

    def _renamed(self, group: Sequence[Reading]) -> list[Reading]:
        ids = {reading.run_id for reading in group}
        names = legend([run for run in self.runs if run.id in ids])
        return [replace(reading, name=names.get(reading.run_id, reading.name)) for reading in group]

    def _something_to_read(self) -> None:
        """Choose what is read, where neither the visitor chose runs or a file here nor the link names them:
        what another page showed last, else the newest runs, or, the very first time, the page's study."""
        view, before = self.view, shared_selection.last()
        if before is not None and not before.file and not selection.runs_of(self.store, before)[0]:
            before = None
        if view.runs or view.file:
            if before is not None and shared_selection.follows(self.name, view):
                same = (view.runs, view.file) == (before.runs, before.file)
                at = view.at if same else before.at
                self._take(replace(view, runs=before.runs, file=before.file, at=at))
            return
        if before is not None:
            self._take(view.with_sources_of(before))
            return
        try:
            found = selection.newest(self.store)
            if not found and autostart.may_start():
                found = visit.start(studies.of(self.name)[0].configs)
                autostart.remember(found)
            if not found:
                self.messages.append(NO_RUNS)
                return
        except (LossvizError, OSError) as error:
            self.messages.append(str(error))
            return
        self._take(view.with_sources_of(ReadView(runs=found)))

    def _take(self, view: V) -> None:
        self.bound.complete(view)
        shared_selection.took(self.name, view)

    def _read(self) -> Iterator[Reading]:
        view = self.view
        if view.file and not sources.may_look(view.file):
            return
        if view.file:
            try:
                yield user_file.of_file(sources.path_of(view.file), user_file.title(view.file))
            except LossvizError as error:
                self.messages.append(str(error))
            return
        names = legend(self.runs)
        for run in self.runs:
            try:
                yield self._of_run(run, names[run.id])
            except LossvizError as error:
                # A run that has just begun is no error: the watch below tells how far it is.
                if run.problem or not progress.moves(run.status):
                    self.messages.append(str(error))

    def _of_run(self, run: Run, name: str) -> Reading:
        """Give the images asked for, or, while they are being read, those shown in training."""
        view = self.view
        if view.part != "shown" and not source.available(run, view.at, view.part):
            self.waiting.append(self.extraction(run, view.part))
            return source.of_run(run, view.at, "shown", name)
        return source.of_run(run, view.at, view.part, name)

    def extraction(self, run: Run, part: str, layer: str = "") -> ReadingJob:
        """The job that reads a part's images of a run at the epoch shown, started unless it is kept;
        LossvizError where that is not allowed, or too many wait."""
        shelf.check_part(part)
        if shelf.extraction(run, self.view.at, part, layer) is None:
            other = part.startswith(shelf.UNKNOWN) and part != shelf.HELD_OUT
            unknown = part.removeprefix(shelf.UNKNOWN) if other else ""
            permit.check_reading(unknown, mode(), self.store)
        return extraction(run, self.view.at, part, layer, most=mode().limits.whole("jobs"))

    def problems(self) -> None:
        """Show the problems of the page and the jobs that it waits for."""
        self.bound.tell(*self.messages)
        if (file := self.view.file) and not sources.may_look(file):
            st.info(
                plain(f"The link names a file on the machine of this app, {file}. It is opened on a press.")
            )
            self.bound.press("Read it", "look", sources.look, file, icon=":material/folder_open:")
        opened = st.empty()
        self._watch()
        # Told last: runs that end later are noticed by the watch, earlier ends by nothing but this.
        stop = "Stop, under the picture of the page Train, ends them."
        autostart.notice(opened, self.runs, self.store, stop)

    def _watch(self) -> None:
        """Mount the watch while something trains or is being read; the page runs again when that is done."""
        moving = [run for run in self.runs if not run.problem and progress.moves(run.status)]
        standing = [(job, job.now) for job in self.waiting]
        jobs_now = [job for job, now in standing if not now.ended]
        names = legend(self.runs)
        for job, now in standing:
            if now.resumable:
                of = names.get(job.subject.name, job.subject.name)
                st.warning(plain(f"{of}, {job.part} images: {now.reason}"))
                again = partial(job.start, True, mode().limits.whole("jobs"))
                self.bound.press("Try again", f"again {job.id}", again, icon=":material/refresh:")
        # The states when this page began to read: a change since then counts as news.
        drawn = _word([*self._begun, *(now.state for _, now in standing)])
        if not moving and not jobs_now and self._begun == _states(progress.renew(self.runs)):
            return
        named = tuple((run.path, names[run.id]) for run in self.runs if not run.problem)
        what = (named, [job.id for job in self.waiting])
        look = partial(_look, self.store.path, named, tuple(self.waiting))
        watch.mount(what, look, drawn=drawn, key=f"{self.name}.watch", on_changed=self.bound.touch)

    def file(self, what: str, readings: Sequence[Reading] = ()) -> str:
        """Give the name, without ending, of a file with what the page shows of these readings, or of all."""
        return file_name(self.name, what, readings or self.readings)

    def close(self) -> None:
        """Remember for the other pages which runs or file are read, and write the link."""
        shared_selection.read(self.view)
        self.bound.close()


def _look(store: Path, named: Sequence[tuple[Path, str]], waiting: Sequence[ReadingJob]) -> watch.News:
    """Say how jobs and runs stand; there is news when one begins, ends, or finishes an epoch."""
    standing = [job.now for job in waiting]
    lines = [watch.Line(now.words, now.progress) for now in standing if not now.ended]
    names = {path.name: name for path, name in named}
    seen = progress.follow(RunStore(store), list(names))
    for each in seen:
        now = each.status
        if each.moves:
            words = f"{names[each.run.id]}: {now.state}, epoch {now.epoch:.1f} of {now.epochs}."
            lines.append(watch.Line(words))
    if any(each.moves for each in seen):
        progress.queue(RunStore(store))  # what waits begins as soon as there is room
    return watch.News(_word([*_states(seen), *(now.state for now in standing)]), lines)


def _states(seen: Sequence[progress.RunProgress]) -> list[str]:
    return [f"{each.run.id} {each.status.state} {each.tested}" for each in seen if not each.problem]


def _word(states: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(states).encode()).hexdigest()[:16]

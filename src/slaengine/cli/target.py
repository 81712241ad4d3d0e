"""Where `run` writes to: a file, standard output or a folder; and what it tells on the way."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from slaengine.cli.common import console
from slaengine.errors import InputError
from slaengine.frames.folder import assess_folder
from slaengine.frames.places import FORMATS, STANDARD, Place, find_places, format_of, on_disk
from slaengine.frames.sources import Source
from slaengine.frames.stream import Done, Wanted, assess_files
from slaengine.frames.stream import Progress as Told
from slaengine.table import Job

__all__ = ["Target", "rows_bar"]


class Target:
    """What `-o` names. `InputError` for what cannot be written, before anything is read."""

    def __init__(self, out: str, format_: str, rejects: str, *, resume: bool) -> None:
        self.out = out
        self._format = format_
        self._resume = resume
        named = any(out.endswith(f".{known}") for known in FORMATS)
        self.is_folder = out.endswith(("/", os.sep)) or (not named and Path(out).is_dir())
        if not self.is_folder:
            self._kind = format_of(out, format_)
            if resume:
                raise InputError("--resume goes on with a job into a folder", hint="name one: -o answers/")
        self.rejects = rejects or ("" if out == STANDARD else f"{out}.rejected.csv")

    def assess(
        self, sources: list[str], job: Job, select: list[str], threads: int, *, quiet: bool, no_color: bool
    ) -> Done:
        """Assess files into it, and tell how many records there were and what became of them."""
        wanted = Wanted(job, select, self.rejects, threads)
        with ExitStack() as stack:
            places = stack.enter_context(on_disk(find_places(sources, self._format)))
            told = stack.enter_context(rows_bar(Source(places).total, hidden=quiet, no_color=no_color))
            done = self._write(places, wanted, told)
        if done.rejected or not quiet:
            words = f"{done.rows + done.rejected:,} records in = {done.rows:,} out + {done.rejected:,} rejected"
            where = f" (see {self.where_rejected})" if done.rejected else ""
            console(no_color=no_color).print(words + where, markup=False)
        return done

    def _write(self, places: list[Place], wanted: Wanted, told: Told) -> Done:
        if self.is_folder:
            return assess_folder(places, self.out, self._format, wanted, told, resume=self._resume)
        return assess_files(places, self.out, self._kind, wanted, told)

    @property
    def where_rejected(self) -> str:
        """Where lines went that are no records."""
        return "*.rejected.csv beside each file" if self.is_folder else self.rejects


@contextmanager
def rows_bar(total: int, *, hidden: bool, no_color: bool) -> Iterator[Told]:
    """A progress bar on standard error: how far the files are read, rows a second, the time left."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
        console=console(no_color=no_color),
        disable=hidden,
    )
    begin, rows = time.monotonic(), 0
    with bar:
        task = bar.add_task("assessing", total=total, speed="")

        def told(more: int, done: int) -> None:
            nonlocal rows
            rows += more
            speed = rows / max(time.monotonic() - begin, 1e-9)
            bar.update(task, completed=done, speed=f"{speed:,.0f} rows/s")

        yield told
        bar.update(task, completed=total)

"""From a folder of files to another: file by file, and where it was stopped it goes on."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from slaengine.errors import InputError
from slaengine.frames.files import whole_file
from slaengine.frames.places import FORMATS, STANDARD, Place
from slaengine.frames.schema import provenance
from slaengine.frames.stream import Done, Progress, Wanted, assess_files
from slaengine.frames.tally import Tally

__all__ = ["assess_folder"]

LOG = "_slaengine.json"
"""What a job writes down beside its files: the pack and settings, and what became of each file."""


def assess_folder(
    places: list[Place], out: str, format_: str, wanted: Wanted, progress: Progress, *, resume: bool
) -> Done:
    """Assess each file into one of the same name in a folder, which takes its name once all are there.

    Until then they lie in a hidden folder beside it, where `resume` finds those that a stopped job had finished. A job
    with other settings or other files is not resumed: an `InputError`, as is a folder that is there already.
    """
    folder = Path(out)
    names = _names(places, format_)
    log = _Log(_beside(folder), _fingerprint(places, names, wanted), wanted)
    if _is_finished(folder, log, resume=resume):
        return log.done
    log.begin(resume=resume)
    for place, (name, kind) in zip(places, names, strict=True):
        if name not in log.files:
            log.finish(name, _one(place, log.folder / name, kind, wanted, progress))
    log.folder.replace(folder)
    return log.done


def _one(place: Place, path: Path, kind: str, wanted: Wanted, progress: Progress) -> Done:
    path.parent.mkdir(parents=True, exist_ok=True)
    rejects = f"{path}.rejected.csv"
    wanted = wanted._replace(rejects=rejects if wanted.rejects else "")
    return assess_files([place], str(path), kind, wanted, progress, without=frozenset(place.partition))


def _names(places: list[Place], format_: str) -> list[tuple[str, str]]:
    """The name and format of each output."""
    found = [(_renamed(place, format_), format_ or place.format) for place in places]
    for place, (name, _) in zip(places, found, strict=True):
        if place.path == STANDARD:
            raise InputError("standard input is no file of a folder", hint="name a file to write to")
        if sum(each == name for each, _ in found) > 1:
            raise InputError(f"two files are named {name}", hint="give the folder that both lie in")
    return found


def _renamed(place: Place, format_: str) -> str:
    ends = next((known for known in FORMATS if place.name.endswith(f".{known}")), "")
    return f"{place.name.removesuffix(ends)}{format_}" if format_ and ends else place.name


def _beside(folder: Path) -> Path:
    place = folder.resolve()
    return place.parent / f".{place.name}.partial"


def _is_finished(folder: Path, log: _Log, *, resume: bool) -> bool:
    """Whether the very job was done before; a folder that holds anything else is never written to."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return False
    if resume and log.read(folder):
        return True
    raise InputError(f"{folder} is there already", hint="name a new folder, or remove it")


def _fingerprint(places: list[Place], names: list[tuple[str, str]], wanted: Wanted) -> str:
    """One number for what the job is to do: the same job finds the same files, unchanged."""
    job = wanted.job
    asked = [job.engine.digest, str(job.today), job.names, job.values, job.prefix, list(job.also), list(wanted.select)]
    files = [(place.path, os.stat(place.path).st_size, os.stat(place.path).st_mtime_ns) for place in places]  # noqa: PTH116
    return hashlib.sha256(json.dumps([asked, files, names], sort_keys=True, default=str).encode()).hexdigest()


class _Log:
    """What is written down of a job, and read by the one that resumes it."""

    def __init__(self, folder: Path, fingerprint: str, wanted: Wanted) -> None:
        self.folder = folder
        self.files: dict[str, Any] = {}
        self._head = {"job": fingerprint, **provenance(wanted.job)}

    @property
    def done(self) -> Done:
        """What all files add up to."""
        done = Done()
        for told in self.files.values():
            done.add(Done(told["rows"], told["rejected"], Tally.from_json(told["counts"])))
        return done

    def begin(self, *, resume: bool) -> None:
        """Make the folder, or go on in the one that is there."""
        if self.folder.exists():
            if not resume:
                hint = f"go on with --resume, or remove {self.folder}"
                raise InputError(f"a job into {self.folder} was stopped", hint=hint)
            if not self.read(self.folder):
                hint = f"run it as it was begun, or remove {self.folder}"
                raise InputError("the job that was stopped had other settings, or its files were others", hint=hint)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._write()

    def read(self, folder: Path) -> bool:
        """Whether the log in a folder is one of this job; then its files are known."""
        try:
            told = json.loads((folder / LOG).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        if told.get("job") != self._head["job"]:
            return False
        self.files = told["files"]
        return True

    def finish(self, name: str, done: Done) -> None:
        """A file is there."""
        self.files[name] = {"rows": done.rows, "rejected": done.rejected, "counts": done.tally.as_json()}
        self._write()

    def _write(self) -> None:
        with whole_file(str(self.folder / LOG)) as file:
            file.write(json.dumps({**self._head, "files": self.files}, ensure_ascii=False, indent=1).encode())

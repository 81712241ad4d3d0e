"""From lists to a pack: what is sure is shipped, everything else goes to the review file, and every row is counted."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from slaengine.authoring.check import find_faults
from slaengine.authoring.read import read_draft
from slaengine.errors import Fault, InputError, RulePackError
from slaengine.frames.files import whole_file
from slaengine.pack import RulePack
from slaengine.packs import find_beside
from slaengine.registry.deciding import Decided, Doubt, Key, decide
from slaengine.registry.entries import Entry, read_entries
from slaengine.registry.packfiles import MARK, Settings, instruments, limits, new_files, procedures, steps
from slaengine.registry.review import completions, read_review, review_text
from slaengine.registry.sheet import Sheet

__all__ = ["Imported", "import_lists"]

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the rows of the lists; `rows` is the sum of the four counts."""

    rows: int
    shipped: int
    by_hand: int
    """Rows that a person completed and that are shipped for it."""
    declined: int
    """Rows of which a person said that they state no limit."""
    review: Mapping[str, int]
    """Rows in review by reason."""
    rejected: int
    grades: Mapping[str, int]
    limits: int
    procedures: int
    findings: tuple[Fault, ...]

    @property
    def balanced(self) -> bool:
        """Whether every row is accounted for once."""
        return self.rows == self.shipped + self.by_hand + self.declined + sum(self.review.values()) + self.rejected


def import_lists(
    sheets: Sequence[Sheet], out: Path, review: Path, base: RulePack, settings: Settings, progress: Progress
) -> Imported:
    """Write the pack and the review file; both appear whole, or neither does.

    A completed review file in that place is read first, and kept. Raises `InputError` where `out` holds a pack that was
    not imported, `RulePackError` where the pack would not load.
    """
    kept = _kept(out)
    entries, rejected = read_entries(sheets, progress)
    typed, wrong = read_review(review)
    completed, outdated = completions(typed, entries, review.name)
    decided = decide(entries, completed, _held(base, settings))
    with _new_folder(out) as folder:
        _write_pack(folder, out.name, kept, decided, base, settings)
        found = (*(note for sheet in sheets for note in sheet.notes), *rejected, *wrong, *outdated)
        result = _counted(sheets, entries, rejected, decided, set(completed), found)
        if not result.balanced:
            raise AssertionError(f"{result} does not account for every row")
        with whole_file(str(review)) as file:
            file.write(review_text(entries, decided.doubts, typed).encode("utf-8-sig"))  # so that Excel reads it
    return result


def _kept(out: Path) -> str:
    """The instruments of a pack that was imported before; "" where there is none yet."""
    if not out.exists():
        return ""
    text = (out / "instruments.toml").read_text(encoding="utf-8") if (out / "instruments.toml").is_file() else ""
    if MARK not in text and any(out.iterdir()):
        raise InputError(
            f"{out} holds something that was not imported", hint="choose another folder, or a pack that extends it"
        )
    return text


def _held(base: RulePack, settings: Settings) -> dict[Key, str]:
    """The limits that the extended pack has, on the day of the list or later."""
    found: dict[Key, str] = {}
    for rule in base.rules:
        over = rule.effective_until is not None and rule.effective_until <= min(settings.as_of)
        if rule.basis == settings.basis and not over:
            found[rule.key] = " + ".join(f"{part.limit.amount} {part.limit.unit}" for part in rule.parts)
    return found


@contextlib.contextmanager
def _new_folder(out: Path) -> Iterator[Path]:
    """A folder beside `out`, with what stands there; it takes the place of `out` when everything went well."""
    out = out.resolve()
    try:
        folder = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
    except OSError as error:
        raise InputError(f"cannot write {out}: {error.strerror}", hint="check the folder") from error
    try:
        if out.exists():
            shutil.copytree(out, folder, dirs_exist_ok=True)
        yield folder
        folder.chmod(0o755)
        old = folder.with_suffix(".old")
        if out.exists():
            out.rename(old)
        try:
            folder.rename(out)
        except OSError:
            old.rename(out)
            raise
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_pack(folder: Path, name: str, kept: str, decided: Decided, base: RulePack, settings: Settings) -> None:
    """The files of the pack; limits that its calendar or conventions cannot count go to review with the reason."""
    levels = [*base.levels, *dict.fromkeys(one.key[1] for one in decided.shipped if one.key[1] not in base.levels)]
    for file, text in new_files(name, settings, levels):
        if not (folder / file).exists():
            (folder / file).write_text(text, encoding="utf-8")
    for _ in range(2):
        text, owners = limits(decided.shipped, settings)
        (folder / "limits.csv").write_text(text, encoding="utf-8")
        (folder / "procedures.csv").write_text(procedures(decided.shipped, base.procedures), encoding="utf-8")
        _write_or_remove(folder / "steps.csv", steps(decided.shipped, settings))
        told = instruments(kept, decided.shipped, settings)
        (folder / "instruments.toml").write_text(told, encoding="utf-8")
        faults = _faults(folder)
        own = f"{folder.name}/limits.csv"
        uncounted = {owners[fault.line - 2].key: fault for fault in faults if fault.file == own and fault.line > 1}
        if not uncounted:
            break
        _take_back(decided, uncounted)
    if faults:
        raise RulePackError(name, tuple(_renamed(fault, folder.name, name) for fault in faults))


def _write_or_remove(place: Path, text: str) -> None:
    if text:
        place.write_text(text, encoding="utf-8")
    else:
        place.unlink(missing_ok=True)


def _renamed(fault: Fault, written: str, name: str) -> Fault:
    """A fault by the name of the pack, not of the folder it is made in."""
    return fault._replace(file=fault.file.replace(written, name, 1))


def _faults(folder: Path) -> list[Fault]:
    faults: list[Fault] = []
    draft = read_draft(folder, lambda name: find_beside(folder, name), faults)
    return [*faults, *(find_faults(draft) if draft else ())]


def _take_back(decided: Decided, uncounted: Mapping[Key, Fault]) -> None:
    for one in decided.shipped:
        fault = uncounted.get(one.key)
        for entry in one.entries if fault else ():
            decided.doubts[entry.key] = Doubt("not_countable", f"{one.limit}: {fault.message}")  # type: ignore[union-attr]
    decided.shipped = [one for one in decided.shipped if one.key not in uncounted]


def _counted(
    sheets: Sequence[Sheet],
    entries: Sequence[Entry],
    rejected: Sequence[Fault],
    decided: Decided,
    completed: set[tuple[str, str]],
    findings: tuple[Fault, ...],
) -> Imported:
    plain = [entry for entry in entries if entry.key not in decided.doubts and entry.key not in decided.declined]
    return Imported(
        rows=sum(sheet.count for sheet in sheets),
        shipped=sum(entry.key not in completed for entry in plain),
        by_hand=sum(entry.key in completed for entry in plain),
        declined=len(decided.declined),
        review=Counter(str(doubt.reason) for doubt in decided.doubts.values()),
        rejected=len({(fault.file, fault.line) for fault in rejected}),
        grades=Counter(str(entry.graded.grade) for entry in entries),
        limits=len(decided.shipped),
        procedures=len({one.key[0] for one in decided.shipped}),
        findings=findings,
    )

"""What the rows of a pack's CSV files may say: one model a file."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, Field, model_validator

from slaengine.authoring.fields import Amount, Citations, Day, MaybeCitations, MaybeDate, Number, Text
from slaengine.authoring.schema import CalendarFile, ConventionsFile, InstrumentsFile, PackFile, PackModel
from slaengine.vocabulary import Basis, Combine, Governs, ModifierEffect, Status, SupplementEffect, Unit

__all__ = ["FILES", "CaseRow", "LimitRow", "ModifierRow", "ProcedureRow", "StepRow", "SuccessionRow"]


E = TypeVar("E", bound=StrEnum)
BlankOr = Annotated[Literal[""] | E, Field(union_mode="left_to_right")]
"""A word of a list, or nothing; blank comes first, because a list is slow to say that it does not hold a word."""


class ProcedureRow(PackModel):
    """procedures.csv: what can be asked for."""

    code: Text
    title_vi: Text
    title_en: str
    field: str


class LimitRow(PackModel):
    """limits.csv: one row per version and part of a limit."""

    code: Text
    level: Text
    variant: Annotated[str, Field(pattern=r"^[\w\-]*$")]
    basis: Basis
    part: Number
    combine: BlankOr[Combine]
    amount: Amount
    unit: Unit
    convention: Text
    calendar: Text
    start_event: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    governs: Governs
    supplement_effect: BlankOr[SupplementEffect]
    effective_from: Day
    effective_until: MaybeDate
    known_from: MaybeDate
    until_known_from: MaybeDate
    citation: Citations
    checked_on: MaybeDate
    transition_from: MaybeDate = None
    governs_citation: MaybeCitations = Field(default_factory=list)
    valid_from_unknown: Literal["", "yes"] = ""

    @model_validator(mode="after")
    def _fits(self) -> LimitRow:
        if self.effective_until is not None and self.effective_until <= self.effective_from:
            raise ValueError("the version ends before it begins; effective_until is the first day without it")
        if (self.part == 1) != (self.combine == ""):
            raise ValueError("the first part joins nothing, every further one by then, earlier or later")
        if (self.governs is Governs.TRANSITIONAL) != (self.transition_from is not None):
            raise ValueError("transition_from goes with governs = transitional")
        if self.governs is not Governs.RECEIPT and not self.governs_citation:
            raise ValueError("governs_citation is missing; name the clause that says so")
        if self.until_known_from is not None and self.effective_until is None:
            raise ValueError("until_known_from without effective_until; give the end that is known")
        if self.known_from is not None and (self.until_known_from or self.known_from) < self.known_from:
            raise ValueError("the end was known before the version was; check known_from and until_known_from")
        return self


class _OfVersion(PackModel):
    """A row that belongs to one version of a limit."""

    code: Text
    level: Text
    variant: Annotated[str, Field(pattern=r"^[\w\-]*$")]
    basis: Basis
    effective_from: Day


class ModifierRow(_OfVersion):
    """modifiers.csv: what an attribute of the case does to a limit."""

    attribute: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    effect: ModifierEffect
    amount: Amount
    unit: Unit
    citation: Citations
    checked_on: MaybeDate


class StepRow(_OfVersion):
    """steps.csv: the steps inside a whole limit, in order."""

    step: Number
    name_en: Text
    name_vi: Text
    amount: Amount
    unit: Unit
    convention: Text
    calendar: Text
    citation: Citations
    checked_on: MaybeDate


class SuccessionRow(PackModel):
    """succession.csv: which level took over from which, and from when; a blank code means every procedure."""

    code: str
    level: Text
    successor: Text
    effective_from: Day
    citation: Citations
    checked_on: MaybeDate


class CaseRow(PackModel):
    """cases/*.csv: conformance cases; a blank expectation is not checked."""

    name: Text
    citation: Text
    procedure: Text
    level: str
    variant: str
    received_at: str
    finished_at: str
    today: str
    due_at: str
    due_date: str
    status: Literal["", "early", "on_time", "late", "running", "overdue", "suspended", "unknown"]
    margin: str
    problem: str
    note: str
    basis: Literal["", "statutory", "commitment"] = ""
    attributes: str = ""
    times: str = ""
    events: str = ""
    known_at: str = ""
    flags: str = ""


assert {s.name.lower() for s in Status} | {""} == set(CaseRow.model_fields["status"].annotation.__args__)  # type: ignore[union-attr]  # noqa: S101  # the two lists are one

FILES: dict[str, type[BaseModel]] = {
    "pack.toml": PackFile,
    "instruments.toml": InstrumentsFile,
    "conventions.toml": ConventionsFile,
    "calendars/*.toml": CalendarFile,
    "procedures.csv": ProcedureRow,
    "limits.csv": LimitRow,
    "modifiers.csv": ModifierRow,
    "steps.csv": StepRow,
    "succession.csv": SuccessionRow,
    "cases/*.csv": CaseRow,
}
"""The files of a pack and what each holds (a CSV file: what each row holds)."""

"""How an outcome came about, told day by day: a view of the result, which adds no days of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from slaengine.calendar import Calendar
from slaengine.case import EVENTS, Case
from slaengine.days import in_zone
from slaengine.errors import PROBLEMS, describe
from slaengine.outcome import Outcome, Steps, Told
from slaengine.pack import RulePack
from slaengine.rule import Rule
from slaengine.vocabulary import Citation, CountFrom, CutOffEffect, Problem, Status, Unit
from slaengine.walk import Stretch, covers, stretches_of
from slaengine.words import cite, cut_off_text, date_text, day_text, moment_text, parts_text, say, status_text

__all__ = ["Explanation", "Stretch"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The reasons for one outcome; shows itself in notebooks."""

    outcome: Outcome
    told: tuple[Told, ...]
    """What each event did to the clock."""
    pack: RulePack
    calendars: Mapping[str, Calendar]
    engine_digest: str

    def text(self, language: str = "en") -> str:
        """The explanation as plain lines, in English (`en`) or Vietnamese (`vi`)."""
        lines = list(self._lines(language))
        width = max(len(label) for label, _ in lines)
        return "\n".join(f"{label:<{width}}  {words}".rstrip() for label, words in lines)

    def html(self, language: str = "en") -> str:
        """The explanation as a table that any page can hold."""
        from html import escape  # noqa: PLC0415  # slow to load, and only pages need it

        rows = (f"<tr><th>{escape(a)}</th><td>{escape(b)}</td></tr>" for a, b in self._lines(language))
        return f'<table class="slaengine" lang="{language}">{"".join(rows)}</table>'

    def _repr_html_(self) -> str:
        return self.html()

    def json(self) -> str:
        """Inputs, digests and steps, from which the outcome can be recomputed and compared."""
        return json.dumps(self.data(), ensure_ascii=False, indent=2)

    def data(self) -> dict[str, Any]:
        """What `json` writes, as plain values."""
        outcome, case = self.outcome, self.outcome.case
        return {
            "pack": {"id": self.pack.id, "version": self.pack.version, "digest": self.pack.digest},
            "engine_digest": self.engine_digest,
            "case": {
                "procedure": case.procedure,
                "level": case.level,
                "variant": case.variant,
                "case_id": case.case_id,
                "received_at": _iso(case.received_at),
                "finished_at": _iso(case.finished_at),
                "attributes": dict(case.attributes),
                **_events_data(case),
            },
            "today": _iso(outcome.today),
            "outcome": result_of(outcome),
            "rule": _rule_data(outcome.rule) if outcome.rule else None,
            "steps": _steps_data(outcome.steps) if outcome.steps else None,
            "days": [_stretch_data(stretch) for stretch in self.stretches()],
        }

    def stretches(self) -> list[Stretch]:
        """The days from the deemed receipt to the due day, those that lie together and count alike as one."""
        return stretches_of(self.outcome, self.told, self.calendars)

    def _lines(self, language: str) -> Iterator[tuple[str, str]]:
        outcome = self.outcome
        if outcome.rule is not None:
            yield from self._rule_lines(language, outcome.rule)
        yield from self._receipt_lines(language)
        yield from (self._told_line(language, told) for told in self.told)
        yield from (self._stretch_line(language, stretch) for stretch in self.stretches())
        yield from self._result_lines(language)
        yield say(language, "pack"), f"{self.pack.id} {self.pack.version} (sha256 {self.pack.digest[:12]})"

    def _rule_lines(self, language: str, rule: Rule) -> Iterator[tuple[str, str]]:
        procedure = self.pack.procedures.get(rule.key.procedure)
        title = (procedure.title_vi if language == "vi" else procedure.title_en) if procedure else ""
        yield say(language, "rule"), f"{title} ({rule.id})".strip()
        yield say(language, "limit"), parts_text(language, rule.parts)
        yield say(language, "law"), self._cited(language, rule.citations)
        how = rule.convention
        yield say(language, "counting"), how.title_vi if language == "vi" else how.title_en
        yield "", self._cited(language, how.citations + (how.cut_off.citations if how.cut_off else ()))
        until = rule.effective_until
        valid = [date_text(language, day) for day in (rule.effective_from, until) if day]
        yield say(language, "in_force"), say(language, "from_until" if until else "from", *valid)
        if rule.valid_from_unknown:
            yield "", say(language, "since_unknown", date_text(language, rule.effective_from))

    def _cited(self, language: str, citations: tuple[Citation, ...]) -> str:
        def number(citation: Citation) -> str:
            instrument = self.pack.instruments[citation.instrument]
            return instrument.number or (instrument.title_vi if language == "vi" else instrument.title_en)

        return "; ".join(dict.fromkeys(cite(language, citation, number(citation)) for citation in citations))

    def _receipt_lines(self, language: str) -> Iterator[tuple[str, str]]:
        outcome, steps = self.outcome, self.outcome.steps
        yield say(language, "received"), moment_text(language, self._local(outcome.case.received_at))
        if steps is not None and outcome.rule is not None:
            if steps.late and outcome.rule.convention.cut_off:
                yield "", say(language, "late", cut_off_text(language, outcome.rule.convention.cut_off))
            if self._moved(steps):
                yield "", say(language, "deemed", moment_text(language, steps.deemed_at))

    def _told_line(self, language: str, told: Told) -> tuple[str, str]:
        """What one event did to the clock."""
        times = moment_text(language, told.at)
        if told.kind == "stop":
            times += f" .. {moment_text(language, told.end)}" if told.end else f" .. {say(language, 'not_ended')}"
        else:
            times += f" {told.text}" if told.text else ""
        if told.due_at is None:
            effect = say(language, "stands_still")
        else:
            effect = say(language, "counted" if told.counted else "void", moment_text(language, told.due_at))
        return say(language, told.kind), f"{times}: {effect}"

    def _moved(self, steps: Steps) -> bool:
        """Whether the receipt counts at another time than it came."""
        received = self._local(self.outcome.case.received_at)
        if not isinstance(received, datetime):
            return steps.deemed_at.date() != received
        return steps.deemed_at != received.replace(microsecond=0)

    def _local(self, moment: date) -> date:
        """A moment as the clocks of the pack's zone read it."""
        aware = isinstance(moment, datetime) and moment.tzinfo is not None
        return in_zone(moment, self.pack.zone).replace(tzinfo=None) if aware else moment  # type: ignore[arg-type]

    def _stretch_line(self, language: str, stretch: Stretch) -> tuple[str, str]:
        days = day_text(language, stretch.first)
        if stretch.last != stretch.first:
            days = f"{days} .. {day_text(language, stretch.last)}"
        name = stretch.name_vi if language == "vi" else stretch.name_en
        counts = _count_text(language, stretch)
        reason = f"{name} [{stretch.source}]" if name else ""
        if name.lower().startswith(counts.lower()):
            counts = ""  # "day off, Day off, worked on ..." says it twice
        return "", f"{days}: {', '.join(filter(None, (counts, reason)))}"

    def _result_lines(self, language: str) -> Iterator[tuple[str, str]]:
        outcome, steps = self.outcome, self.outcome.steps
        if steps is not None and outcome.rule is not None:
            yield from self._end_lines(language, outcome.rule, steps)
        due = outcome.due_at
        yield say(language, "due"), moment_text(language, due) if due else say(language, "no_due")
        if outcome.case.finished_at is not None:
            finished = moment_text(language, self._local(outcome.case.finished_at))
            ahead = outcome.status in {Status.RUNNING, Status.OVERDUE}
            yield say(language, "finished"), f"{finished} ({say(language, 'ignored')})" if ahead else finished
        if outcome.today is not None:
            yield say(language, "today"), moment_text(language, self._local(outcome.today))
        yield say(language, "status"), "; ".join([status_text(language, outcome.status), *self._amounts(language)])
        if outcome.problem is not Problem.NONE:
            yield say(language, "problem"), f"{describe(outcome.problem, language)} ({outcome.problem})"
        if outcome.provisional:
            yield "", say(language, "provisional")
        if outcome.promise_status is not None:
            yield say(language, "promise"), status_text(language, outcome.promise_status)
        if outcome.flags:
            yield say(language, "flags"), ", ".join(outcome.flags)
        if outcome.commitment is not None and outcome.commitment.due_at is not None:
            yield say(language, "other_basis"), moment_text(language, outcome.commitment.due_at)

    def _end_lines(self, language: str, rule: Rule, steps: Steps) -> Iterator[tuple[str, str]]:
        """Why the last counted day is not the due day, and why a month ended where it did."""
        if rule.limit.unit.in_hours or self.told or self.outcome.stages:
            return
        wanted = steps.deemed_at.day - (rule.convention.count_from is CountFrom.SAME_DAY)
        if rule.limit.amount and rule.limit.unit in {Unit.MONTH, Unit.YEAR} and steps.last_day.day != wanted > 0:
            yield say(language, "last_day"), say(language, "month_end", wanted, day_text(language, steps.last_day))
        if steps.last_day == steps.rolled_day:
            return
        calendar = self.calendars[rule.calendar]
        pushed = steps.late and rule.convention.cut_off and rule.convention.cut_off.effect is CutOffEffect.DUE_DAY
        off = covers(calendar, steps.last_day) and not calendar.is_working_day(steps.last_day)
        why = ("pushed_off" if off else "pushed") if pushed else "rolled"
        if not pushed and steps.rolled_day == steps.deemed_at.date() < steps.last_day:
            why = "clamped"
        told = say(language, why, day_text(language, steps.rolled_day))
        yield say(language, "last_day"), f"{day_text(language, steps.last_day)}: {told}"

    def _amounts(self, language: str) -> Iterator[str]:
        outcome = self.outcome
        if outcome.days_saved:
            yield say(language, "margin_saved", outcome.days_saved)
        if outcome.days_late or outcome.days_late_calendar:
            yield say(language, "margin_late", outcome.days_late, outcome.days_late_calendar)
        if outcome.elapsed is not None:
            in_hours = outcome.rule is not None and outcome.rule.limit.unit.in_hours
            yield say(language, "elapsed_minutes" if in_hours else "elapsed", outcome.elapsed)


def result_of(outcome: Outcome) -> dict[str, Any]:
    """The columns of the answer as plain values: what a replay compares."""
    return {
        "due_at": _iso(outcome.due_at),
        "due_date": _iso(outcome.due_date),
        "status": str(outcome.status),
        "problem": None if outcome.problem is Problem.NONE else str(outcome.problem),
        "margin": outcome.margin,
        "days_saved": outcome.days_saved,
        "days_late": outcome.days_late,
        "days_late_calendar": outcome.days_late_calendar,
        "elapsed": outcome.elapsed,
        "rule_id": outcome.rule_id,
        "provisional": outcome.provisional,
    }


def _count_text(language: str, stretch: Stretch) -> str:
    if stretch.minutes is not None and stretch.kind == "open":
        return say(language, "open", stretch.minutes // 60, stretch.minutes % 60)
    if stretch.numbers is None:
        return say(language, stretch.kind)
    first, last = (f"{number:g}" for number in stretch.numbers)
    return say(language, "day_n", first) if first == last else say(language, "days_n", first, last)


def _events_data(case: Case) -> dict[str, Any]:
    """What happened to the clock and what was promised, as far as there is anything, in plain values."""
    lists = {name: [_plain(event) for event in getattr(case, name)] for name in EVENTS if getattr(case, name)}
    moments = {name: _iso(getattr(case, name)) for name in ("first_promised_at", "promised_at") if getattr(case, name)}
    times = {name: _iso(moment) for name, moment in case.event_times.items() if moment is not None}
    return {**lists, **moments, **({"event_times": times} if times else {})}


def _plain(event: Any) -> dict[str, Any]:
    values = {key: value for key, value in event._asdict().items() if value not in {None, ""}}
    return {key: _iso(v) if isinstance(v, date) else str(v) if key == "amount" else v for key, v in values.items()}


def _rule_data(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "amount": rule.limit.amount if isinstance(rule.limit.amount, int) else str(rule.limit.amount),
        "unit": str(rule.limit.unit),
        "convention": rule.convention.name,
        "calendar": rule.calendar,
        "effective_from": _iso(rule.effective_from),
        "effective_until": _iso(rule.effective_until),
        "citations": [str(citation) for citation in rule.citations],
        **({"valid_from_unknown": True} if rule.valid_from_unknown else {}),
    }


def _steps_data(steps: Steps) -> dict[str, Any]:
    return {name: _iso(getattr(steps, name)) for name in ("deemed_at", "first_counted", "last_day", "rolled_day")}


def _stretch_data(stretch: Stretch) -> dict[str, Any]:
    return {
        "first": _iso(stretch.first),
        "last": _iso(stretch.last),
        "kind": stretch.kind,
        "numbers": list(stretch.numbers) if stretch.numbers else None,
        "minutes": stretch.minutes,
        "name_en": stretch.name_en,
        "name_vi": stretch.name_vi,
        "source": stretch.source,
    }


def _iso(value: date | None) -> str | None:
    return value.isoformat() if value is not None else None


assert set(PROBLEMS) == set(Problem)  # noqa: S101  # every problem has its words

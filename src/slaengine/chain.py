"""The kernel's driver for one record whose limit is not a plain one, or whose clock was stopped."""

from __future__ import annotations

from slaengine import kernel
from slaengine.days import DAY
from slaengine.events import MICRO, NEVER_ENDED, Event, Kind
from slaengine.facts import ENDLESS, Closed, Facts, Refusal, Settled, choose, modified, started, tick_at
from slaengine.figures import Due
from slaengine.maker import EFFECTS, ORIGINS, UNITS, Trait, family, part_of
from slaengine.outcome import Told
from slaengine.tables import Tables
from slaengine.ticking import Ticking
from slaengine.vocabulary import ExtendFrom, Flag, Governs, Problem, SupplementEffect, Unit

__all__ = ["Chain"]


class Chain(Ticking):
    """One chain of parts, run from its start through all events.

    `begun` is the second at which the last stop began, `skips` whether the clock still ran on that day.
    """

    flags, begun, skips = 0, 0, 0
    seen, counted, in_time = 0, 0, True

    def __init__(self, t: Tables, facts: Facts, main: int, row: int, forced: int, cap: int) -> None:
        super().__init__(t, facts, row)
        self.main, self.forced, self.cap = main, forced, cap
        self.horizon = facts.horizon
        self.told: list[Told] = []

    def settled(self) -> Settled | Refusal:
        """What has come of the limit, or why nothing has; for one of several alternatives."""
        try:
            return self.complete()
        except Refusal as refused:
            return refused

    def complete(self) -> Settled:
        """Run through all events and parts; what leaves no due day is a `Refusal`."""
        t, row = self.t, self.head
        moment, dated = started(t, self.facts, row)
        self.begin(row, moment, dated=dated)
        events = iter(self.facts.events)
        event = next(events, None)
        while True:
            while event is not None and self.apply(event):
                event = next(events, None)
            if self.suspended or not self.then:
                return self.result()
            self.pass_on()

    def pass_on(self) -> None:
        """The next part begins where this one ends."""
        run, row, still = self.run, self.then, self.still
        self.refuse_unknown()
        self.stages.append((self.row, self.start.first, run.last))
        held = self.t.row(row)
        start = kernel.as_received(held.rule, run.day, run.second if held.traits & Trait.HOURS else self.start.second)
        self.late = False
        self.enter(row, start, still.until, still.idle, still.floor)

    def result(self) -> Settled:
        """What has come of the limit."""
        run = self.run
        if not self.suspended:
            self.refuse_unknown()
        if self.facts.requests > 1:
            self.flags |= Flag.SECOND_SUPPLEMENT
        return Settled(
            self.head,
            self.started,
            Due(run.end, run.day, self.due_second()),
            self.started.first,
            run.last,
            self.late,
            self.still.idle,
            self.suspended,
            self.flags,
            tuple(self.told),
            self.tick,
            (*self.stages, (self.row, self.start.first, run.last)),
        )

    def is_in_time(self, event: Event) -> bool:
        """Whether an event counts; a due day that the calendar does not know comes after those that it knows."""
        if self.suspended or kernel.counts(self.ops, self.run, self.still.until, event.time):
            return True
        if not self.unknown and (self.shut or self.run.end != -Problem.CALENDAR_NOT_COVERED):
            return False
        known = self.held.rule
        if not known.covered_from <= event.time // DAY < known.covered_until:
            raise Refusal(Problem.CALENDAR_NOT_COVERED, self.row)
        return True

    def apply(self, event: Event) -> bool:
        """Let an event take effect; false where it comes too late for this part."""
        if event.time > self.horizon:
            return True  # a closed case has no more events
        if event.dated or event.supplement:
            self.refuse_unruled(event)
        if event.kind == Kind.RESTART and self.effect(event) is SupplementEffect.SUSPEND:
            self._passed(counted=True)
            return True
        counted = (self.seen < self.forced and not self.then) or self.is_in_time(event)
        counted = counted and self.seen < self.cap and not self.traits & Trait.BACKWARD
        if not counted:
            if self.then:
                return False
            self.flags |= Flag.EVENT_VOID
        self._passed(counted=counted)
        if counted and event.kind == Kind.STOP:
            self._stop(event)
        elif counted:
            (self._restart, self._extend)[event.kind](event)
        self._tell(event, counted=counted)
        return True

    def _tell(self, event: Event, *, counted: bool) -> None:
        """Note what an event did."""
        told = event._replace(end=NEVER_ENDED) if event.end > self.horizon else event  # an end that is yet to come
        known = self.run.end >= 0 and not self.suspended and not self.unknown
        due = self.run.day * DAY + self.due_second() if known else None
        self.told.append(Told(told, counted, due, self.t.first_second))

    def refuse_unruled(self, event: Event) -> None:
        """Refuse an event without its hour where hours count, and a supplement that the rule says nothing of."""
        if event.dated and self.in_hours:
            raise Refusal(Problem.TIME_NEEDED, self.row)
        if event.supplement and self.effect(event) is None and not self.held.traits & Trait.BACKWARD:
            raise Refusal(Problem.SUPPLEMENT_UNRULED, self.row)

    def effect(self, event: Event) -> SupplementEffect | None:
        """What the rule says a supplement does; nothing of other events."""
        return EFFECTS[self.more.links.supplement] if event.supplement else None

    def _passed(self, *, counted: bool) -> None:
        """One event more has been looked at."""
        self.in_time = self.in_time and counted
        self.counted += self.in_time
        self.seen += 1

    def _stop(self, event: Event) -> None:
        """Stand still, or close the case; what stands still for good is not stopped again."""
        begun, end = event.time, event.end
        if event.supplement and self._closes(event):
            raise Closed(event)
        if self.suspended:
            return
        if begun < self.joint:
            raise Refusal(Problem.STOP_BEFORE_EXTENSION, self.row)
        if begun > self.still.until:
            self.begun, self.skips = begun, self.halts.skip_first
        if end <= self.horizon:
            self.stop(begun, end)
        elif self.facts.finished:
            self.stop(begun, max(begun, self.horizon))
        else:
            self.stop_for_good(begun, self.open_end(begun))

    def _closes(self, event: Event) -> bool:
        """Whether the case is closed by a request for documents, and was not filed anew."""
        unanswered = event.answered > self.horizon and not self.facts.is_closed
        return self.effect(event) is SupplementEffect.CLOSE_AND_REFILE and unanswered

    def open_end(self, begun: int) -> int:
        """Where a stop is cut that has not ended: after the day that is looked at."""
        if self.horizon >= ENDLESS or self.in_hours:
            return begun if self.horizon >= ENDLESS else self.horizon
        return (self.horizon // DAY + 1 - self.more.stops.take_last) * DAY

    def _restart(self, event: Event) -> None:
        """A new receipt; stops that reach beyond it go on stopping the new count."""
        goes_on = self.suspended or self.still.until > event.time
        until = self.still.until if goes_on else -1
        row = self._row_anew(event, refiled=self.effect(event) is SupplementEffect.CLOSE_AND_REFILE)
        self.begin(row, event.time, dated=bool(event.dated), until=until)
        if goes_on:
            since = self.begun // DAY + self.skips
            day = max(since, self.still.floor) * DAY  # a night belongs to the day before
            (self.stop_for_good if self.suspended else self.stop)(event.time if self.in_hours else day, until)

    def _row_anew(self, event: Event, *, refiled: bool) -> int:
        """The row for a new receipt: of its own day where the dossier was filed anew, or where a restart governs."""
        t, day, before = self.t, event.time // DAY, self.main
        group = self.main // t.versions.width
        if refiled:
            group = t.versions.group(self.facts.limit, day)
            self.main, _ = choose(t, self.facts, group, event.time, dated=bool(event.dated))
        else:
            changes = list(enumerate(t.versions.changes.get(group, ()), start=group * t.versions.width + 1))
            restarts = [(number, change.day) for number, change in changes if change.governs is Governs.RESTART]
            self.main = max([self.main, *(number for number, since in restarts if since <= day)])
            for number, since in reversed(restarts):
                self.main -= number == self.main and since > day  # restarted before that law came
        if t.traits[self.main] & Trait.NO_RULE:
            raise Refusal(Problem.NOT_IN_FORCE, self.main)
        return modified(t, self.facts, self.main) if refiled or self.main != before else self.head

    def _extend(self, event: Event) -> None:
        terms, unit = self.more.terms, UNITS[event.unit]
        total = self.total + (event.amount if event.unit == terms.unit else 0)
        if (
            not terms.origin
            or self.times >= terms.times
            or (total > terms.total * MICRO and event.unit == terms.unit)
            or (event.amount < 0 and not terms.shortens)
            or not self._extended(unit, event.amount)
        ):
            self.flags |= Flag.EXTENSION_VOID
            return
        self.times, self.total = self.times + 1, total

    def _extended(self, unit: Unit, amount: int) -> bool:
        """Count an extension; false where its unit cannot be added to this limit."""
        hours = self.in_hours
        if unit.in_hours:
            mine = Unit.HOUR if hours and self.more.hours.elapsed else Unit.WORKING_HOUR
            if not hours or unit is not mine:
                return False
            room = self.more.hours.most - self.run.place
            if not self.suspended:
                self.run = self.run._replace(place=self.run.place + min(amount * 3600 // MICRO, room))
                self.settle()
            return True
        further, fraction = hours or not self._on_own_line(unit), self.held.traits & Trait.FRACTION
        if amount % MICRO or (further and (amount < 0 or fraction)) or (amount < 0 and fraction):
            return False  # no text says what comes after a part of a day, how days are taken off it or a further part
        if amount and not self.suspended:
            self._days_longer(unit, amount // MICRO, further=further)
        return True

    def _days_longer(self, unit: Unit, amount: int, *, further: bool) -> None:
        """Count on, as far as the calendar is known."""
        zero = self._zero()
        if further:
            last = self.t.size if self.in_hours or zero < 0 else zero
            self.joint = max(self.joint, (last + 1) * DAY)
        self.unknown |= (further or amount > 0) and not (zero >= 0 and self._in_room(unit, amount))
        if not self.unknown:
            (self._hours_on if self.in_hours else self._days_on)(unit, amount, zero)

    def _zero(self) -> int:
        """The day from which a further part is counted; -1 where the calendar does not know it."""
        run = self.run
        if ORIGINS[self.more.terms.origin] is ExtendFrom.ROLLED_END:
            return run.day if self.shut or run.end != -Problem.CALENDAR_NOT_COVERED else -1
        return run.last if self.in_hours or run.last < 0 else max(run.last, self.still.floor)

    def _in_room(self, unit: Unit, amount: int) -> bool:
        """Whether an extension ends within the tables, and one in working days where the calendar knows its start."""
        days = {Unit.WEEK: 7, Unit.MONTH: 31, Unit.YEAR: 366}.get(unit, 1)
        first, last = min(self.run.day, self.run.last), max(self.run.day, self.run.last)
        known = self.held.rule.covered_from - 1 <= first and last < self.more.terms.known
        return (known or unit is not Unit.WORKING_DAY) and self.run.day + amount * days < self.t.size

    def _on_own_line(self, unit: Unit) -> bool:
        """Whether an extension is counted with the limit itself, not as a further part."""
        origin = ORIGINS[self.more.terms.origin]
        if family(unit) != self._own_family() or origin is ExtendFrom.ROLLED_END:
            return False
        return not unit.in_months or origin is ExtendFrom.START

    def _days_on(self, unit: Unit, amount: int, zero: int) -> None:
        terms, run, still = self.more.terms, self.run, self.still
        line, end, ticks, by_month = part_of(terms, unit, amount)
        if self._on_own_line(unit):
            begun = self.start.day, self.start.first
            self.run = kernel.lengthen(self.ops, self.more.stops, run, still, *begun, ticks, terms.clear)
        else:
            further = zero, line, end, ticks, by_month
            self.run, self.still = kernel.go_on(self.ops, self.more.stops, run, still, *further)
        self.close()

    def _own_family(self) -> int:
        """What the running part is counted in, as `family` numbers it."""
        return 2 if self.run.by_month else int(self.run.line == self.more.terms.days)

    def _hours_on(self, unit: Unit, amount: int, zero: int) -> None:
        """The due day moves, the time of day stays."""
        terms = self.more.terms
        line, end, ticks, by_month = part_of(terms, unit, amount)
        day = self.ops.take(end + self.ops.take(line + zero + 1) + ticks - 1 + by_month)
        if day == -Problem.NO_SUCH_DAY:
            raise Refusal(-day, self.row)
        self.unknown |= day < 0
        if not self.unknown:
            moment = day * DAY + self.run.second
            self.run = self.run._replace(place=tick_at(self.t, self.more.hours, moment))
            self.still = self.still._replace(moved=0, floor=max(self.still.floor, moment))
            self.settle()

"""The kernel's driver for one record whose limit is not a plain one, or whose clock was stopped."""

from __future__ import annotations

from slaengine import kernel
from slaengine.days import DAY
from slaengine.events import MICRO, NEVER_ENDED, Event, Kind
from slaengine.facts import (
    ENDLESS,
    Closed,
    Facts,
    Refusal,
    Settled,
    applies_of,
    check_cover,
    choose,
    closing,
    modified,
    start_of,
    started,
    tick_at,
)
from slaengine.figures import Due, Run, Start
from slaengine.maker import EFFECTS, ORIGINS, UNITS, Trait, family, part_of
from slaengine.outcome import Told
from slaengine.tables import Tables
from slaengine.vocabulary import ExtendFrom, Flag, Governs, Problem, SupplementEffect, Unit

__all__ = ["Chain"]


class Chain:
    """One chain of parts, run from its start through all events."""

    until, flags = -1, 0
    seen, counted, in_time = 0, 0, True
    suspended = False
    since = still = tick = 0

    def __init__(self, t: Tables, facts: Facts, main: int, row: int, forced: int, cap: int) -> None:
        self.t, self.facts, self.main, self.head = t, facts, main, row
        self.forced, self.cap = forced, cap
        self.ops = t.scalar_ops
        self.told: list[Told] = []

    def begin(self, row: int, moment: int, *, dated: bool) -> None:
        """A clock that starts at a moment, with nothing stopped yet."""
        self.row, self.head, self.joint = row, row, -1
        self.unknown = self.shut = False
        held = self.t.row(row)
        if dated and held.traits & Trait.NEEDS_TIME:
            raise Refusal(Problem.TIME_NEEDED, row)
        check_cover(self.t, row, held, moment // DAY)
        start, self.late = start_of(self.t, row, held, moment, applies_of(self.t, self.facts, held), dated=dated)
        self.started = start
        self.idle = self.times = self.total = 0
        self.stages: list[tuple[int, int, int]] = []
        self.rank = held.rule.rank  # what is elapsed is measured on the calendar of the first part
        self.enter(row, start)

    def enter(self, row: int, start: Start[int], floor: int = -1) -> None:
        """The next part, which begins at `start`, and is not due before the day (second) `floor` of the whole limit."""
        self.row, self.start, self.held, self.more = row, start, self.t.row(row), self.t.more(row)
        check_cover(self.t, row, self.held, start.day)
        if self.held.traits & Trait.HOURS:
            began = start.day * DAY + start.second
            tick = tick_at(self.t, self.more.hours, began)
            if row == self.head:
                self.tick, self.still = tick, began
            floor = max(began, floor)
            self.run = self.placed(kernel.begin_hours(self.more.hours, tick, floor, self.until, self.idle))
        else:
            due, late = kernel.due(self.ops, self.held.rule, start), int(self.late)
            stops = self.more.stops
            run = kernel.begin(self.ops, self.held.rule, stops, start, due, late, self.until, self.idle)
            if floor >= 0:
                run = kernel.settle(self.ops, stops, run._replace(floor=floor))
            self.run = self.closed(run)

    def placed(self, run: Run[int]) -> Run[int]:
        """A run in hours with its due moment on the wall clock."""
        hours = self.more.hours
        day, second = kernel.moment_of(self.ops, hours, run.place + run.moved)
        if day >= 0 and hours.elapsed:
            day, second = divmod(self.t.clock.wall(day * DAY + second), DAY)
        return kernel.settle_hours(self.ops, self.more.stops, run, day, second)

    def due_second(self) -> int:
        """The second of the due day on which the limit ends: the last there was before one that there was not."""
        run, gaps = self.run, self.t.gaps
        if not gaps:
            return run.second
        gap = gaps.get(run.day + self.t.first_day)
        return gap.start - 1 if gap is not None and gap.start <= run.second < gap.end else run.second

    def closed(self, run: Run[int]) -> Run[int]:
        """A run in days with the last lawful second of its due day; that it has none matters only in the end."""
        if not self.held.traits & (Trait.CLOSES | Trait.NEEDS_TIME) and run.end >= 0:
            return run
        due = closing(self.t, self.held, Due(run.end, run.day, run.second))
        self.shut = run.end >= 0 > due.end
        if due.end == -Problem.NO_SUCH_DAY and not self.suspended:
            raise Refusal(-due.end, self.row)
        return run._replace(end=due.end, second=due.second if due.second >= 0 else DAY - 1)

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
            while event is not None and (self.apply(event) or not self.more.links.then):
                event = next(events, None)
            if self.suspended or not self.more.links.then:
                return self.result()
            self.pass_on()

    def pass_on(self) -> None:
        """The next part begins where this one ends."""
        run, row = self.run, self.more.links.then
        self.refuse_unknown()
        self.stages.append((self.row, self.start.first, run.last))
        self.idle, self.until = run.idle, run.until
        held = self.t.row(row)
        start = kernel.as_received(held.rule, run.day, run.second if held.traits & Trait.HOURS else self.start.second)
        self.late = False
        self.enter(row, start, run.floor)

    def result(self) -> Settled:
        """What has come of the limit."""
        run = self.run
        if not self.suspended:
            self.refuse_unknown()
        stages = (*self.stages, (self.row, self.start.first, run.last))
        if self.facts.requests > 1:
            self.flags |= Flag.SECOND_SUPPLEMENT
        return Settled(
            self.head,
            self.started,
            Due(run.end, run.day, self.due_second()),
            self.started.first,
            run.last,
            self.late,
            run.idle,
            self.suspended,
            self.flags,
            tuple(self.told),
            self.tick,
            stages,
        )

    def refuse_unknown(self) -> None:
        """Say why there is no due day, if there is none."""
        if self.run.end < 0 or self.unknown:
            raise Refusal(Problem.CALENDAR_NOT_COVERED if self.unknown else -self.run.end, self.row)

    def is_in_time(self, event: Event) -> bool:
        """Whether an event counts; a due day that the calendar does not know comes after those that it knows."""
        if self.suspended or kernel.counts(self.ops, self.run, event.time):
            return True
        if not self.unknown and (self.shut or self.run.end != -Problem.CALENDAR_NOT_COVERED):
            return False
        known = self.held.rule
        if not known.covered_from <= event.time // DAY < known.covered_until:
            raise Refusal(Problem.CALENDAR_NOT_COVERED, self.row)
        return True

    def apply(self, event: Event) -> bool:
        """Let an event take effect; false where it comes too late for this part."""
        horizon, traits = self.facts.horizon, self.held.traits
        if event.time > horizon:
            return True  # a closed case has no more events
        if (event.dated and traits & Trait.HOURS) or event.supplement:
            self.refuse_unruled(event)
        if event.kind == Kind.RESTART and self.effect(event) is SupplementEffect.SUSPEND:
            self._passed(counted=True)
            return True
        then = self.more.links.then
        forced = self.seen < self.forced and not then
        counted = (forced or self.is_in_time(event)) and self.seen < self.cap and not traits & Trait.BACKWARD
        if not counted and then:
            return False
        self._passed(counted=counted)
        if not counted:
            self.flags |= Flag.EVENT_VOID
        elif event.kind == Kind.STOP:
            self._stop(event)
        else:
            (self._restart, self._extend)[event.kind](event)
        told = event._replace(end=NEVER_ENDED) if event.end > horizon else event  # an end that is yet to come
        run = self.run
        known = run.end >= 0 and not self.suspended and not self.unknown
        self.told.append(Told(told, counted, run.day * DAY + self.due_second() if known else None, self.t.first_second))
        return True

    def refuse_unruled(self, event: Event) -> None:
        """Refuse an event without its hour where hours count, and a supplement that the rule says nothing of."""
        if event.dated and self.held.traits & Trait.HOURS:
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
        begun, end, is_open = event.time, event.end, False
        if event.supplement and self._closes(event):
            raise Closed(event)
        if self.suspended:
            return
        if begun // DAY <= self.joint:
            raise Refusal(Problem.STOP_BEFORE_EXTENSION, self.row)
        if end > self.facts.horizon:
            is_open = not self.facts.finished
            self.suspended |= is_open
            end = self.open_end(event)
        if begun > self.run.until:
            self.since = begun // DAY + self.more.stops.skip_first
        self.stop(begun, end, is_open=is_open)

    def _closes(self, event: Event) -> bool:
        """Whether the case is closed by a request for documents, and was not filed anew."""
        unanswered = event.answered > self.facts.horizon and not self.facts.is_closed
        return self.effect(event) is SupplementEffect.CLOSE_AND_REFILE and unanswered

    def open_end(self, event: Event) -> int:
        """Where a stop is cut that has not ended: by the finish, or after the day that is looked at."""
        horizon = self.facts.horizon
        if self.facts.finished:
            return max(event.time, horizon)
        if horizon >= ENDLESS or self.held.traits & Trait.HOURS:
            return event.time if horizon >= ENDLESS else horizon
        return (horizon // DAY + 1 - self.more.stops.take_last) * DAY

    def stop(self, start: int, end: int, *, is_open: bool = False) -> None:
        """Stand still from one second to another."""
        if self.held.traits & Trait.HOURS:
            cut = min(end, self.t.size * DAY)
            edges = self.ticks(self.row, start, cut)
            beyond = end // DAY >= self.more.stops.until
            run = kernel.stop_hours(self.ops, self.run, *edges, end, 1)
            start = max(start, self.still)
            self.still = max(start, cut)
            if self.row != self.head:  # what is elapsed is measured on the clock of the first part
                since, until = self.ticks(self.head, start, self.still)
                run = run._replace(idle=self.run.idle + until - since)
        else:
            most, stops = self.t.size * DAY, self.more.stops
            run, unknown = kernel.stop(self.ops, self.rank, stops, self.run, start, end if end < most else most, 1)
            beyond = bool(unknown) or end >= most
        self.unknown |= beyond and not is_open
        if is_open:
            self.run = run._replace(end=self.run.end, day=self.run.day, second=self.run.second, last=self.run.last)
        elif self.held.traits & Trait.HOURS:
            self.run = self.placed(run)
        else:
            self.run = self.closed(run)

    def ticks(self, row: int, start: int, end: int) -> tuple[int, int]:
        """The ticks of two seconds on the line that a row counts."""
        hours = self.t.more(row).hours
        return tick_at(self.t, hours, start), tick_at(self.t, hours, end)

    def _restart(self, event: Event) -> None:
        """A new receipt; stops that reach beyond it go on stopping the new count."""
        goes_on = self.suspended or self.run.until > event.time
        self.until = self.run.until if goes_on else -1
        row = self._row_anew(event, refiled=self.effect(event) is SupplementEffect.CLOSE_AND_REFILE)
        self.begin(row, event.time, dated=bool(event.dated))
        if goes_on:
            in_hours = self.held.traits & Trait.HOURS
            day = event.time if in_hours else max(self.since, self.run.floor) * DAY  # a night belongs to the day before
            self.stop(day, self.until, is_open=self.suspended)

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
        hours = bool(self.held.traits & Trait.HOURS)
        if unit.in_hours:
            mine = Unit.HOUR if hours and self.more.hours.elapsed else Unit.WORKING_HOUR
            if not hours or unit is not mine:
                return False
            room = self.more.hours.most - self.run.place
            if not self.suspended:
                self.run = self.placed(self.run._replace(place=self.run.place + min(amount * 3600 // MICRO, room)))
            return True
        further, fraction = hours or not self._on_own_line(unit), self.held.traits & Trait.FRACTION
        if amount % MICRO or (further and (amount < 0 or fraction)) or (amount < 0 and fraction):
            return False  # no text says what comes after a part of a day, how days are taken off it or a further part
        if amount and not self.suspended:
            self._days_longer(unit, amount // MICRO, further=further)
        return True

    def _days_longer(self, unit: Unit, amount: int, *, further: bool) -> None:
        """Count on, as far as the calendar is known."""
        zero, hours = self._zero(), self.held.traits & Trait.HOURS
        if further:
            self.joint = self.t.size if hours or zero < 0 else max(self.joint, zero)
        self.unknown |= (further or amount > 0) and not (zero >= 0 and self._in_room(unit, amount))
        if not self.unknown:
            longer = self._hours_on if hours else self._days_on
            self.run = longer(unit, amount, zero)

    def _zero(self) -> int:
        """The day from which a further part is counted; -1 where the calendar does not know it."""
        run = self.run
        if ORIGINS[self.more.terms.origin] is ExtendFrom.ROLLED_END:
            return run.day if self.shut or run.end != -Problem.CALENDAR_NOT_COVERED else -1
        return run.last if self.held.traits & Trait.HOURS or run.last < 0 else max(run.last, run.floor)

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

    def _days_on(self, unit: Unit, amount: int, zero: int) -> Run[int]:
        terms, run = self.more.terms, self.run
        line, end, ticks, by_month = part_of(terms, unit, amount)
        if self._on_own_line(unit):
            begun = self.start.day, self.start.first
            return self.closed(kernel.lengthen(self.ops, self.more.stops, run, *begun, ticks, terms.clear))
        return self.closed(kernel.go_on(self.ops, self.more.stops, run, zero, line, end, ticks, by_month))

    def _own_family(self) -> int:
        """What the running part is counted in, as `family` numbers it."""
        return 2 if self.run.by_month else int(self.run.line == self.more.terms.days)

    def _hours_on(self, unit: Unit, amount: int, zero: int) -> Run[int]:
        """The due day moves, the time of day stays."""
        run, terms = self.run, self.more.terms
        line, end, ticks, by_month = part_of(terms, unit, amount)
        day = self.ops.take(end + self.ops.take(line + zero + 1) + ticks - 1 + by_month)
        if day == -Problem.NO_SUCH_DAY:
            raise Refusal(-day, self.row)
        self.unknown |= day < 0
        if self.unknown:
            return run
        tick = tick_at(self.t, self.more.hours, day * DAY + run.second)
        return self.placed(run._replace(place=tick, moved=0, floor=max(run.floor, day * DAY + run.second)))

"""What others would write: the loop of a portal developer, and a pipeline on numpy.busday."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import holidays
import numpy as np
from dateutil.relativedelta import relativedelta
from workload import ROLLS, UNITS, Workload

from slaengine.days import DAY
from slaengine.vocabulary import Roll, Unit

END = time(23, 59, 59)


class PortalLoop:
    """One record at a time with `holidays` and `dateutil`, given the days off and make-up days of the pack."""

    def __init__(self, work: Workload) -> None:
        self.work = work
        off = {day: note.name_en for day, note in work.calendar.days_off.items()}
        self.holidays = holidays.HolidayBase()
        self.holidays.update(off)
        self.made_up = set(work.calendar.make_up_days)

    def is_working_day(self, day: date) -> bool:
        return day in self.made_up or (day.weekday() < 5 and day not in self.holidays)

    def due(self, rule: int, received: datetime) -> datetime:
        unit, amount, roll = (int(self.work.limits[key][rule]) for key in ("unit", "amount", "roll"))
        day = received.date()
        if UNITS[unit] is Unit.WORKING_DAY:
            while amount:
                day += timedelta(days=1)
                amount -= self.is_working_day(day)
        elif UNITS[unit] is Unit.MONTH:
            day += relativedelta(months=amount)
        else:
            day += timedelta(days=amount)
        step = {Roll.FOLLOWING: 1, Roll.PRECEDING: -1, Roll.NONE: 0}[ROLLS[roll]]
        while step and not self.is_working_day(day):
            day += timedelta(days=step)
        return datetime.combine(max(day, received.date()), END)

    def margin(self, due: datetime, finished: datetime) -> int:
        first, last = sorted((due.date(), finished.date()))
        days = sum(self.is_working_day(first + timedelta(days=i + 1)) for i in range((last - first).days))
        return days if finished.date() <= due.date() else -days

    def answer(self, i: int) -> tuple[datetime, int | None]:
        received = np.datetime64(int(self.work.received[i]), "s").item()
        due = self.due(int(self.work.rule[i]), received)
        if self.work.finished[i] > self.work.today:
            return due, None
        return due, self.margin(due, np.datetime64(int(self.work.finished[i]), "s").item())


class BusdayPipeline:
    """Whole columns with numpy.busday_offset and busday_count; make-up days by listing every day off."""

    def __init__(self, work: Workload) -> None:
        self.work = work
        first, end = (np.datetime64(day, "D") for day in work.calendar.coverage)
        days = np.arange(first, end)
        off = days[~work.calendar.is_working_day(days)]
        self.calendar = np.busdaycalendar(weekmask="1111111", holidays=off)

    def answers(self) -> dict[str, Any]:
        work = self.work
        day = (work.received // DAY).astype("datetime64[D]")
        unit, amount, roll = (work.limits[key][work.rule] for key in ("unit", "amount", "roll"))
        due = np.empty_like(day)
        due[unit == 0] = self._working(day[unit == 0], amount[unit == 0])
        due[unit == 1] = day[unit == 1] + amount[unit == 1]
        due[unit == 2] = self._months(day[unit == 2], amount[unit == 2])
        for number, how in ((1, "forward"), (2, "backward")):
            rows = (unit > 0) & (roll == number)
            due[rows] = np.busday_offset(due[rows], 0, roll=how, busdaycal=self.calendar)
        due = np.maximum(due, day)
        due_at = due.astype("datetime64[s]") + np.timedelta64(DAY - 1, "s")
        return {"due_at": due_at, **self._judged(due, due_at)}

    def _working(self, day: np.ndarray, amount: np.ndarray) -> np.ndarray:
        return np.busday_offset(day, amount, roll="backward", busdaycal=self.calendar)

    def _months(self, day: np.ndarray, amount: np.ndarray) -> np.ndarray:
        month = day.astype("datetime64[M]")
        last = (month + amount + 1).astype("datetime64[D]") - 1
        return np.minimum((month + amount).astype("datetime64[D]") + (day - month.astype("datetime64[D]")), last)

    def _judged(self, due: np.ndarray, due_at: np.ndarray) -> dict[str, np.ndarray]:
        finished = self.work.finished.astype("datetime64[s]")
        open_yet = self.work.finished > self.work.today
        day = np.where(open_yet, due, finished.astype("datetime64[D]"))
        margin = np.busday_count(day + 1, due + 1, busdaycal=self.calendar)
        return {"late": ~open_yet & (finished > due_at), "margin": margin, "open": open_yet}

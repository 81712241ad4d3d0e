"""What others would write in data engines: pandas with offsets and with NumPy inside, Polars, DuckDB, QuantLib.

Each gives the due day of every record, and but for those that go row by row also who was late and the margin.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
from peers import BusdayPipeline
from workload import Workload

from slaengine.days import DAY

EVERY_DAY = (True,) * 7


def columns_of(work: Workload) -> dict[str, np.ndarray]:
    """The workload as columns with the limits beside each record, unfinished records without a day."""
    open_yet = work.finished > work.today
    seconds = np.where(open_yet, 0, work.finished).astype("datetime64[s]")
    finished = np.where(open_yet, np.datetime64("NaT"), seconds).astype("datetime64[ms]")  # Polars knows no seconds
    day = (work.received // DAY).astype("datetime64[D]")
    return {
        "day": day,
        "finished": finished,
        **{name: work.limits[name][work.rule] for name in ("unit", "amount", "roll")},
    }


class PandasNumpy(BusdayPipeline):
    """A pandas frame, one mask for each unit, numpy.busday inside."""

    def __init__(self, work: Workload) -> None:
        super().__init__(work)
        self.frame = pd.DataFrame(columns_of(work))

    def answers(self) -> dict[str, Any]:
        frame = self.frame
        day, amount = frame["day"].to_numpy().astype("datetime64[D]"), frame["amount"].to_numpy()
        due = pd.Series(day.astype("datetime64[s]"), index=frame.index)
        for unit, add in ((0, self._working), (1, np.add), (2, self._months)):
            rows = (frame["unit"] == unit).to_numpy()
            due.loc[rows] = add(day[rows], amount[rows]).astype("datetime64[s]")
        for number, how in ((1, "forward"), (2, "backward")):
            rows = ((frame["unit"] > 0) & (frame["roll"] == number)).to_numpy()
            rolled = np.busday_offset(
                due[rows].to_numpy().astype("datetime64[D]"), 0, roll=how, busdaycal=self.calendar
            )
            due.loc[rows] = rolled.astype("datetime64[s]")
        days = np.maximum(due.to_numpy().astype("datetime64[D]"), day)
        due_at = days.astype("datetime64[s]") + np.timedelta64(DAY - 1, "s")
        return {"due": days.astype(np.int64), **self._judged(days, due_at)}


class PandasOffsets:
    """A record at a time with pandas' own offsets, which know days off but no make-up days."""

    def __init__(self, work: Workload, count: int) -> None:
        self.rows = [{name: column[i] for name, column in columns_of(work).items()} for i in range(count)]
        self.offset = pd.offsets.CustomBusinessDay(holidays=sorted(work.calendar.days_off))

    def answers(self) -> list[int]:
        return [self._due(row) for row in self.rows]

    def _due(self, row: dict[str, Any]) -> int:
        day, amount = pd.Timestamp(row["day"]), int(row["amount"])
        if row["unit"] == 0:
            due = day + amount * self.offset
        else:
            due = day + (pd.DateOffset(days=amount) if row["unit"] == 1 else pd.DateOffset(months=amount))
            due = {0: lambda d: d, 1: self.offset.rollforward, 2: self.offset.rollback}[int(row["roll"])](due)
        return max(due, day).toordinal() - 719_163


class PolarsBusiness:
    """Polars' own expressions for business days, every day off listed."""

    def __init__(self, work: Workload) -> None:
        self.frame = pl.DataFrame(columns_of(work))
        first, end = work.calendar.coverage
        days = (first + timedelta(days=i) for i in range((end - first).days))
        self.off = [day for day in days if not work.calendar.is_working_day(day)]

    def answers(self) -> dict[str, Any]:
        day, amount = pl.col("day"), pl.col("amount")
        how: dict[str, Any] = {"week_mask": EVERY_DAY, "holidays": self.off}
        raw = (
            pl.when(pl.col("unit") == 1)
            .then(day.dt.offset_by(pl.format("{}d", amount)))
            .otherwise(day.dt.offset_by(pl.format("{}mo", amount)))
        )
        working = day.dt.add_business_days(
            pl.when(pl.col("unit") == 0).then(amount).otherwise(0), roll="backward", **how
        )
        ahead, back = (pl.col("raw").dt.add_business_days(0, roll=roll, **how) for roll in ("forward", "backward"))
        rolled = pl.when(pl.col("roll") == 1).then(ahead).when(pl.col("roll") == 2).then(back).otherwise(pl.col("raw"))
        due = pl.max_horizontal(pl.when(pl.col("unit") == 0).then(pl.col("working")).otherwise(rolled), day)
        frame = self.frame.with_columns(raw=raw, working=working).with_columns(due=due)
        next_day = pl.lit(timedelta(days=1))
        finish = pl.col("finished").dt.date()
        margin = pl.business_day_count(finish + next_day, pl.col("due") + next_day, **how)
        found = frame.select(due=pl.col("due").cast(pl.Int32), margin=margin, late=finish > pl.col("due"))
        return {name: found[name].to_numpy() for name in found.columns}


class DuckDBJoin:
    """SQL joined to tables of days: how many working days lie before each, and which is the k-th."""

    def __init__(self, work: Workload, threads: int = 1) -> None:
        self.connection = duckdb.connect(config={"threads": threads})
        first, end = work.calendar.coverage
        days = pd.DataFrame({"day": pd.date_range(first, end - timedelta(days=1))})  # by its name below
        days["open"] = work.calendar.is_working_day(days["day"].to_numpy().astype("datetime64[D]"))
        cases = pd.DataFrame(columns_of(work)).assign(i=np.arange(work.rows))  # noqa: F841  # the same
        self.connection.sql("""
            CREATE TABLE cases AS SELECT i, day::DATE AS day, finished, unit, amount, roll FROM cases;
            CREATE TABLE days AS SELECT day::DATE AS day, open,
                (sum(open::INT) OVER (ORDER BY day))::INT AS rank FROM days;
            CREATE TABLE nth AS SELECT rank, day FROM days WHERE open;
        """)

    def answers(self) -> dict[str, Any]:
        found = self.connection.sql("""
            WITH raw AS (SELECT c.*, d.rank AS got, CASE unit WHEN 1 THEN c.day + amount::INT
                WHEN 2 THEN (c.day + to_months(amount::INT))::DATE ELSE c.day END AS last
                FROM cases c JOIN days d USING (day)),
            wanted AS (SELECT raw.*, CASE WHEN unit = 0 THEN got + amount WHEN roll = 1 AND NOT l.open THEN l.rank + 1
                WHEN roll = 2 AND NOT l.open THEN l.rank END AS k FROM raw JOIN days l ON l.day = raw.last),
            due AS (SELECT wanted.*, greatest(coalesce(n.day, last), wanted.day) AS due
                FROM wanted LEFT JOIN nth n ON n.rank = wanted.k)
            SELECT due - DATE '1970-01-01' AS due, finished::DATE > due AS late, u.rank - f.rank AS margin FROM due
            JOIN days u ON u.day = due.due LEFT JOIN days f ON f.day = finished::DATE ORDER BY i
        """).fetchnumpy()
        return {name: np.ma.getdata(column) for name, column in found.items()}


class QuantLibLoop:
    """A record at a time with QuantLib's bespoke calendar, every day off listed."""

    def __init__(self, work: Workload, count: int, library: Any) -> None:
        self.library = library
        self.rows = [{name: column[i] for name, column in columns_of(work).items()} for i in range(count)]
        self.calendar = library.BespokeCalendar("workload")
        first, end = work.calendar.coverage
        for day in (first + timedelta(days=i) for i in range((end - first).days)):
            if not work.calendar.is_working_day(day):
                self.calendar.addHoliday(library.Date(day.day, day.month, day.year))

    def answers(self) -> list[int]:
        return [self._due(row) for row in self.rows]

    def _due(self, row: dict[str, Any]) -> int:
        library = self.library
        day, amount = row["day"].item(), int(row["amount"])
        start = library.Date(day.day, day.month, day.year)
        if row["unit"] == 0:
            due = self.calendar.advance(start, amount, library.Days)
        else:
            due = start + library.Period(amount, library.Days if row["unit"] == 1 else library.Months)
            how = {0: library.Unadjusted, 1: library.Following, 2: library.Preceding}[int(row["roll"])]
            due = self.calendar.adjust(due, how)
        return max(due.to_date(), day).toordinal() - 719_163

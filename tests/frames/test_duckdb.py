"""DuckDB: functions in SQL with the answers of one call, and the pack as tables."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import duckdb
import pyarrow as pa
import pytest

import slaengine as sla
from frame_forms import digest, random_records
from slaengine.frames.duckdb import register
from slaengine.output import OUTPUT

TODAY = date(2025, 3, 3)


@pytest.fixture
def connection(vn: sla.Engine) -> duckdb.DuckDBPyConnection:
    made = duckdb.connect()
    register(made, vn, today=TODAY)
    return made


def test_the_whole_answer_is_that_of_a_table(connection: duckdb.DuckDBPyConnection, vn: sla.Engine) -> None:
    cases = random_records(5, 5_000)
    connection.register("cases", cases)
    asked = "sla_assess(procedure, level, received_at, finished_at, suspensions)"
    found = connection.sql(f"SELECT unnest(found) FROM (SELECT note, {asked} AS found FROM cases) ORDER BY note")
    assert digest(pa.RecordBatchReader.from_stream(found).read_all()) == digest(
        sla.assess_table(cases, vn, today=TODAY)
    )


@pytest.mark.parametrize("name", ["due_at", "due_date", "status", "problem", "margin", "rule_id"])
def test_each_function_is_a_column_of_the_answer(
    name: str, connection: duckdb.DuckDBPyConnection, vn: sla.Engine
) -> None:
    cases = random_records(6, 300).drop_columns(["suspensions"])
    connection.register("cases", cases)
    found = connection.sql(f"SELECT sla_{name}(procedure, level, received_at, finished_at) FROM cases ORDER BY note")
    assert [row[0] for row in found.fetchall()] == sla.assess_table(cases, vn, today=TODAY)[name].to_pylist()


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("DATE '2025-04-28'", date(2025, 5, 6)),
        ("TIMESTAMP '2025-04-28 09:00'", date(2025, 5, 6)),
        ("TIMESTAMPTZ '2025-04-27 18:30+00'", date(2025, 5, 6)),
        ("NULL", None),
        ("NULL::TIMESTAMP", None),
    ],
)
def test_dates_and_instants_are_told_by_their_type(
    received: str, due: date | None, connection: duckdb.DuckDBPyConnection
) -> None:
    query = f"SELECT sla_due_date('1.004837', 'commune', {received}), sla_due_at('1.004837', 'commune', {received})"
    day, second = connection.sql(query).fetchall()[0]
    assert day == due
    assert second == (None if due is None else datetime(2025, 5, 6, 23, 59, 59))


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("SELECT sla_due_date('1.004837', 'commune', '2025-04-28')", "times as text in a stream; cast it"),
        ("SELECT sla_due_date('1.004837', 'commune')", "sla_due_date has 2 arguments; give procedure, level"),
        ("SELECT sla_due_date(1, 'commune', DATE '2025-04-28')", "give words as text"),
    ],
)
def test_what_cannot_be_read_is_refused(query: str, says: str, connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(duckdb.Error, match=says):
        connection.sql(query).fetchall()


def test_the_pack_is_there_as_tables(connection: duckdb.DuckDBPyConnection, vn: sla.Engine) -> None:
    def ask(query: str) -> Any:
        return connection.sql(query).fetchall()

    assert ask("SELECT count(DISTINCT rule_id) FROM sla_rules") == [(len(vn.pack.rules),)]
    assert ask("SELECT amount, unit FROM sla_rules WHERE procedure = '1.004837' AND level = 'commune'")[0] == (
        "3",
        "working_day",
    )
    assert ask("SELECT count(*) FROM sla_procedures") == [(len(vn.pack.procedures),)]
    assert ask("SELECT is_working_day, name_en FROM sla_days WHERE day = DATE '2025-04-30'") == [
        (False, "Victory / Reunification Day")
    ]
    calendar = vn.pack.calendars["vn-public"]
    first, end = calendar.coverage
    working = "SELECT count(*) FROM sla_days WHERE calendar = 'vn-public' AND is_working_day"
    last = end - (end - date(end.year - 1, 12, 31))
    assert ask(f"{working} AND day > DATE '{first}' AND day <= DATE '{last}'") == [
        (calendar.working_days_between(first, last),)
    ]
    assert ask("SELECT code FROM sla_problems WHERE problem = 'received_missing'") == [
        (int(sla.Problem.RECEIVED_MISSING),)
    ]
    join = "SELECT amount FROM (SELECT sla_rule_id('1.004837', 'commune', DATE '2025-04-28') AS rule_id) JOIN sla_rules USING (rule_id)"
    assert ask(join) == [("3",)]


def test_two_engines_stand_beside_each_other(connection: duckdb.DuckDBPyConnection) -> None:
    boston = sla.Engine(sla.load_pack("us-boston-311"))
    register(connection, boston, prefix="boston_")
    found = connection.sql(
        "SELECT boston_problem('nothing', NULL, DATE '2015-03-02'), sla_problem('x', 'y', NULL::DATE)"
    )
    assert found.fetchall() == [("procedure_unknown", "procedure_unknown")]
    assert set(OUTPUT) >= {"due_at"}

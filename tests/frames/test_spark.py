"""Spark on two cores: the digest of the laptop run, with the declared schema. Skips without Java or pyspark."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import slaengine as sla
from frame_forms import digest, random_records

if shutil.which("java") is None:
    pytest.skip("Spark needs Java 17 or later: install openjdk-17-jre-headless", allow_module_level=True)
pyspark = pytest.importorskip("pyspark", reason="Spark is tested where the extra 'spark' is installed")

from pyspark.sql import SparkSession, functions, types  # noqa: E402  # only where it is there

from slaengine.frames.spark import assess  # noqa: E402

TODAY = date(2025, 3, 3)
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.filterwarnings("ignore::ResourceWarning")]


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    os.environ["PYSPARK_PYTHON"] = sys.executable  # else workers take the first python3 of the path
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.session.timeZone": "UTC",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "113",
    }
    builder = SparkSession.builder.master("local[2]").appName("slaengine")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return random_records(21, 2_000)


def frame_of(spark: Any, table: pa.Table, tmp_path: Path) -> Any:
    """The records by way of a file, their times without a zone as Parquet has them."""
    pq.write_table(table, tmp_path / "cases.parquet")
    return spark.read.parquet(str(tmp_path / "cases.parquet")).repartition(5)


def test_spark_gives_the_digest_of_the_laptop_run(spark: Any, table: pa.Table, vn: sla.Engine, tmp_path: Path) -> None:
    found = assess(frame_of(spark, table, tmp_path), vn, today=TODAY)
    rows = found.orderBy("note").toArrow()
    assert digest(rows) == digest(sla.assess_table(table, vn, today=TODAY))
    kinds = {field.name: field.dataType for field in found.schema.fields}
    assert kinds["due_at"] == types.TimestampNTZType()
    assert (kinds["status"], kinds["margin"], kinds["due_date"]) == (
        types.StringType(),
        types.IntegerType(),
        types.DateType(),
    )


def test_a_timestamp_is_an_instant_and_makes_due_times_of_its_kind(spark: Any, vn: sla.Engine) -> None:
    received = datetime(2025, 4, 27, 18, 30, tzinfo=UTC)
    frame = spark.createDataFrame(
        [("1.004837", "commune", received)], "procedure string, level string, received_at timestamp"
    )
    row = assess(frame, vn, today=TODAY, prefix="law_", also=["flags"]).toArrow().to_pylist()[0]
    outcome = vn.assess(sla.Case(procedure="1.004837", level="commune", received_at=received), today=date(2025, 12, 1))
    assert row["law_due_at"].astimezone(vn.tables.zone) == outcome.due_at


def test_settings_of_the_engine_are_sent_along(spark: Any, table: pa.Table, tmp_path: Path) -> None:
    engine = sla.Engine(sla.load_pack("vn-national"), early_from=3, known_at="received")
    found = assess(frame_of(spark, table, tmp_path), engine, today=TODAY)
    assert digest(found.orderBy("note").toArrow()) == digest(sla.assess_table(table, engine, today=TODAY))


def test_what_cannot_be_read_is_refused_before_anything_runs(spark: Any, vn: sla.Engine) -> None:
    frame = spark.createDataFrame(
        [("1.004837", "commune", "2025-04-28")], "procedure string, level string, received_at string"
    )
    with pytest.raises(sla.InputError, match="holds times as text"):
        assess(frame, vn)
    with pytest.raises(sla.InputError, match="there is no column 'level'"):
        assess(frame.drop("level"), vn)
    dated = frame.withColumn("received_at", functions.col("received_at").cast("date"))
    assert assess(dated, vn, today=TODAY).toArrow()["due_date"].to_pylist() == [date(2025, 5, 6)]

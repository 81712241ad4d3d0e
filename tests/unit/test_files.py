"""Tables in text files: read whole with their lines named, written whole or not at all."""

from __future__ import annotations

import gzip
import os
import stat
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

import slaengine as sla
from slaengine.frames.files import read_table
from slaengine.frames.places import FORMATS, find_places, format_of
from slaengine.frames.sinks import opened
from slaengine.frames.sources import Source
from slaengine.frames.text import refuse

LONG = pa.table({"n": [str(n) for n in range(25_000)]})


def written(folder: Path, name: str, content: str | bytes) -> str:
    raw = content if isinstance(content, bytes) else content.encode()
    (folder / name).write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    return str(folder / name)


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_a_table_is_read_with_all_cells_as_text(name: str, start: str, tmp_path: Path) -> None:
    path = written(tmp_path, name, f'{start}code,tên\n1.0,"hộ ""tịch"", 1"\n,\n')
    assert read_table([path]) == {"code": ["1.0", ""], "tên": ['hộ "tịch", 1', ""]}


def test_files_with_one_header_are_one_table(tmp_path: Path) -> None:
    paths = [written(tmp_path, "a.csv", "a,b\n1,2\n"), written(tmp_path, "b.csv.gz", "a,b\n3,4\n")]
    assert read_table(paths) == {"a": ["1", "3"], "b": ["2", "4"]}
    source = Source(find_places(paths))
    assert pa.Table.from_batches(source.batches("ab", refuse)).to_pydict() == {"a": ["1", "3"], "b": ["2", "4"]}
    assert source.done == source.total


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    assert read_table([written(tmp_path, "a.csv", "a,b\n")]) == {"a": [], "b": []}


def test_another_name_can_hold_a_known_format(tmp_path: Path) -> None:
    assert read_table([written(tmp_path, "a.txt", "a\n1\n")], format="csv") == {"a": ["1"]}


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", "", "a.csv is empty"),
        ("a.csv", "a,b\n1,2\n3\n4,5\n", "a.csv, line 3: 1 cells where the header has 2"),
        ("a.csv", 'a,b\n"1\n2",2\n3,4,5\n', "a.csv, line 4: 3 cells where the header has 2"),
        ("a.csv", "a,b,a\n1,2,3\n", "a.csv: a column name stands twice in the header"),
        ("a.csv", 'a,b\n1,"2\n', "a.csv, line "),
        ("a.csv", b"a\nh\xe9\n", "a.csv, line "),
        ("a.csv.gz", gzip.compress(b"a,b\n1,2\n" * 1000), "a.csv.gz, line "),
        ("a.xls", "a\n1\n", "a.xls: this release reads and writes csv, csv.gz, jsonl, parquet, arrow"),
        ("a", "a\n1\n", "this release reads and writes csv, csv.gz, jsonl, parquet, arrow"),
    ],
)
def test_a_file_at_fault_is_named_with_its_line(name: str, content: str | bytes, says: str, tmp_path: Path) -> None:
    path = written(tmp_path, name, content)
    with pytest.raises(sla.InputError) as caught:
        read_table([path])
    assert says in str(caught.value)
    assert caught.value.hint


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    whole = gzip.compress(("a,b\n" + "".join(f"{n},{n * n}\n" for n in range(5_000))).encode())
    for number, raw in enumerate((b"a,b\n1,2\n", whole[:-9], whole[:40] + b"\xff" * 20 + whole[60:])):
        path = tmp_path / f"{number}.csv.gz"
        path.write_bytes(raw)
        with pytest.raises(sla.InputError, match=rf"{number}\.csv\.gz, line "):
            read_table([str(path)])


def test_files_with_other_headers_are_no_table(tmp_path: Path) -> None:
    paths = [written(tmp_path, "a.csv", "a,b\n1,2\n"), written(tmp_path, "b.csv", "b,a\n1,2\n")]
    with pytest.raises(sla.InputError, match=r"b\.csv: its columns differ from the first file's; expected a,b"):
        read_table(paths)


def test_a_file_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    for path in (tmp_path / "no.csv", tmp_path):
        with pytest.raises(sla.InputError):
            read_table([str(path)], format="csv")
    with pytest.raises(sla.InputError, match=r"cannot write .*; check the folder"):
        write(LONG, tmp_path / "no" / "a.csv")


def write(table: pa.Table, path: Path) -> None:
    with opened(str(path), format_of(path.name), table.schema) as sink:
        for batch in table.to_batches(max_chunksize=10_000):
            sink.write(batch)


def read(path: Path) -> pa.Table:
    source = Source(find_places([str(path)]))
    names = source.schema.names
    return pa.Table.from_batches(source.batches(names, refuse), schema=source.schema)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    table = pa.table(
        {
            "tên": ["hộ, tịch", None],
            "due_at": pa.array([datetime(2025, 5, 6, 23, 59, 59), None], pa.timestamp("s")),
            "due_date": [date(2025, 5, 6), None],
            "margin": pa.array([-2, None], pa.int32()),
            "provisional": [True, False],
            "status": pa.array(["early", None]).dictionary_encode(),
            "stops": [[{"start": datetime(2025, 5, 6)}], None],
            "share": [0.5, None],
        }
    )
    for name in ("t.csv", "t.csv.gz"):
        write(table, tmp_path / name)
        assert read(tmp_path / name).to_pydict() == {
            "tên": ["hộ, tịch", ""],
            "due_at": ["2025-05-06T23:59:59", ""],
            "due_date": ["2025-05-06", ""],
            "margin": ["-2", ""],
            "provisional": ["true", "false"],
            "status": ["early", ""],
            "stops": ['[{"start": "2025-05-06T00:00:00"}]', ""],
            "share": ["0.5", ""],
        }
    for name in ("t.parquet", "t.arrow"):
        write(table, tmp_path / name)
        assert read(tmp_path / name).to_pydict() == table.to_pydict()
    write(table, tmp_path / "t.jsonl")
    assert read(tmp_path / "t.jsonl").to_pylist()[0] == {
        "tên": "hộ, tịch",
        "due_at": "2025-05-06T23:59:59",
        "due_date": "2025-05-06",
        "margin": -2,
        "provisional": True,
        "status": "early",
        "stops": [{"start": "2025-05-06T00:00:00"}],
        "share": 0.5,
    }


@pytest.mark.parametrize("kind", FORMATS)
def test_equal_tables_are_equal_files(kind: str, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(LONG, tmp_path / f"{name}.{kind}")
    assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_appears_whole_or_not_at_all(kind: str, tmp_path: Path) -> None:
    place = tmp_path / f"t.{kind}"

    def interrupted() -> None:
        with opened(str(place), kind, LONG.schema) as sink:
            sink.write(LONG.to_batches()[0])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []
    place.write_bytes(b"before")
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == [place]
    assert place.read_bytes() == b"before"


@pytest.mark.parametrize("mask", [0o022, 0o027])
def test_a_file_has_the_permissions_of_any_other(mask: int, tmp_path: Path) -> None:
    before = os.umask(mask)
    try:
        write(LONG, tmp_path / "t.csv")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "t.csv").stat().st_mode) == 0o666 & ~mask

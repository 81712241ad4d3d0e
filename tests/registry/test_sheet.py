"""Lists as people keep them: what cannot be read is told with its row, and no row is lost."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from slaengine.errors import InputError
from slaengine.registry.sheet import Sheet, read_sheet

HEADER = ["code", "title_vi", "level", "decision", "amount", "unit", "words"]
ROW = ["1.000001", "Cấp bản sao", "xã", "12/QĐ-UBND", "5", "ngày làm việc", ""]
Cells = list[Any]


def workbook(path: Path, rows: list[Cells], *, merge: str = "") -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    book.save(path)
    return path


def text_file(path: Path, rows: list[Cells], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    path.write_bytes("\r\n".join(delimiter.join(map(str, row)) for row in rows).encode(encoding))
    return path


def told(sheet: Sheet) -> list[str]:
    return [f"{fault.line} {fault.message.partition(':')[0]}" for fault in (*sheet.notes, *sheet.rejected)]


def test_csv_and_xlsx_read_the_same(tmp_path: Path) -> None:
    rows = [HEADER, ROW]
    csv_, xlsx = text_file(tmp_path / "a.csv", rows), workbook(tmp_path / "a.xlsx", rows)
    assert read_sheet(csv_).rows[0].cells == read_sheet(xlsx).rows[0].cells
    assert read_sheet(csv_).rows[0].cells["words"] == ""


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        (datetime(2026, 5, 3), "date_in_number"),
        (date(2026, 5, 3), "date_in_number"),
        ("=2+3", "formula"),
        (True, "truth_value"),
        ("#REF!", "error_value"),
    ],
)
def test_a_cell_of_a_workbook_that_is_no_number_is_told(tmp_path: Path, cell: Any, says: str) -> None:
    bad = [*ROW[:4], cell, *ROW[5:]]
    sheet = read_sheet(workbook(tmp_path / "a.xlsx", [HEADER, ROW, bad, ROW]))
    assert told(sheet) == [f"3 {says}"]
    assert [row.number for row in sheet.rows] == [2, 4]
    assert sheet.count == 3


def test_numbers_of_a_workbook_are_read_as_they_look(tmp_path: Path) -> None:
    rows = [HEADER, [*ROW[:4], 5, *ROW[5:]], [*ROW[:4], 3.5, *ROW[5:]]]
    assert [row.cells["amount"] for row in read_sheet(workbook(tmp_path / "a.xlsx", rows)).rows] == ["5", "3.5"]


def test_a_code_kept_as_a_number_has_lost_its_zeros(tmp_path: Path) -> None:
    sheet = read_sheet(workbook(tmp_path / "a.xlsx", [HEADER, [1.00001, *ROW[1:]]]))
    assert told(sheet) == ["2 code_as_number"]
    assert "write the code as text" in str(sheet.rejected[0])


def test_merged_cells_are_told_row_by_row(tmp_path: Path) -> None:
    rows = [HEADER, ROW, ["", *ROW[1:]], ["", *ROW[1:]], ROW]
    sheet = read_sheet(workbook(tmp_path / "a.xlsx", rows, merge="A2:A4"))
    assert told(sheet) == ["3 merged_cells", "4 merged_cells"]
    assert [row.number for row in sheet.rows] == [2, 5]
    assert "A2:A4" in str(sheet.rejected[0])


def test_a_title_above_the_header_is_passed_over_and_told(tmp_path: Path) -> None:
    rows = [["DANH MỤC THỦ TỤC HÀNH CHÍNH"], [], HEADER, ROW]
    sheet = read_sheet(workbook(tmp_path / "a.xlsx", rows))
    assert told(sheet) == ["0 header_below"]
    assert sheet.rows[0].number == 4


@pytest.mark.parametrize(
    ("encoding", "says"),
    [
        ("utf-8", []),
        ("utf-8-sig", []),
        ("utf-16", ["0 encoding"]),
        ("utf-16-le", ["0 encoding"]),
        ("utf-16-be", ["0 encoding"]),
    ],
)
def test_encodings(tmp_path: Path, encoding: str, says: list[str]) -> None:
    sheet = read_sheet(text_file(tmp_path / "a.csv", [HEADER, ROW], encoding))
    assert told(sheet) == says
    assert sheet.rows[0].cells["title_vi"] == "Cấp bản sao"


def tones_apart(text: str) -> str:
    """Letters as windows-1258 has them: the five tone marks are characters of their own."""
    tones = set("\u0300\u0301\u0303\u0309\u0323")
    parts = [unicodedata.normalize("NFD", letter) for letter in text]
    return "".join(
        unicodedata.normalize("NFC", "".join(sign for sign in part if sign not in tones))
        + "".join(sign for sign in part if sign in tones)
        for part in parts
    )


def test_windows_1258_is_read_and_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(f"{','.join(HEADER)}\n{tones_apart(','.join(ROW))}\n".encode("cp1258"))
    sheet = read_sheet(path)
    assert told(sheet) == ["0 encoding"]
    assert "read as cp1258" in str(sheet.notes[0])
    assert (sheet.rows[0].cells["title_vi"], sheet.rows[0].cells["unit"]) == ("Cấp bản sao", "ngày làm việc")


def test_a_list_in_an_old_font_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(",".join(HEADER).encode() + b"\n1.0,C\xcap b\xb6n sao \xae\xb5,x\xb7,1/Q\xa7-X,5,ng\xb5y,\n")
    with pytest.raises(InputError, match="neither UTF-8 nor windows-1258"):
        read_sheet(path)


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters(tmp_path: Path, delimiter: str) -> None:
    assert read_sheet(text_file(tmp_path / "a.csv", [HEADER, ROW], delimiter=delimiter)).rows[0].cells["code"] == ROW[0]


def test_commas_in_titles_do_not_make_a_delimiter(tmp_path: Path) -> None:
    rows = [
        HEADER,
        *([ROW[0], "Cấp, đổi, cấp lại, gia hạn, thu hồi, hủy, in, sao, chứng, nhận", *ROW[2:]] for _ in range(3)),
    ]
    sheet = read_sheet(text_file(tmp_path / "a.csv", rows, delimiter=";"))
    assert sheet.rows[0].cells["title_vi"].startswith("Cấp, đổi")


def test_missing_columns_name_the_near_ones(tmp_path: Path) -> None:
    path = text_file(tmp_path / "a.csv", [["code", "title", "levels", "so_quyet_dinh", "amount", "unit"], ROW[:6]])
    with pytest.raises(
        InputError, match=r"missing columns: title_vi \(near: title\); level \(near: levels\); decision"
    ):
        read_sheet(path)
    sheet = read_sheet(path, columns={"title_vi": "title", "level": "levels"}, given={"decision": "1/QĐ-UBND"})
    assert sheet.rows[0].cells["decision"] == "1/QĐ-UBND"


@pytest.mark.parametrize(
    ("header", "columns", "says"),
    [
        (["code", "title_vi", "level", "decision"], {}, "no column says how long"),
        ([*HEADER, "code"], {}, "stands twice"),
        (HEADER, {"amuont": "x"}, "map one of amount"),
    ],
)
def test_columns_that_cannot_be_used(tmp_path: Path, header: list[str], columns: dict[str, str], says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_sheet(text_file(tmp_path / "a.csv", [header, ROW]), columns=columns)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (["", *ROW[1:]], "code_missing"),
        ([ROW[0], "", *ROW[2:]], "title_vi_missing"),
        ([*ROW[:2], "", *ROW[3:]], "level_missing"),
        ([*ROW[:4], "2026-05-03", *ROW[5:]], "date_in_number"),
        ([*ROW[:4], "3/5/2026", *ROW[5:]], "date_in_number"),
        ([*ROW[:4], "3-May", *ROW[5:]], "date_in_number"),
        (ROW[:3], "short_row"),
    ],
)
def test_a_row_of_a_csv_that_cannot_be_used_is_told(tmp_path: Path, row: Cells, says: str) -> None:
    sheet = read_sheet(text_file(tmp_path / "a.csv", [HEADER, ROW, row]))
    assert told(sheet) == [f"3 {says}"]
    assert sheet.count == 2


def test_other_sheets_are_told(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [HEADER, ROW])
    book = openpyxl.load_workbook(path)
    book.create_sheet("Cấp xã")
    book.save(path)
    sheet = read_sheet(path)
    assert told(sheet) == ["0 other_sheets"]
    assert "Cấp xã" in str(sheet.notes[0])


def test_blank_rows_are_no_rows(tmp_path: Path) -> None:
    assert read_sheet(text_file(tmp_path / "a.csv", [HEADER, ROW, [""] * 7, []])).count == 1


def test_what_is_no_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        read_sheet(tmp_path / "none.csv")
    with pytest.raises(InputError, match="save the list as"):
        read_sheet(tmp_path / "a.xls")
    broken = tmp_path / "a.xlsx"
    broken.write_text("no workbook")
    with pytest.raises(InputError, match="no readable workbook"):
        read_sheet(broken)
    with pytest.raises(InputError, match="the file is empty"):
        read_sheet(text_file(tmp_path / "a.csv", []))

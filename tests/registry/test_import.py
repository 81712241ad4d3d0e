"""`slaengine registry import`, from a list to a pack that answers, and from a completed review file back into it."""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path

import pytest

import slaengine as sla
from slaengine.cli import main

HEADER = "code,title_vi,level,decision,mode,amount,unit,words\n"
GOOD = [
    "7.000001,Cấp bản sao,xã,12/QĐ-UBND,online,5,ngày làm việc,",
    "7.000001,Cấp bản sao,xã,12/QĐ-UBND,post,5,ngày làm việc,05 ngày làm việc kể từ ngày nhận đủ hồ sơ",
    '7.000002,Cấp phép,Cấp Tỉnh; Cấp Xã,Quyết định số 12/QĐ-UBND,,,,"15 ngày và 08 ngày làm việc"',
]
DOUBTFUL = {
    "ambiguous": "7.000003,Đăng ký,xã,12/QĐ-UBND,,7,ngày làm việc,07 ngày làm việc đối với trường hợp cấp mới",
    "contradicted": "7.000004,Đăng ký lại,xã,12/QĐ-UBND,,7,ngày,07 ngày làm việc",
    "unit_lost": "7.000005,Xác nhận,xã,12/QĐ-UBND,,3,,",
    "glued_with_fee": "7.000006,Công chứng,xã,12/QĐ-UBND,,120,glued_with_fee,",
    "no_limit_stated": "7.000007,Hỗ trợ,xã,12/QĐ-UBND,,,,",
    "decision_unclear": "7.000008,Thu hồi,xã,Demo/QĐ-BCA,,3,ngày,",
    "held_already": "1.004837,Thủ tục đăng ký giám hộ,xã,12/QĐ-UBND,,3,ngày làm việc,",
    "held_otherwise": "1.004837,Thủ tục đăng ký giám hộ,xã,12/QĐ-UBND,,9,ngày làm việc,",
    "not_countable": "7.000009,Trả lời,xã,12/QĐ-UBND,,8,giờ làm việc,8 giờ làm việc",
}
AS_OF = "2026-07-20"
REVIEW = "out-review.csv"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def import_rows(rows: list[str], *options: str) -> int:
    Path("list.csv").write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    return main(["registry", "import", "list.csv", "-o", "out", "--as-of", AS_OF, *options])


def review_rows(path: str = REVIEW) -> list[dict[str, str]]:
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def complete(path: str = REVIEW, **cells: str) -> None:
    rows = review_rows(path)
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(row | cells for row in rows)


def due(code: str, level: str, received: datetime) -> date:
    case = sla.Case(procedure=code, level=level, received_at=received)
    found = sla.Engine(sla.load_pack("out")).assess(case).due_date
    assert found is not None
    return found


def test_what_is_sure_becomes_a_pack_that_answers(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert import_rows(GOOD) == 0
    assert (
        "3 row(s) in = 3 shipped + 0 review + 0 rejected\nshipped: 3 limit(s) of 2 procedure(s)"
        in capsys.readouterr().err
    )
    assert main(["check", "out"]) == 0
    assert due("7.000001", "commune", datetime(2026, 7, 20, 9)) == date(
        2026, 7, 27
    )  # Tue 21 to Fri 24 four, Mon 27 five
    # 15 days from Mon 20/7 end on Tue 4/8; eight working days after it: 5, 6, 7, 10, 11, 12, 13, 14/8
    assert due("7.000002", "province", datetime(2026, 7, 20, 9)) == date(2026, 8, 14)
    assert due("7.000002", "commune", datetime(2026, 7, 20, 9)) == date(2026, 8, 14)
    rule = next(rule for rule in sla.load_pack("out").rules if rule.key.procedure == "7.000001")
    assert [str(citation) for citation in rule.citations] == ["12-qd-ubnd:7.000001"]
    assert (rule.effective_from, rule.known_from) == (date(2026, 7, 20), date(2026, 7, 20))


def test_steps_that_add_up_to_the_limit_are_shipped_as_steps(folder: Path) -> None:
    words = (
        "Thời hạn giải quyết: - Thời hạn thẩm định hồ sơ: 08 ngày làm việc; - Thời hạn trả kết quả: 02 ngày làm việc."
    )
    assert import_rows([f"7.000011,Giao rừng,xã,12/QĐ-UBND,,10,ngày làm việc,{words}"]) == 0
    rule = next(rule for rule in sla.load_pack("out").rules if rule.key.procedure == "7.000011")
    assert (rule.limit.amount, [(step.name_vi, step.limit.amount) for step in rule.steps]) == (
        10,
        [("thẩm định hồ sơ", 8), ("trả kết quả", 2)],
    )
    assert import_rows(GOOD) == 0
    assert not Path("out/steps.csv").exists()


@pytest.mark.parametrize(
    ("amount", "unit"), [("05 ngày làm việc", ""), ("không quá năm", "ngày làm việc"), ("05 (năm)", "ngày làm việc")]
)
def test_an_amount_in_words_is_read_as_words(folder: Path, amount: str, unit: str) -> None:
    assert import_rows([f"7.000001,Cấp bản sao,xã,12/QĐ-UBND,,{amount},{unit},"]) == 0
    assert due("7.000001", "commune", datetime(2026, 7, 20, 9)) == date(2026, 7, 27)


def test_before_the_list_was_published_there_is_no_answer(folder: Path) -> None:
    import_rows(GOOD)
    with pytest.raises(sla.NotInForceError):
        due("7.000001", "commune", datetime(2026, 7, 17, 9))


@pytest.mark.parametrize("reason", DOUBTFUL)
def test_what_is_not_sure_goes_to_review_with_the_reason(
    folder: Path, capsys: pytest.CaptureFixture[str], reason: str
) -> None:
    assert import_rows([*GOOD, DOUBTFUL[reason]]) == 1
    assert "4 row(s) in = 3 shipped + 1 review + 0 rejected\n" in (said := capsys.readouterr().err)
    assert f"review: 1 {reason}" in said
    row = review_rows()[0]
    assert (row["file"], row["row"], row["reason"]) == ("list.csv", "5", reason)
    assert row["says"]
    assert row["limit"] == row["completed_by"] == ""
    pack = sla.load_pack("out")
    assert {rule.key.procedure for rule in pack.rules if rule.key.procedure.startswith("7.")} == {
        "7.000001",
        "7.000002",
    }


def test_every_row_is_accounted_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unreadable = [
        ",Không có mã,xã,12/QĐ-UBND,,5,ngày,",
        "7.1,Ngày,xã,12/QĐ-UBND,,2026-05-03,ngày,",
        "7.2,Cấp,sao Hỏa,1/QĐ-X,,5,ngày,",
    ]
    odd = ["7.3,Đơn vị,xã,12/QĐ-UBND,,5,quả,", "7.4,Số lớn,xã,12/QĐ-UBND,,46145,ngày,"]
    assert (
        import_rows(
            [*GOOD, *(row for reason, row in DOUBTFUL.items() if reason != "held_otherwise"), *unreadable, *odd]
        )
        == 1
    )
    out = capsys.readouterr()
    assert "16 row(s) in = 3 shipped + 8 review + 5 rejected" in out.err
    assert [line.split(":")[2].strip() for line in out.out.splitlines()] == [
        "code_missing",
        "date_in_number",
        "level_unknown",
        "unit_unknown",
        "amount_too_large",
    ]
    assert "list.csv:13: " in out.out.splitlines()[0]


def test_rows_of_one_procedure_that_differ_are_all_in_review(folder: Path) -> None:
    assert import_rows([*GOOD[:1], "7.000001,Cấp bản sao,xã,12/QĐ-UBND,post,7,ngày làm việc,"]) == 1
    assert [row["reason"] for row in review_rows()] == ["several_limits"] * 2
    assert "5 working_day (row 2), 7 working_day (row 3)" in review_rows()[0]["says"]


def test_a_doubt_about_one_row_is_a_doubt_about_its_procedure(folder: Path) -> None:
    assert (
        import_rows(
            [*GOOD[:1], "7.000001,Cấp bản sao,xã,12/QĐ-UBND,post,,,07 ngày làm việc đối với trường hợp cấp mới"]
        )
        == 1
    )
    assert sorted(row["reason"] for row in review_rows()) == ["ambiguous", "doubtful_beside"]


def test_a_row_that_states_nothing_does_not_speak_against_its_neighbour(folder: Path) -> None:
    assert (
        import_rows(
            [
                *GOOD,
                "7.000001,Cấp bản sao,xã,12/QĐ-UBND,in_person,,,",
                "7.000001,Cấp bản sao,xã,12/QĐ-UBND,in_person,5,,",
            ]
        )
        == 1
    )
    assert sorted(row["reason"] for row in review_rows()) == ["no_limit_stated", "unit_lost"]
    assert due("7.000001", "commune", datetime(2026, 7, 20, 9)) == date(2026, 7, 27)


def test_words_that_all_end_at_one_length_are_cut_off(folder: Path) -> None:
    words = [f"05 ngày làm việc kể từ ngày nhận đủ hồ sơ, cơ quan {n} {'x' * 200}"[:120] for n in ("a", "b", "c")]
    rows = [f'7.00000{n},Việc {n},xã,12/QĐ-UBND,,5,ngày làm việc,"{text}"' for n, text in enumerate(words)]
    assert import_rows(rows) == 1
    assert [row["says"] for row in review_rows()] == ["the words are cut off"] * 3
    assert import_rows(rows[:2]) == 0


def test_one_code_for_two_procedures_is_told(folder: Path) -> None:
    assert import_rows([GOOD[0], "7.000001,Cấp giấy phép khác,xã,12/QĐ-UBND,,5,ngày làm việc,"]) == 1
    assert [row["reason"] for row in review_rows()] == ["code_twice"] * 2


def test_a_completed_review_is_imported_and_marked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert import_rows([*GOOD, DOUBTFUL["contradicted"]]) == 1
    complete(limit="7 working_day", completed_by="Nguyễn A (Sở Tư pháp)", completed_on="2026-11-25")
    assert import_rows([*GOOD, DOUBTFUL["contradicted"]]) == 0
    assert "1 row(s) completed by hand" in capsys.readouterr().err
    rule = next(rule for rule in sla.load_pack("out").rules if rule.key.procedure == "7.000004")
    assert [str(citation) for citation in rule.citations] == [
        "12-qd-ubnd:7.000004",
        "completed-by-hand:Nguyễn A  Sở Tư pháp 2026-11-25",
    ]
    assert main(["check", "out"]) == 0
    before = Path(REVIEW).read_bytes()
    assert import_rows([*GOOD, DOUBTFUL["contradicted"]]) == 0
    assert Path(REVIEW).read_bytes() == before


def test_variants_are_completed_by_name(folder: Path) -> None:
    rows = ["7.000003,Đăng ký,xã,12/QĐ-UBND,,,,60 ngày đối với cấp mới; 15 ngày đối với cấp lại"] * 2
    assert import_rows(rows) == 1
    found = review_rows()
    assert [row["reads"] for row in found] == ["60 calendar_day | 15 calendar_day"] * 2
    complete(completed_by="A", completed_on="2026-11-25")
    lines = Path(REVIEW).read_text(encoding="utf-8-sig").splitlines()
    lines[1] = lines[1].replace(",,,,,A,", ",60 calendar_day,first,,,A,")
    lines[2] = lines[2].replace(",,,,,A,", ",15 calendar_day,again,,,A,")
    Path(REVIEW).write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert import_rows(rows) == 0
    rules = [rule for rule in sla.load_pack("out").rules if rule.key.procedure == "7.000003"]
    assert {rule.key.variant: rule.limit.amount for rule in rules} == {"first": 60, "again": 15}


def test_a_review_file_saved_with_semicolons_is_read(folder: Path) -> None:
    import_rows([*GOOD, DOUBTFUL["contradicted"]])
    rows = review_rows()
    with Path(REVIEW).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerow(rows[0] | {"limit": "7 working_day", "completed_by": "A", "completed_on": "2026-11-25"})
    assert import_rows([*GOOD, DOUBTFUL["contradicted"]]) == 0


def test_what_is_no_review_file_is_not_overwritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path(REVIEW).write_text("mine\n", encoding="utf-8")
    assert import_rows(GOOD) == 2
    assert "is no review file" in capsys.readouterr().err
    assert Path(REVIEW).read_text(encoding="utf-8") == "mine\n"
    assert not Path("out").exists()


def test_one_row_may_be_completed_for_several_variants(folder: Path) -> None:
    rows = ["7.000003,Đăng ký,xã,12/QĐ-UBND,,,,60 ngày đối với cấp mới; 15 ngày đối với cấp lại"]
    assert import_rows(rows) == 1
    header, line = Path(REVIEW).read_text(encoding="utf-8-sig").splitlines()
    bare = line.removesuffix(",,,,,,")
    both = [f"{bare},60 calendar_day,new,,,A,2026-11-25", f"{bare},15 calendar_day,again,,,A,2026-11-25"]
    Path(REVIEW).write_text("\n".join([header, *both]) + "\n", encoding="utf-8")
    assert import_rows(rows) == 0
    rules = [rule for rule in sla.load_pack("out").rules if rule.key.procedure == "7.000003"]
    assert {rule.key.variant: rule.limit.amount for rule in rules} == {"new": 60, "again": 15}
    assert [row["variant"] for row in review_rows()] == ["new", "again"]


def test_a_row_can_be_declined(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import_rows([*GOOD, DOUBTFUL["unit_lost"]])
    complete(limit="none", completed_by="A", completed_on="2026-11-25")
    assert import_rows([*GOOD, DOUBTFUL["unit_lost"]]) == 0
    assert "4 row(s) in = 3 shipped + 0 review + 1 rejected" in capsys.readouterr().err


def test_a_decision_and_a_convention_can_be_completed(folder: Path) -> None:
    rows = [
        DOUBTFUL["decision_unclear"],
        "7.000010,Chứng thực,xã,12/QĐ-UBND,,,,Trong ngày; tiếp nhận sau 15 giờ thì trả kết quả trong ngày làm việc tiếp theo",
    ]
    assert import_rows(rows) == 1
    assert {row["reason"] for row in review_rows()} == {"decision_unclear", "not_countable"}
    text = Path(REVIEW).read_text(encoding="utf-8-sig").splitlines()
    text[1] = text[1].removesuffix(",,,,,,") + ",3 calendar_day,,,99/QĐ-BCA,A,2026-11-25"
    text[2] = text[2].removesuffix(",,,,,,") + ",0 working_day cut_off 15:00,,certification-same-day,,A,2026-11-25"
    Path(REVIEW).write_text("\n".join(text) + "\n", encoding="utf-8")
    assert import_rows(rows) == 0
    assert due("7.000010", "commune", datetime(2026, 7, 20, 15, 30)) == date(2026, 7, 21)
    assert due("7.000010", "commune", datetime(2026, 7, 20, 14, 30)) == date(2026, 7, 20)
    rule = next(rule for rule in sla.load_pack("out").rules if rule.key.procedure == "7.000008")
    assert str(rule.citations[0]) == "99-qd-bca:7.000008"


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"limit": "7 days", "completed_by": "A", "completed_on": "2026-11-25"}, "write 7 working_day"),
        ({"limit": "7 working_day", "completed_on": "2026-11-25"}, "completed_by is empty"),
        ({"limit": "7 working_day", "completed_by": "A", "completed_on": "25/11/2026"}, "is no date"),
        ({"limit": "7 working_day", "variant": "a b", "completed_by": "A", "completed_on": "2026-11-25"}, "letters"),
        ({"variant": "ab"}, "limit is empty"),
        (
            {"limit": "7 working_day", "decided_by": "no", "completed_by": "A", "completed_on": "2026-11-25"},
            "no number of",
        ),
    ],
)
def test_a_completion_that_cannot_be_used_is_told_and_kept(
    folder: Path, capsys: pytest.CaptureFixture[str], cells: dict[str, str], says: str
) -> None:
    import_rows([*GOOD, DOUBTFUL["contradicted"]])
    complete(**cells)
    capsys.readouterr()
    assert import_rows([*GOOD, DOUBTFUL["contradicted"]]) == 1
    assert says in capsys.readouterr().out
    assert {name: review_rows()[0][name] for name in cells} == cells
    assert review_rows()[0]["reason"] == "contradicted"


def test_a_completion_of_a_row_that_changed_is_not_used(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import_rows([*GOOD, DOUBTFUL["contradicted"]])
    complete(limit="7 working_day", completed_by="A", completed_on="2026-11-25")
    capsys.readouterr()
    assert import_rows([*GOOD, DOUBTFUL["contradicted"].replace("07", "09")]) == 1
    assert "completion_outdated" in capsys.readouterr().out
    assert review_rows()[0]["limit"] == ""
    assert "before it changed it was completed as 7 working_day by A" in review_rows()[0]["says"]


def test_a_completion_of_a_row_that_is_gone_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import_rows([*GOOD, DOUBTFUL["contradicted"]])
    complete(limit="7 working_day", completed_by="A", completed_on="2026-11-25")
    capsys.readouterr()
    assert import_rows(GOOD) == 1
    assert "completion_without_row: list.csv row 5, 7.000004, 7 working_day" in capsys.readouterr().out


def test_commitments_stand_beside_the_law(folder: Path) -> None:
    row = "1.004837,Thủ tục đăng ký giám hộ,xã,12/QĐ-UBND,,1,ngày làm việc,"
    assert import_rows([row], "--basis", "commitment") == 0
    pack = sla.load_pack("out")
    assert {rule.basis for rule in pack.rules if rule.key.procedure == "1.004837"} == set(sla.Basis)


def test_what_is_kept_by_hand_stays(folder: Path) -> None:
    import_rows(GOOD)
    Path("out/CHANGELOG.md").write_text("# mine\n", encoding="utf-8")
    Path("out/cases").mkdir()
    kept = '[own-law]\nnumber = "1"\ntitle_en = "x"\ntitle_vi = "x"\nsource = "x"\nflag = "seen"\n'
    place = Path("out/instruments.toml")
    place.write_text(kept + "\n" + place.read_text(encoding="utf-8"), encoding="utf-8")
    assert import_rows(GOOD) == 0
    assert Path("out/CHANGELOG.md").read_text(encoding="utf-8") == "# mine\n"
    assert Path("out/cases").is_dir()
    assert place.read_text(encoding="utf-8").startswith(kept)
    assert main(["check", "out"]) == 0


def test_a_pack_that_was_not_imported_is_not_touched(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("out").mkdir()
    Path("out/notes.txt").write_text("mine", encoding="utf-8")
    assert import_rows(GOOD) == 2
    assert "holds something that was not imported" in capsys.readouterr().err
    assert [path.name for path in Path("out").iterdir()] == ["notes.txt"]


def test_nothing_appears_where_the_import_fails(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import_rows(GOOD)
    before = {path.name: path.read_bytes() for path in Path("out").iterdir()}
    Path("out/conventions.toml").write_text("[broken", encoding="utf-8")
    assert import_rows([GOOD[2]]) == 2
    assert "out/conventions.toml" in capsys.readouterr().err
    after = {path.name: path.read_bytes() for path in Path("out").iterdir()} | {
        "conventions.toml": before["conventions.toml"]
    }
    assert after == before
    assert sorted(path.name for path in folder.iterdir()) == ["list.csv", "out", REVIEW]


def test_two_lists_with_a_day_each(folder: Path) -> None:
    Path("other.csv").write_text(HEADER + "7.000009,Khác,xã,3/QĐ-UBND,,2,tháng,\n", encoding="utf-8")
    Path("list.csv").write_text(HEADER + GOOD[0] + "\n", encoding="utf-8")
    both = ["registry", "import", "list.csv", "other.csv", "-o", "out", "--as-of", AS_OF]
    assert main([*both, "--as-of", "2026-01-02"]) == 0
    rules = {rule.key.procedure: rule.effective_from for rule in sla.load_pack("out").rules}
    assert (rules["7.000001"], rules["7.000009"]) == (date(2026, 7, 20), date(2026, 1, 2))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--as-of", "2026-01-02", "--as-of", "2026-01-03"], "--as-of is given 3 times for 1 list"),
        (["--basis", "promise"], "choose statutory or commitment"),
        (["--calendar", "moon"], "choose vn-public"),
        (["--convention", "hour=no"], "names no way of counting"),
        (["--extends", "nowhere"], "there is no pack"),
    ],
)
def test_options_that_cannot_be_used(
    folder: Path, capsys: pytest.CaptureFixture[str], options: list[str], says: str
) -> None:
    assert import_rows(GOOD, *options) == 2
    assert says in capsys.readouterr().err
    assert not Path("out").exists()


def test_two_lists_of_one_name_are_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import_rows(GOOD)
    Path("other").mkdir()
    Path("other/list.csv").write_text(HEADER, encoding="utf-8")
    assert main(["registry", "import", "list.csv", "other/list.csv", "-o", "out", "--as-of", AS_OF]) == 2
    assert "two lists are called list.csv" in capsys.readouterr().err


def test_a_pack_keeps_what_it_extends(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import_rows(GOOD)
    assert import_rows(GOOD, "--extends", "vn-civil-code") == 2
    assert "extends vn-national, not vn-civil-code; give --extends vn-national" in capsys.readouterr().err


def test_verbose_tells_the_grades_and_the_pack(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import_rows([*GOOD, DOUBTFUL["held_already"]], "-v")
    assert "rows by themselves: 4 sure\npack out 2026.7, sha256 " in capsys.readouterr().err


def test_a_convention_of_the_extended_pack_can_be_named(folder: Path) -> None:
    row = "7.000009,Trả lời,xã,12/QĐ-UBND,,24,giờ,24 giờ kể từ khi nhận hồ sơ"
    assert import_rows([row], "--extends", "vn-civil-code") == 0
    assert import_rows([row], "--extends", "vn-civil-code", "--convention", "hour=civil-hours") == 0

"""A pack as large as a national registry, written as files: 2,850 procedures, 7,000 limits, 420 publishing decisions.

Everything in it is invented; its shape is that of a registry: each procedure at one to three levels, some with further
cases, each limit with the decision that published it, on the calendar and the conventions of `vn-national`.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

PROCEDURES, LIMITS, DECISIONS = 2_850, 7_000, 420
LEVELS = ("central", "province", "commune")
CONVENTIONS = {
    "working_day": "civil-working-days",
    "calendar_day": "civil-calendar-days",
    "month": "civil-months-years",
}
TITLE = "Thủ tục cấp, cấp lại, điều chỉnh giấy phép trong lĩnh vực {0} đối với trường hợp thứ {1} (mẫu)"
PACK = {
    "format": 1,
    "id": "large-registry",
    "version": "2026.7",
    "zone": "Asia/Ho_Chi_Minh",
    "levels": list(LEVELS),
    "licence": "invented for the benchmark",
    "title_en": "A large registry",
    "title_vi": "Danh mục lớn",
    "scope_en": "Invented limits.",
    "scope_vi": "Thời hạn giả định.",
    "extends": "vn-national",
}
COLUMNS = (
    *("code", "level", "variant", "basis", "part", "combine", "amount", "unit", "convention", "calendar"),
    *("start_event", "governs", "supplement_effect", "effective_from", "effective_until", "known_from"),
    *("until_known_from", "citation", "checked_on"),
)


def write_registry(folder: Path, procedures: int = PROCEDURES, limits: int = LIMITS) -> Path:
    """The pack in a folder of its own."""
    dice = Random(20260701)  # noqa: S311  # a benchmark, no secret
    folder.mkdir(parents=True)
    toml = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in PACK.items()]
    (folder / "pack.toml").write_text("\n".join(toml) + "\n", encoding="utf-8")
    (folder / "instruments.toml").write_text("\n".join(_instrument(i) for i in range(DECISIONS)), encoding="utf-8")
    (folder / "conventions.toml").write_text("", encoding="utf-8")
    codes = [f"9.{number:06d}" for number in range(procedures)]
    rows = ([code, TITLE.format(i % 60, i), "", f"field {i % 60}"] for i, code in enumerate(codes))
    _write(folder / "procedures.csv", ["code", "title_vi", "title_en", "field"], rows)
    _write(folder / "limits.csv", COLUMNS, _limits(codes, limits, dice))
    return folder


def _instrument(number: int) -> str:
    title = f"Decision {number} publishing administrative procedures", f"Quyết định {number} công bố thủ tục hành chính"
    keys = {"number": f"{number}/QĐ-BTC", "title_en": title[0], "title_vi": title[1], "source": "invented"}
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in (*keys.items(), ("flag", "seen"))]
    return "\n".join([f"[decision-{number}]", *lines, ""])


def _limits(codes: list[str], count: int, dice: Random) -> Iterator[list[object]]:
    """So many limits: every procedure at one to three levels, and further cases until there are enough."""
    names = [(code, level) for code in codes for level in LEVELS[: dice.choice((1, 1, 2, 3))]]
    names = [(*name, f"case_{turn}" if turn else "") for turn in range(1 + count // len(names)) for name in names]
    for code, level, variant in sorted(names[:count]):
        unit = dice.choices(list(CONVENTIONS), weights=(85, 12, 3))[0]
        amount = dice.randint(1, 6) if unit == "month" else min(60, 1 + int(dice.gammavariate(2.2, 7.0)))
        since = date(2020, 1, 1) + timedelta(days=dice.randrange(2_300))
        rule = [code, level, variant, "statutory", 1, "", amount, unit, CONVENTIONS[unit], "vn-public", "received"]
        decision = f"decision-{dice.randrange(DECISIONS)}:{dice.randint(1, 40)}"
        yield [*rule, "receipt", "", since.isoformat(), "", since.isoformat(), "", decision, "2026-07-15"]


def _write(path: Path, header: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)

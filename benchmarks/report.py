"""What the benchmarks found, as a stored result, a page, and a plot.

python3 benchmarks/report.py RUN.json...    store what runs of pytest-benchmark found, and write the pages
python3 benchmarks/report.py                write the pages again from the stored result

The pages are `benchmarks/README.md`, `docs/explanation/cost.md` and `docs/explanation/cost.svg`.
"""

from __future__ import annotations

import json
import math
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
STORED = HERE / "result.json"
DOCS = HERE.parent / "docs" / "explanation"
PACKAGES = ("numpy", "pyarrow", "pandas", "polars", "duckdb", "QuantLib")
NAMES = {
    "test_batch_kernel": "kernel: codes and seconds in, verdicts out",
    "test_batch_kernel_with_stops": "the same, stops in 10 % and hours in 5 % of the rows",
    "test_batch_kernel_dated[without]": "limits of up to five versions, eight calendars, hours in 5 % of the rows",
    "test_batch_kernel_two_threads[without]": "the same, 2 threads",
    "test_batch_kernel_dated[with]": "the same on one thread, stops in 10 % of the rows",
    "test_batch_kernel_two_threads[with]": "the same, 2 threads",
    "test_batch_known_at_received": "the same as the first, each row by what was known at its receipt",
    "test_batch_whole_answer": "kernel and all columns of the answer",
    "test_arrow[dictionaries-1]": "Arrow table to Arrow table, words in dictionaries",
    "test_arrow[dictionaries-2]": "the same, 2 threads",
    "test_arrow[text-1]": "Arrow table to Arrow table, words as text",
    "test_arrow[text-2]": "the same, 2 threads",
    "test_arrow_with_stops": "Arrow table to Arrow table, stops as lists in 10 % of the rows",
    "test_frame[pandas-dictionaries]": "pandas, words in categories",
    "test_frame[pandas-text]": "pandas, words as text",
    "test_frame[polars-dictionaries]": "Polars, words in categories",
    "test_frame[polars-text]": "Polars, words as text",
    "test_parquet_without_computing": "Parquet: PyArrow reads and writes the same columns",
    "test_parquet_to_parquet": "Parquet to Parquet, words as text",
    "test_peer_duckdb[1]": "peer: DuckDB, SQL joined to tables of days",
    "test_peer_duckdb[2]": "the same, 2 threads",
    "test_batch_busday_pipeline": "peer: numpy.busday, whole columns",
    "test_peer_pandas_numpy": "peer: pandas with numpy.busday inside",
    "test_peer_polars": "peer: Polars, expressions for business days",
    "test_peer_quantlib": "peer: QuantLib, row by row (due dates alone)",
    "test_peer_pandas_offsets": "peer: pandas' offsets, row by row (due dates alone)",
    "test_batch_portal_loop": "peer: a portal's loop with `holidays` and `dateutil`",
}
PLOTTED = {
    "test_batch_kernel": "kernel",
    "test_arrow[dictionaries-1]": "Arrow",
    "test_frame[pandas-text]": "pandas",
    "test_frame[polars-text]": "Polars",
    "test_batch_busday_pipeline": "numpy.busday",
    "test_peer_polars": "Polars' own",
    "test_peer_duckdb[1]": "DuckDB join",
}
COLOURS = ("#1b7837", "#2166ac", "#762a83", "#b2182b", "#888888", "#bf812d", "#35978f")


def stored(runs: list[Path]) -> dict[str, Any]:
    """What is kept of runs: for each benchmark and size the median in ns a row, and what was noted."""
    found: dict[str, Any] = {}
    machine: dict[str, Any] = {}
    for run in runs:
        data = json.loads(run.read_text(encoding="utf-8"))
        cpu = data["machine_info"]["cpu"]
        machine = {"cpu": cpu["brand_raw"], "cores": cpu["count"], "python": data["machine_info"]["python_version"]}
        machine["date"] = data["datetime"][:10]
        pipeline = (each for each in data["benchmarks"] if each["name"] == "test_batch_busday_pipeline")
        size = next(pipeline)["extra_info"]["rows"]
        for each in data["benchmarks"]:
            noted = dict(each["extra_info"])
            noted.setdefault("ns_per_row", each["stats"]["median"] * 1e9)
            found.setdefault(each["name"], {})[str(size)] = {k: round(v, 1) for k, v in noted.items()}
    machine["packages"] = {name: version for name in PACKAGES if (version := _version(name))}
    return {"machine": machine, "benchmarks": found}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def sizes(result: dict[str, Any]) -> list[int]:
    return sorted({int(size) for each in result["benchmarks"].values() for size in each})


def table(result: dict[str, Any]) -> str:
    """A row a benchmark, a column a size, ns a row."""
    columns = sizes(result)
    lines = ["| ns a row | " + " | ".join(f"{size:,}" for size in columns) + " |", "|---|" + "--:|" * len(columns)]
    for name, words in NAMES.items():
        cells = [result["benchmarks"].get(name, {}).get(str(size), {}).get("ns_per_row") for size in columns]
        if any(cell is not None for cell in cells):
            lines.append(f"| {words} | " + " | ".join("" if c is None else f"{c:,.0f}" for c in cells) + " |")
    return "\n".join(lines)


def about(result: dict[str, Any]) -> str:
    machine = result["machine"]
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    return f"{machine['cpu']}, {machine['cores']} cores; Python {machine['python']}, {packages}; {machine['date']}."


def notes(result: dict[str, Any]) -> str:
    """What was noted at the largest size: peak memory, and on how many rows a peer differs."""
    lines = []
    for name, by_size in result["benchmarks"].items():
        size = max(by_size, key=int)
        noted = {k: v for k, v in by_size[size].items() if k not in {"rows", "ns_per_row"}}
        for key, value in noted.items():
            words = NAMES.get(name, name.removeprefix("test_").replace("_", " "))
            rows = by_size[size].get("rows", int(size))
            lines.append(f"| {words} | {rows:,.0f} | {key.replace('_', ' ')} | {value:,.0f} |")
    return "\n".join(["| at | rows | noted | |", "|---|--:|---|--:|", *lines])


README = """# Benchmarks

One workload for all, described in `workload.py`: 1,716 procedures at three levels, received 2019 to 2025, days off and
make-up days of Viet Nam. Every contestant is compared with the kernel, and the kernel with a slow oracle, before
anything is timed. Medians, one thread unless said otherwise. Read them as ratios: the machine is shared, and whatever
else it does slows all of them.

    python3 make.py bench         run all sizes, store the result, write this page, the page on cost and its plot
    pytest benchmarks             the same with ten rows and no clock, as the test suite does

{about}

{table}

pandas' offsets cannot express make-up days and are wrong on some rows; `numpy.busday_count` is not antisymmetric, so
that some margins of those who use it differ. What was noted at the largest size:

{notes}
"""

PAGE = """# Cost as the work grows

A record costs the same whether it is one of a hundred thousand or one of ten million: nothing is looked up twice, no
step sorts, and memory does not grow with a stream. Below some thousand rows the fixed cost of a call, some
milliseconds, outweighs the rows; a few hundred cases are answered faster by `engine.assess`, one at a time.

![ns a row against rows](cost.svg)

{about} Read the figures as ratios, for the machine was shared with other work.

{table}

What costs what, and why, is told in [counting on a line](counting-on-a-line.md). Words as text cost a hash for each
cell; [dictionaries](../how-to/assess-frames.md) save it. Of Parquet to Parquet the files are the larger part:
[reading, computing and writing](../how-to/assess-large-files.md) go on at the same time.
"""


def plot(result: dict[str, Any]) -> str:
    """Rows against ns a row, both in powers of ten."""
    columns = sizes(result)
    series = {
        words: sorted((int(size), each["ns_per_row"]) for size, each in result["benchmarks"][name].items())
        for name, words in PLOTTED.items()
        if name in result["benchmarks"]
    }
    low, high = math.log10(columns[0]), math.log10(columns[-1])
    top = math.ceil(math.log10(max(ns for points in series.values() for _, ns in points)))

    def at(rows: float, ns: float) -> str:
        x = 60 + 480 * (math.log10(rows) - low) / max(high - low, 1)
        return f"{x:.1f},{20 + 300 * (top - math.log10(ns)) / top:.1f}"

    parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 360" font-family="sans-serif" font-size="11">']
    for power in range(top + 1):
        y = at(10**low, 10**power).split(",")[1]
        parts.append(f'<path d="M60 {y}H540" stroke="#ddd"/>')
        parts.append(f'<text x="52" y="{y}" text-anchor="end">{10**power:,}</text>')
    for size in columns:
        x = at(size, 1).split(",")[0]
        parts.append(f'<text x="{x}" y="338" text-anchor="middle">{size:,}</text>')
    parts.append('<text x="300" y="355" text-anchor="middle">rows</text><text x="8" y="12">ns a row</text>')
    for points, colour in zip(series.values(), COLOURS, strict=False):
        line = " ".join(at(*point) for point in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
    ends = sorted((float(at(*points[-1]).split(",")[1]), words) for words, points in series.items())
    y = 0.0
    for place, words in ends:  # names that would overlap move down
        y = max(place + 4, y + 12)
        colour = COLOURS[list(series).index(words)]
        parts.append(f'<text x="548" y="{y:.1f}" fill="{colour}">{words}</text>')
    return "\n".join([*parts, "</svg>", ""])


def pages(result: dict[str, Any]) -> dict[Path, str]:
    told = {"about": about(result), "table": table(result), "notes": notes(result)}
    return {
        HERE / "README.md": README.format(**told),
        DOCS / "cost.md": PAGE.format(**told),
        DOCS / "cost.svg": plot(result),
    }


if __name__ == "__main__":
    if len(sys.argv) > 1:
        STORED.write_text(json.dumps(stored([Path(path) for path in sys.argv[1:]]), indent=1) + "\n", encoding="utf-8")
    for path, text in pages(json.loads(STORED.read_text(encoding="utf-8"))).items():
        path.write_text(text, encoding="utf-8")

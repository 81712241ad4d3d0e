"""The house: arrows point down only, nobody imports the roof, and third-party packages keep to their rooms."""

from __future__ import annotations

import ast
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import slaengine

PACKAGE = Path(slaengine.__file__).parent
FLOORS = (
    "vocabulary days ops figures",
    "errors rule clock held authoring.fields registry.limits",
    "output verdict versions words case rates authoring.files authoring.schema registry.amounts registry.workbook",
    "content kernel records events event_text promises authoring.rows authoring.check_calendars authoring.findings",
    "registry.phrases",
    "calendar outcome authoring.check_misfits registry.grading registry.sheet",
    "authoring.check_conventions registry.entries",
    "cells pack knowledge walk authoring.check authoring.holidays_source authoring.lint_versions",
    "authoring.lint_sources",
    "maker explain authoring.read coverage",
    "layout packs coverage_text",
    "coverage_page",
    "tables",
    "facts blocks",
    "plain ticking running judging",
    "chain extending stopped",
    "single lives",
    "record choosing",
    "steps",
    "whole engine",
    "batch moments",
    "event_columns",
    "columns",
    "table authoring.conformance",
    "sweep",
    "authoring.lint_commitments differences",
    "authoring.lint differences_text",
    "frames.arrow frames.pipeline frames.places frames.schema frames.tally frames.whole",
    "frames.batches frames.pandas frames.second frames.text",
    "frames.files frames.polars frames.sources",
    "frames.kinds frames.sinks",
    "frames.assess frames.duckdb frames.spark frames.stream",
    "frames.folder",
    "registry.review",
    "cli.common registry.deciding",
    "cli.one cli.summary cli.target registry.packfiles",
    "registry.importing",
    "cli.calendars cli.compare cli.packs cli.records cli.registry",
    "cli.app",
    "cli",
    "__init__ __main__ authoring frames registry",
)
"""Bottom to top; a module imports from lower floors only. The last floor: what nobody inside the package imports."""
HEIGHT = {module: height for height, floor in enumerate(FLOORS) for module in floor.split()}
DEFERRED_UPWARD: dict[tuple[str, str], str] = {}
"""(module, imported) -> why that import inside a function may go up. So far none has to."""
ROOMS = {
    "pydantic": "authoring",
    "holidays": "authoring",
    "dateutil": "authoring",
    "openpyxl": "registry",
    "pyarrow": "frames",
    "narwhals": "frames",
    "pandas": "frames",
    "polars": "frames",
    "duckdb": "frames",
    "pyspark": "frames",
    "typer": "cli",
    "rich": "cli",
}
WITHOUT_NUMPY = {
    "vocabulary",
    "days",
    "errors",
    "words",
    "case",
    "rule",
    "outcome",
    "explain",
    "events",
    "promises",
    "rates",
}


class Import(NamedTuple):
    target: str
    """`slaengine.<module>` as `<module>`, the root as "", a third-party package as `!name`."""
    deferred: bool


def imports_of(tree: ast.AST, modules: set[str], *, deferred: bool = False) -> list[Import]:
    found: list[Import] = []
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            found += [target(alias.name, deferred=deferred) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            found += [of_name(node.module or "", alias.name, modules, deferred=deferred) for alias in node.names]
        inside = deferred or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        found += imports_of(node, modules, deferred=inside)
    return found


def of_name(module: str, name: str, modules: set[str], *, deferred: bool) -> Import:
    whole = f"{module}.{name}"
    is_module = whole.removeprefix("slaengine.") in modules and whole.startswith("slaengine.")
    return target(whole if is_module else module, deferred=deferred)


def target(dotted: str, *, deferred: bool) -> Import:
    first, _, rest = dotted.partition(".")
    return Import(rest if first == "slaengine" else f"!{first}", deferred)


def faults(sources: dict[str, str]) -> list[str]:
    """Everything wrong with the imports of a package, given as module -> source."""
    modules = set(sources)
    graph = {module: imports_of(ast.parse(text), modules) for module, text in sources.items()}
    found = [f"{module} stands on no floor" for module in sorted(modules - HEIGHT.keys())]
    found += [f"floor names {module}, which is not there" for module in sorted(HEIGHT.keys() - modules)]
    for module, imports in graph.items():
        found += filter(None, (fault(module, imported) for imported in imports))
    return found + cycle(graph)


def fault(module: str, imported: Import) -> str:
    goal, package = imported.target, imported.target.removeprefix("!")
    if goal == "":
        return f"{module} imports from the package root"
    if goal.startswith("!"):
        return "" if package in sys.stdlib_module_names or may_use(module, package) else f"{module} imports {package}"
    upward = HEIGHT.get(goal, len(FLOORS)) >= HEIGHT.get(module, len(FLOORS))
    allowed = imported.deferred and (module, goal) in DEFERRED_UPWARD
    return f"{module} imports upward: {goal}" if upward and not allowed else ""


def may_use(module: str, package: str) -> bool:
    if package == "numpy":
        return module not in WITHOUT_NUMPY
    return ROOMS.get(package) == module.partition(".")[0]


def cycle(graph: dict[str, list[Import]]) -> list[str]:
    try:
        TopologicalSorter({module: {i.target for i in imports} for module, imports in graph.items()}).prepare()
    except CycleError as error:
        return [f"cycle: {' -> '.join(error.args[1])}"]
    return []


def real_sources() -> dict[str, str]:
    paths = {path.relative_to(PACKAGE).with_suffix(""): path for path in PACKAGE.rglob("*.py")}
    named = {".".join(name.parts).removesuffix(".__init__"): path for name, path in paths.items()}
    return {name: path.read_text(encoding="utf-8") for name, path in named.items()}


def test_imports_point_down_and_keep_to_their_rooms() -> None:
    assert faults(real_sources()) == []


def test_every_import_that_may_go_up_still_does() -> None:
    sources = real_sources()
    used = {(m, i.target) for m, text in sources.items() for i in imports_of(ast.parse(text), set(sources))}
    assert DEFERRED_UPWARD.keys() <= used


def broken(module: str, line: str) -> list[str]:
    """What one more line in a module adds to the faults."""
    sources = real_sources()
    known = faults(sources)
    return [f for f in faults({**sources, module: f"{sources.get(module, '')}\n{line}\n"}) if f not in known]


def test_the_test_bites() -> None:
    assert broken("vocabulary", "from slaengine.engine import Engine")[0] == "vocabulary imports upward: engine"
    assert broken("vocabulary", "def f():\n    import slaengine.errors")[0] == "vocabulary imports upward: errors"
    assert broken("case", "from slaengine import vocabulary") == []
    assert broken("table", "from slaengine import Engine") == ["table imports from the package root"]
    assert broken("table", "import slaengine") == ["table imports from the package root"]
    assert broken("engine", "def f():\n    import pydantic") == ["engine imports pydantic"]
    assert broken("events", "import numpy") == ["events imports numpy"]
    assert broken("rates", "from slaengine.ops import ArrayOps") == []
    assert broken("promises", "from slaengine.engine import Engine")[0] == "promises imports upward: engine"
    assert broken("cli.records", "import pydantic") == ["cli.records imports pydantic"]
    assert broken("explain", "import numpy.typing") == ["explain imports numpy"]
    assert broken("packs", "import yaml") == ["packs imports yaml"]
    assert broken("novel", "import json") == ["novel stands on no floor"]
    assert broken("rule", "if TYPE_CHECKING:\n    from slaengine.engine import Engine") == []
    assert broken("days", "import slaengine.verdict")[-1].startswith("days imports upward")
    assert set(broken("vocabulary", "import slaengine.errors")[-1].split()) >= {"cycle:", "vocabulary", "errors"}

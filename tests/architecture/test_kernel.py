"""The kernel branches nowhere and calls nobody, so that one text runs on a number and on an array."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import slaengine

KERNEL, FIGURES = (
    (Path(slaengine.__file__).parent / f"{name}.py").read_text(encoding="utf-8") for name in ("kernel", "figures")
)
CHOICES = (ast.If, ast.IfExp, ast.BoolOp, ast.Match, ast.Assert, ast.Raise, ast.Try, ast.TryStar, ast.With)
LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
ELSEWHERE = (ast.Lambda, ast.Await, ast.Yield, ast.YieldFrom)
ONE_TRUTH = (ast.Is, ast.IsNot, ast.In, ast.NotIn)
"""Comparisons that an array answers with one truth value."""
OWN_IMPORTS = {"__future__", "typing", "slaengine.verdict", "slaengine.figures"}


FIELDS = {node.name for node in ast.parse(FIGURES).body if isinstance(node, ast.ClassDef)}
"""The named tuples that the kernel reads and answers with: to make one, or one with other fields, is no call elsewhere."""


def violations(source: str) -> list[str]:
    """What a kernel must not do, with the line on which it does."""
    tree = ast.parse(source)
    checked = [node for node in tree.body if not _for_types_only(node)]
    own = {node.name for node in checked if isinstance(node, ast.FunctionDef | ast.ClassDef)} | FIELDS
    return [f"{node.lineno}: {fault}" for top in checked for node in ast.walk(top) for fault in _faults(node, own, top)]


def _for_types_only(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING" and not node.orelse


def _faults(node: ast.AST, own: set[str], top: ast.stmt) -> list[str]:
    inside = isinstance(top, ast.FunctionDef | ast.ClassDef)
    if isinstance(node, CHOICES + LOOPS + ELSEWHERE):
        return [type(node).__name__]
    if isinstance(node, ast.UnaryOp):
        return ["Not"] * isinstance(node.op, ast.Not)
    if isinstance(node, ast.Compare):
        hidden = [type(op).__name__ for op in node.ops if isinstance(op, ONE_TRUTH)]
        return hidden + ["a chained comparison"] * (len(node.ops) > 1)
    if isinstance(node, ast.Call) and inside and not _may_call(node.func, own):
        return [f"calls {ast.unparse(node.func)}"]
    return _import_faults(node)


def _may_call(called: ast.expr, own: set[str]) -> bool:
    on_name = isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name)
    on_ops = on_name and (called.value.id == "ops" or called.attr == "_replace")  # type: ignore[attr-defined]
    return on_ops or (isinstance(called, ast.Name) and called.id in own)


def _import_faults(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [f"imports {alias.name}" for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module not in OWN_IMPORTS:
        return [f"imports {node.module}"]
    return []


def test_the_kernel_has_no_branch_and_calls_no_one() -> None:
    assert violations(KERNEL) == []


def test_what_the_kernel_answers_with_only_holds_fields() -> None:
    """Named tuples without methods: nothing that a call of one could run."""
    classes = [node for node in ast.parse(FIGURES).body if isinstance(node, ast.ClassDef)]
    assert all(ast.unparse(node.bases[0]) == "NamedTuple" for node in classes)
    assert {type(part) for node in classes for part in node.body} <= {ast.Expr, ast.AnnAssign}
    assert not [node for node in ast.walk(ast.parse(FIGURES)) if isinstance(node, ast.FunctionDef)]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("if a: return b", "If"),
        ("return a if b else a", "IfExp"),
        ("return a and b", "BoolOp"),
        ("return a or b", "BoolOp"),
        ("return not a", "Not"),
        ("for x in a: pass", "For"),
        ("while a: pass", "While"),
        ("return [x for x in a]", "ListComp"),
        ("return ops.least(*(x for x in a))", "GeneratorExp"),
        ("match a:\n        case 1: pass", "Match"),
        ("try: pass\n    finally: pass", "Try"),
        ("assert a", "Assert"),
        ("return 0 < a < b", "a chained comparison"),
        ("return a is b", "Is"),
        ("return a in b", "In"),
        ("return np.where(a, a, b)", "calls np.where"),
        ("return a.clip(0)", "calls a.clip"),
        ("return max(a, b)", "calls max"),
        ("return Due(a, b, a)._replace(end=b)", "calls Due(a, b, a)._replace"),
        ("return a.replace(b)", "calls a.replace"),
        ("import numpy", "imports numpy"),
        ("from slaengine.tables import Tables", "imports slaengine.tables"),
    ],
)
def test_a_kernel_that_would_is_caught(body: str, fault: str) -> None:
    added = f"{KERNEL}\n\ndef more(ops, a, b):\n    {body}\n"
    assert fault in {found.partition(": ")[2] for found in violations(added)}


def test_what_is_meant_to_pass_does() -> None:
    added = f"{KERNEL}\n\ndef more(ops, a, b):\n    return Due(ops.least(a, b), advance(ops, a, b, a & (a < b)), -a)\n"
    assert violations(added) == []

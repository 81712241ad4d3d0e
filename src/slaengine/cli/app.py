"""The verbs, put together."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import typer

from slaengine.cli import calendars, compare, packs, records, registry
from slaengine.cli.common import COULD_NOT_RUN, console
from slaengine.errors import SlaError

__all__ = ["app", "invoke"]


def _exits(verb: Callable[..., int]) -> Callable[..., None]:
    """A verb whose result is the exit code, and which says what went wrong in a sentence with its remedy."""

    @functools.wraps(verb)
    def command(*args: Any, **kwargs: Any) -> None:
        try:
            code = verb(*args, **kwargs)
        except SlaError as error:
            console().print(f"slaengine: {error}", markup=False)
            code = COULD_NOT_RUN
        except BrokenPipeError:
            raise  # the reader went away
        except OSError as error:
            console().print(f"slaengine: {error.strerror or error}: {error.filename or 'output'}", markup=False)
            code = COULD_NOT_RUN
        except KeyboardInterrupt:
            console().print("slaengine: stopped", markup=False)
            code = COULD_NOT_RUN
        raise typer.Exit(code)

    return command


def _group(about: str, verbs: dict[str, Callable[..., int]], **settings: Any) -> typer.Typer:
    group = typer.Typer(help=about, no_args_is_help=True, rich_markup_mode=None, **settings)
    for name, verb in verbs.items():
        group.command(name)(_exits(verb))
    return group


app = _group(
    "When an administrative procedure is due, whether it was on time, and how many days were saved.",
    {
        "due": records.due,
        "run": records.run,
        "explain": records.explain,
        "check": packs.check,
        "test": packs.test,
        "diff": compare.diff,
        "coverage": compare.coverage,
        "packs": packs.packs,
        "schema": packs.schema,
    },
    name="slaengine",
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(
    _group(
        "Show, import and compare calendars.",
        {"show": calendars.show, "import": calendars.import_, "drift": calendars.drift},
    ),
    name="calendar",
)
app.add_typer(
    _group("Make packs of lists of procedures.", {"import": registry.import_}),
    name="registry",
)


def invoke(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    try:
        app(arguments)
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else 0
    return 0

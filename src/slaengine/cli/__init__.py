"""The command line: `slaengine VERB`; exit 0 done and nothing found, 1 findings, 2 could not run."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

__all__ = ["main", "run"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; messages go to standard error, data to standard output."""
    try:
        from slaengine.cli.app import invoke  # noqa: PLC0415  # says what to install where the extra is missing
    except ModuleNotFoundError as error:
        if error.name not in {"typer", "rich"}:
            raise
        sys.stderr.write("the command line needs two more packages; run: pip install 'slaengine[cli]'\n")
        return 2  # could not run
    return invoke(list(sys.argv[1:] if arguments is None else arguments))


def run() -> None:
    """The entry point of the installed command."""
    try:
        code = main()
    except BrokenPipeError:  # the reader went away, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)

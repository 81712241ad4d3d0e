"""slaengine: when an administrative procedure is due, whether it was on time, and how many days were saved.

Everything public is reached from here and loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from slaengine.calendar import Calendar as Calendar
    from slaengine.calendar import DayNote as DayNote
    from slaengine.calendar import OfficeHours as OfficeHours
    from slaengine.calendar import Segment as Segment
    from slaengine.calendar import WeeklyRest as WeeklyRest
    from slaengine.calendar import Year as Year
    from slaengine.case import Case as Case
    from slaengine.case import Extension as Extension
    from slaengine.case import Promise as Promise
    from slaengine.case import Restart as Restart
    from slaengine.case import Supplement as Supplement
    from slaengine.case import Suspension as Suspension
    from slaengine.engine import Engine as Engine
    from slaengine.errors import CoverageError as CoverageError
    from slaengine.errors import Fault as Fault
    from slaengine.errors import InputError as InputError
    from slaengine.errors import NotInForceError as NotInForceError
    from slaengine.errors import RuleNotFoundError as RuleNotFoundError
    from slaengine.errors import RulePackError as RulePackError
    from slaengine.errors import SlaError as SlaError
    from slaengine.explain import Explanation as Explanation
    from slaengine.frames.assess import assess_table as assess_table
    from slaengine.outcome import Outcome as Outcome
    from slaengine.pack import RulePack as RulePack
    from slaengine.packs import load_pack as load_pack
    from slaengine.packs import shipped_packs as shipped_packs
    from slaengine.rule import TimeLimit as TimeLimit
    from slaengine.steps import StepOutcome as StepOutcome
    from slaengine.vocabulary import Basis as Basis
    from slaengine.vocabulary import Citation as Citation
    from slaengine.vocabulary import Flag as Flag
    from slaengine.vocabulary import Problem as Problem
    from slaengine.vocabulary import Status as Status
    from slaengine.vocabulary import Unit as Unit

_HOMES = {
    "calendar": ("Calendar", "DayNote", "OfficeHours", "Segment", "WeeklyRest", "Year"),
    "case": ("Case", "Extension", "Promise", "Restart", "Supplement", "Suspension"),
    "engine": ("Engine",),
    "errors": (
        "CoverageError",
        "Fault",
        "InputError",
        "NotInForceError",
        "RuleNotFoundError",
        "RulePackError",
        "SlaError",
    ),
    "explain": ("Explanation",),
    "outcome": ("Outcome",),
    "pack": ("RulePack",),
    "packs": ("load_pack", "shipped_packs"),
    "rule": ("TimeLimit",),
    "steps": ("StepOutcome",),
    "frames.assess": ("assess_table",),
    "vocabulary": ("Basis", "Citation", "Flag", "Problem", "Status", "Unit"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME)  # noqa: PLE0605  # computed from the one table of public names
__version__ = "0.1.0"


if not TYPE_CHECKING:  # a type checker sees the imports above, and so a misspelt name

    def __getattr__(name: str) -> Any:
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]

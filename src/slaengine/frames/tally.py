"""Counts of an answer: by status, problem and flag, and by type of procedure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slaengine.held import Words
from slaengine.output import STATUS_WORDS, Made

__all__ = ["Tally", "tally_of"]

Pair = tuple[str | None, str]


@dataclass
class Tally:
    """How many records have which status, which problem, which flag; and of each procedure which status."""

    status: Counter[str] = field(default_factory=Counter)
    problem: Counter[str] = field(default_factory=Counter)
    flag: Counter[str] = field(default_factory=Counter)
    procedure: Counter[Pair] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Count what another has counted."""
        for name in ("status", "problem", "flag", "procedure"):
            getattr(self, name).update(getattr(other, name))

    def as_json(self) -> dict[str, Any]:
        """The counts as JSON has them."""
        by_type = [[*pair, count] for pair, count in self.procedure.items()]
        return {"status": self.status, "problem": self.problem, "flag": self.flag, "procedure": by_type}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Tally:
        """The counts that `as_json` gave."""
        counters = {name: Counter[str](data[name]) for name in ("status", "problem", "flag")}
        return cls(**counters, procedure=Counter({(a, b): count for a, b, count in data["procedure"]}))


def tally_of(made: Mapping[str, Made], procedures: Words) -> Tally:
    """The counts of a part of an answer."""
    tally = Tally(status=_counts(made["status"]), problem=_counts(made["problem"]))
    if "flags" in made:
        for words, count in _counts(made["flags"]).items():
            tally.flag.update(dict.fromkeys(words.split(";"), count))
    tally.procedure = Counter(dict(_by_type(procedures, made["status"].values)))
    return tally


def _counts(made: Made) -> Counter[str]:
    codes = made.values if made.known is None else made.values[made.known]
    number = np.bincount(codes, minlength=len(made.words))
    return Counter({word: int(n) for word, n in zip(made.words, number, strict=True) if n})


def _by_type(procedures: Words, status: NDArray[np.int8]) -> Iterable[tuple[Pair, int]]:
    """For each procedure and status how many; the place of no word is before the first."""
    kinds = len(STATUS_WORDS)
    place = (procedures.codes.astype(np.intp) + 1) * kinds + status
    words = [None, *procedures.words]
    counts = np.bincount(place, minlength=len(words) * kinds)
    for at in np.flatnonzero(counts).tolist():
        yield (words[at // kinds], STATUS_WORDS[at % kinds]), int(counts[at])

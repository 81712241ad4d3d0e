"""The words of the field, each with one meaning and, where it is a column value on disk, one number for ever."""

from __future__ import annotations

from enum import IntEnum, IntFlag, StrEnum
from typing import NamedTuple

__all__ = [
    "Basis",
    "Citation",
    "Combine",
    "CountFrom",
    "CutOffEffect",
    "Deems",
    "Direction",
    "DueTime",
    "ExtendFrom",
    "Flag",
    "Fraction",
    "Governs",
    "ModifierEffect",
    "MonthEnd",
    "Problem",
    "Roll",
    "Status",
    "SupplementEffect",
    "Unit",
    "flag_names",
]


class Status(IntEnum):
    """How a case stands against its limit; numbers are column values and never change."""

    UNKNOWN = 0
    EARLY = 1
    ON_TIME = 2
    LATE = 3
    RUNNING = 4
    OVERDUE = 5
    SUSPENDED = 6

    def __str__(self) -> str:
        return self.name.lower()


class Problem(IntEnum):
    """Why there is no answer, or only part of one; numbers are column values and never change.

    What each one means, which exception it raises and which columns it empties is one table in `slaengine.errors`.
    """

    NONE = 0
    PROCEDURE_MISSING = 1
    PROCEDURE_UNKNOWN = 2
    LEVEL_MISSING = 3
    LEVEL_UNKNOWN = 4
    VARIANT_NEEDED = 5
    VARIANT_UNKNOWN = 6
    RECEIVED_MISSING = 7
    RECEIVED_UNREADABLE = 8
    NONEXISTENT_TIME = 9
    NOT_IN_FORCE = 10
    TIME_NEEDED = 11
    ATTRIBUTE_NEEDED = 12
    NO_CLOSING_TIME = 13
    CALENDAR_NOT_COVERED = 14
    NO_SUCH_DAY = 15
    FINISHED_UNREADABLE = 16
    FINISHED_BEFORE_RECEIVED = 17
    RECEIVED_AFTER_TODAY = 18
    MARGIN_NOT_COVERED = 19
    TODAY_NEEDED = 20
    START_EVENT_MISSING = 21
    EVENT_UNREADABLE = 22
    SUPPLEMENT_UNRULED = 23
    STOP_BEFORE_EXTENSION = 24

    def __str__(self) -> str:
        return self.name.lower()


class Flag(IntFlag):
    """What deserves a look though it leaves the answer as it is; bits are column values and never change."""

    EVENT_VOID = 1
    EXTENSION_VOID = 2
    SECOND_SUPPLEMENT = 4
    PROMISE_AFTER_DUE = 8
    SECOND_REAPPOINTMENT = 16
    LATE_APOLOGY = 32
    COMMITMENT_AFTER_DUE = 64


def flag_names(bits: int) -> tuple[str, ...]:
    """The names of the flags that are set, in the order of their bits.

    >>> flag_names(5)
    ('event_void', 'second_supplement')
    """
    return tuple(flag.name.lower() for flag in Flag if bits & flag and flag.name)


class Unit(StrEnum):
    """What a limit is counted in. Law: Civil Code 91/2015/QH13 art. 144 names day, week, month, year."""

    WORKING_DAY = "working_day"
    CALENDAR_DAY = "calendar_day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    WORKING_HOUR = "working_hour"
    HOUR = "hour"

    @property
    def in_hours(self) -> bool:
        """Whether it is counted in seconds, not in days."""
        return self in {Unit.WORKING_HOUR, Unit.HOUR}

    @property
    def in_months(self) -> bool:
        """Whether it is counted by the calendar's months."""
        return self in {Unit.MONTH, Unit.YEAR}


class Basis(StrEnum):
    """Whether a limit is the law's own or the shorter one an office promised."""

    STATUTORY = "statutory"
    COMMITMENT = "commitment"


class Deems(StrEnum):
    """What a receipt on a day off or outside office hours counts as."""

    AS_IS = "as_is"
    NEXT_WORKING_MOMENT = "next_working_moment"


class CountFrom(StrEnum):
    """Which day is the first to be counted; hours run from the `instant` itself.

    Law: Civil Code art. 147(2) is `next_day`, 147(1) `instant`, BGB s. 187(2) `same_day`, CPR 2.8(3) `clear`.
    """

    NEXT_DAY = "next_day"
    SAME_DAY = "same_day"
    CLEAR = "clear"
    INSTANT = "instant"


class Direction(StrEnum):
    """Whether a limit runs on from its start or back from it ("at least ten days before the hearing")."""

    FORWARD = "forward"
    BACKWARD = "backward"


class Roll(StrEnum):
    """Where a last day goes that is a day off. Law: Civil Code art. 148(5) is `following`."""

    FOLLOWING = "following"
    PRECEDING = "preceding"
    MODIFIED_FOLLOWING = "modified_following"
    NONE = "none"


class MonthEnd(StrEnum):
    """What happens when the month lacks the corresponding day. Law: Civil Code art. 148(3) is `last_day`."""

    LAST_DAY = "last_day"
    NEXT_FIRST = "next_first"
    REFUSE = "refuse"


class DueTime(StrEnum):
    """The last lawful second of the due day. Law: Civil Code art. 148(6) (24:00) is `end_of_day`."""

    END_OF_DAY = "end_of_day"
    CLOSE_OF_BUSINESS = "close_of_business"
    SAME_TIME = "same_time"
    EXACT = "exact"


class Fraction(StrEnum):
    """What a part of a working day is: that share of the day's open seconds, or its first half."""

    OPEN_SECONDS = "open_seconds"
    HALF_DAY = "half_day"


class CutOffEffect(StrEnum):
    """What a receipt after the cut-off does: the next working day is day zero or day one, or only the due day moves."""

    DAY_ZERO = "day_zero"
    DAY_ONE = "day_one"
    DUE_DAY = "due_day"


class Combine(StrEnum):
    """How a further part joins a limit: it begins where the part before ended, or is an alternative to it."""

    THEN = "then"
    EARLIER = "earlier"
    LATER = "later"


class Governs(StrEnum):
    """Which date of a case decides whether a version takes over from the one before it."""

    RECEIPT = "receipt"
    DEEMED = "deemed"
    RESTART = "restart"
    DECISION = "decision"
    TRANSITIONAL = "transitional"
    MORE_FAVOURABLE = "more_favourable"
    EACH_DAY = "each_day"


class SupplementEffect(StrEnum):
    """What a request for further documents does to the limit."""

    SUSPEND = "suspend"
    RESTART = "restart"
    CLOSE_AND_REFILE = "close_and_refile"


class ExtendFrom(StrEnum):
    """What an extension is counted from: the start of the whole limit, or its end before or after rolling."""

    START = "start"
    UNROLLED_END = "unrolled_end"
    ROLLED_END = "rolled_end"


class ModifierEffect(StrEnum):
    """What an attribute of a case does to a limit: lengthen it, or take its place."""

    ADD = "add"
    REPLACE = "replace"


CASE_COLUMNS = (
    "procedure",
    "level",
    "variant",
    "received_at",
    "finished_at",
    "case_id",
    "suspensions",
    "extensions",
    "restarts",
    "supplements",
    "first_promised_at",
    "promised_at",
    "promises",
)
"""The columns that a batch reads beside the attributes and start events of a pack."""


class Citation(NamedTuple):
    """The legal ground of a rule: an instrument of the pack, and the place in it.

    >>> str(Citation("civil-code-2015", "148", "5"))
    'civil-code-2015:148(5)'
    """

    instrument: str
    article: str
    clause: str = ""
    point: str = ""

    def __str__(self) -> str:
        places = "".join(f"({place})" for place in (self.clause, self.point) if place)
        return f"{self.instrument}:{self.article}{places}"

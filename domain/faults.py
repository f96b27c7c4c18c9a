"""What can be wrong with what is stored: every way in which rows may contradict the rules."""

from collections.abc import Mapping
from enum import auto
from typing import Final

from domain.names import Named


class Fault(Named):
    """One kind of contradiction."""

    EVENTS_INCOMPLETE = auto()
    EVENTS_DESCEND = auto()
    EVENT_IN_FUTURE = auto()
    STATUSES_BROKEN = auto()
    STEP_NOT_ALLOWED = auto()
    DECIDED_TWICE = auto()
    ACTED_EARLY = auto()
    EXPLANATION_WRONG = auto()
    ROW_DIFFERS = auto()
    CLOCK_DIFFERS = auto()
    COPY_DIFFERS = auto()
    APPLICATION_EMPTY = auto()
    COUNTERS_DIFFER = auto()
    NUMBERS_BROKEN = auto()
    ENROLMENT_DIFFERS = auto()
    DEFAULT_ADDRESS = auto()
    STAFF_DIFFERS = auto()
    PAUSES_OVERLAP = auto()
    PAUSE_REVERSED = auto()
    REFERENCE_DANGLING = auto()
    PICTURE_UNKNOWN = auto()
    PICTURE_LOST = auto()
    PICTURE_DIFFERS = auto()
    PICTURE_ORPHANED = auto()
    UNREADABLE = auto()
    OVERDUE = auto()


FAULTS: Final[Mapping[Fault, str]] = {
    Fault.EVENTS_INCOMPLETE: "an order's events do not begin with `SUBMITTED`, or have a gap",
    Fault.EVENTS_DESCEND: "an event of an order is dated before the one that it follows",
    Fault.EVENT_IN_FUTURE: "an event is dated later than now, by the database's clock",
    Fault.STATUSES_BROKEN: "an event does not begin where the one before it ended, or ends where "
    "its action does not lead",
    Fault.STEP_NOT_ALLOWED: "the rules would have refused a step",
    Fault.DECIDED_TWICE: "an order that was decided is decided again, without having come back to "
    "be reviewed",
    Fault.ACTED_EARLY: "the system acted before the deadline",
    Fault.EXPLANATION_WRONG: "an automatic approval is not explained by the order's own clock",
    Fault.ROW_DIFFERS: "an order's row does not stand where its events lead",
    Fault.CLOCK_DIFFERS: "an order's clocks are not those that its events leave",
    Fault.COPY_DIFFERS: "what an order repeats of its application is not what the application says",
    Fault.APPLICATION_EMPTY: "an application has no order",
    Fault.COUNTERS_DIFFER: "`queueSummary` does not count what the events leave waiting",
    Fault.NUMBERS_BROKEN: "a merchant's attempts or suspensions are not numbered 1, 2, 3 …",
    Fault.ENROLMENT_DIFFERS: "a merchant does not stand where its attempts and suspensions lead",
    Fault.DEFAULT_ADDRESS: "a merchant has return addresses, and not exactly one default",
    Fault.STAFF_DIFFERS: "an employee and the account behind it do not agree, or a merchant has "
    "not exactly one main account",
    Fault.PAUSES_OVERLAP: "two pause windows overlap",
    Fault.PAUSE_REVERSED: "a pause, of an order or of the platform, ends before it begins",
    Fault.REFERENCE_DANGLING: "a row refers to one that is not there",
    Fault.PICTURE_UNKNOWN: "an order or an event shows a picture that was never uploaded",
    Fault.PICTURE_LOST: "a picture was uploaded, and its file is not in the store",
    Fault.PICTURE_DIFFERS: "a picture's file has not the size that was stored",
    Fault.PICTURE_ORPHANED: "a file in the store belongs to no picture",
    Fault.UNREADABLE: "a row holds a value that no server writes",
    Fault.OVERDUE: "orders are overdue that a running clock would have approved",
}
"""What each means."""

NOTES: Final = frozenset({Fault.OVERDUE})
"""What is worth knowing, and no fault of the data: a clock that stands still catches up."""

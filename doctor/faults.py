"""The kinds of faults that the doctor can find in stored data."""

from collections.abc import Mapping
from enum import auto
from typing import Final

from domain.names import Named


class Fault(Named):
    """A kind of fault."""

    EVENTS_INCOMPLETE = auto()
    EVENTS_DESCEND = auto()
    EVENT_IN_FUTURE = auto()
    CUSTOMER_SEQUENCE_BROKEN = auto()
    STATUSES_BROKEN = auto()
    STEP_NOT_ALLOWED = auto()
    DECIDED_TWICE = auto()
    ACTED_EARLY = auto()
    EXPLANATION_WRONG = auto()
    ROW_DIFFERS = auto()
    CLOCK_DIFFERS = auto()
    TARGET_WRONG = auto()
    COPY_DIFFERS = auto()
    APPLICATION_EMPTY = auto()
    SEARCH_DIFFERS = auto()
    REFUNDS_DIFFER = auto()
    REFUNDED_TOO_MUCH = auto()
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
    STAFF_HISTORY_DIFFERS = auto()
    FEED_DIFFERS = auto()
    QUALITY_DIFFERS = auto()
    COMMITS_LOST = auto()
    ACCOUNT_WRONG = auto()
    PERSONAL_DATA_LEFT = auto()


FAULTS: Final[Mapping[Fault, str]] = {
    Fault.EVENTS_INCOMPLETE: "an order's events do not start with `SUBMITTED`, or have a gap",
    Fault.EVENTS_DESCEND: "an event of an order is earlier than the preceding event",
    Fault.EVENT_IN_FUTURE: "an event is in the future, by the database's clock",
    Fault.CUSTOMER_SEQUENCE_BROKEN: (
        "an order's customer sequence does not count 1, 2, 3 … over the events that customers see"
    ),
    Fault.STATUSES_BROKEN: (
        "the statuses of an event do not match the preceding event or its action"
    ),
    Fault.STEP_NOT_ALLOWED: "the rules would have refused a step",
    Fault.DECIDED_TWICE: "an order is decided twice without a return to review in between",
    Fault.ACTED_EARLY: "the system acted before the deadline",
    Fault.EXPLANATION_WRONG: (
        "the explanation of an automatic step does not match the order's clock"
    ),
    Fault.ROW_DIFFERS: "an order's row differs from the result of its events",
    Fault.CLOCK_DIFFERS: "an order's clocks differ from the result of its events",
    Fault.TARGET_WRONG: (
        "a merchant's own target is set outside of the order's clock, or in a status without one"
    ),
    Fault.COPY_DIFFERS: (
        "copied data differs: an application's in its orders, an order's in its refunds, or return "
        "address rules in their merchant"
    ),
    Fault.APPLICATION_EMPTY: "an application has no order",
    Fault.SEARCH_DIFFERS: (
        "a search does not find an order: the keys of its application differ, or a waybill of the "
        "order is missing"
    ),
    Fault.REFUNDS_DIFFER: (
        "an order's refunds differ from the result of its events, or from `pending_refunds`"
    ),
    Fault.REFUNDED_TOO_MUCH: (
        "the refunds of a purchase line exceed what was paid, or those of an order its freight"
    ),
    Fault.COUNTERS_DIFFER: "the counts of `queueSummary` differ from the result of the events",
    Fault.NUMBERS_BROKEN: "a merchant's attempts or suspensions are not numbered 1, 2, 3 …",
    Fault.ENROLMENT_DIFFERS: (
        "a merchant's enrolment status differs from the result of its attempts and suspensions"
    ),
    Fault.DEFAULT_ADDRESS: "a merchant with return addresses does not have exactly one default",
    Fault.STAFF_DIFFERS: (
        "an employee and its account differ, or a merchant does not have exactly one main account"
    ),
    Fault.PAUSES_OVERLAP: "two pause windows overlap",
    Fault.PAUSE_REVERSED: "a pause of an order or of the platform ends before it starts",
    Fault.REFERENCE_DANGLING: "a row refers to a row that does not exist",
    Fault.PICTURE_UNKNOWN: "an order or an event refers to a picture that was never uploaded",
    Fault.PICTURE_LOST: "the file of an uploaded picture is not in the store",
    Fault.PICTURE_DIFFERS: "the size of a picture's file differs from the stored size",
    Fault.PICTURE_ORPHANED: "a file in the store belongs to no picture",
    Fault.UNREADABLE: "a row holds a value that no server writes",
    Fault.OVERDUE: "orders are overdue that the system acts on: the clock is not running",
    Fault.STAFF_HISTORY_DIFFERS: (
        "an employee or a role differs from what the staff history says, or the history has a gap"
    ),
    Fault.FEED_DIFFERS: (
        "the feed misses an event or has one twice, or its positions have a gap or do not end at "
        "its head"
    ),
    Fault.QUALITY_DIFFERS: (
        "the cases that the figures of service quality count differ from the result of the events"
    ),
    Fault.COMMITS_LOST: (
        "the latest changes are missing, or may be: the SQLite file was copied without its "
        "write-ahead log, or the machine lost its power"
    ),
    Fault.ACCOUNT_WRONG: (
        "a session was last used before it began or after it expired, a reset code expired before "
        "it was issued, or an identity or its provider is not of the account's merchant"
    ),
    Fault.PERSONAL_DATA_LEFT: "an order is erased, and a row of it still holds personal data",
}
"""The description of each kind."""

NOTES: Final = frozenset({Fault.OVERDUE})
"""Findings that are no fault of the data: a stopped clock catches up when it runs again."""

"""Stories of goods that were received and processed."""

from typing import Final

from domain.quality.cases import CaseKind
from tests.domain.telling import (
    APPLIED,
    APPROVED,
    ARRIVED,
    BY,
    DAY,
    DONE,
    FIRST_REFUND,
    HERE,
    HOUR,
    PROCESSOR,
    RECEIVER,
    REFUND,
    REVIEWED,
    SENT,
    M,
    Story,
    end,
    handled,
    processed,
    result,
)

GOODS: Final = (
    Story("a receipt", HERE, (REVIEWED, ARRIVED)),
    Story(
        "a receipt exactly at the deadline is on time",
        (APPLIED, APPROVED, SENT, (2 * HOUR + 10 * DAY, "RECEIVED", "receiver")),
        (REVIEWED, (CaseKind.RECEIPT, 4, RECEIVER, M.ON_TIME | BY, 10 * DAY)),
    ),
    Story(
        "a receipt a millisecond after it is not",
        (APPLIED, APPROVED, SENT, (2 * HOUR + 10 * DAY + 1, "RECEIVED", "receiver")),
        (REVIEWED, (CaseKind.RECEIPT, 4, RECEIVER, BY, 10 * DAY + 1)),
    ),
    # Processing
    Story(
        "a refund that was paid and confirmed with a good rating",
        (
            *HERE,
            REFUND,
            (10 * HOUR, "REFUND_SETTLED", "connector"),
            (20 * HOUR, "CONFIRMED", "customer", {"satisfaction": 4}),
        ),
        (
            *FIRST_REFUND,
            result(5),
            end(7, DONE),
            (CaseKind.RATING, 7, PROCESSOR, BY, 4),
        ),
    ),
    Story(
        "a processing step exactly at the deadline is on time",
        (*HERE, (53 * HOUR, "CLOSED", "processor")),
        (REVIEWED, ARRIVED, processed(5, 48 * HOUR), handled(5, 49 * HOUR), end(5, DONE)),
    ),
    Story(
        "a processing step a millisecond after it is not",
        (*HERE, (53 * HOUR + 1, "CLOSED", "processor")),
        (
            REVIEWED,
            ARRIVED,
            processed(5, 48 * HOUR + 1, BY),
            handled(5, 49 * HOUR + 1),
            end(5, DONE),
        ),
    ),
    Story(
        "a second refund while the customer decides is no other step or result",
        (*HERE, REFUND, (10 * HOUR, "REFUNDED", "processor")),
        (*FIRST_REFUND, result(5)),
    ),
    Story(
        "a refund that failed is no result, and the next step is another",
        (
            *HERE,
            REFUND,
            (12 * HOUR, "REFUND_FAILED", "connector"),
            (15 * HOUR, "REFUNDED", "processor"),
        ),
        (*FIRST_REFUND, processed(7, 3 * HOUR), result(7)),
    ),
    Story(
        "a second refund that failed restarts the clock, not the work",
        (
            *HERE,
            REFUND,
            (9 * HOUR, "REFUNDED", "processor"),
            (10 * HOUR, "REFUND_FAILED", "connector"),
            (50 * HOUR, "REFUND_FAILED", "connector"),
            (90 * HOUR, "EXCHANGED", "processor"),
        ),
        (*FIRST_REFUND, processed(9, 80 * HOUR), result(9)),
    ),
    Story(
        "a step that was undone is none; its work belongs to the next one",
        (
            *HERE,
            (9 * HOUR, "SENT_BACK", "processor"),
            (20 * HOUR, "UNDONE", "processor"),
            (22 * HOUR, "EXCHANGED", "processor"),
        ),
        (REVIEWED, ARRIVED, processed(7, 6 * HOUR), handled(7, 7 * HOUR), result(7)),
    ),
    Story(
        "a step that was undone and not replaced",
        (*HERE, (9 * HOUR, "SENT_BACK", "processor"), (20 * HOUR, "UNDONE", "processor")),
        (REVIEWED, ARRIVED),
    ),
)

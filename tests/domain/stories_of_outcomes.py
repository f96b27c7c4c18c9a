"""Stories of results, ends, ratings and rulings."""

from typing import Final

from domain.quality.cases import CaseKind
from tests.domain.telling import (
    APPLIED,
    ARRIVED,
    BY,
    CONFIRMED,
    DONE,
    ESCALATED,
    FIRST_REFUND,
    HERE,
    HOUR,
    NO,
    PROCESSOR,
    RECEIVER,
    REFUND,
    REVIEWED,
    REVIEWER,
    RULED_CLOSED,
    UNSOLVED,
    M,
    Story,
    end,
    handled,
    processed,
    result,
    review,
)

OUTCOMES: Final = (
    Story(
        "a result that the customer reports as not solved before confirming",
        (*HERE, REFUND, UNSOLVED),
        (*FIRST_REFUND, result(5, BY | M.UNSOLVED)),
    ),
    Story(
        "and after confirming: the order has not ended, the rating stays",
        (
            *HERE,
            REFUND,
            (20 * HOUR, "CONFIRMED", "customer", {"satisfaction": 2}),
            UNSOLVED,
            (40 * HOUR, "SOLVED", "processor"),
            (41 * HOUR, "CONFIRMED", "customer", {"satisfaction": 5}),
        ),
        (
            *FIRST_REFUND,
            result(5, BY | M.UNSOLVED),
            (CaseKind.RATING, 6, PROCESSOR, BY | M.BAD, 2),
            processed(8, 10 * HOUR),
            result(8),
            end(9, DONE),
            (CaseKind.RATING, 9, PROCESSOR, BY, 5),
        ),
    ),
    Story(
        "a confirmation without a rating",
        (*HERE, REFUND, CONFIRMED),
        (*FIRST_REFUND, result(5), end(6, DONE)),
    ),
    # Rulings
    Story(
        "a ruling before the end",
        (
            *HERE,
            (6 * HOUR, "ESCALATED", "customer"),
            (7 * HOUR, "RULED_PROCESS", "platform"),
            (9 * HOUR, "REFUNDED", "processor"),
            CONFIRMED,
        ),
        (
            REVIEWED,
            ARRIVED,
            processed(7, 4 * HOUR),
            handled(7, 5 * HOUR),
            result(7),
            end(8, RULED_CLOSED),
        ),
    ),
    Story(
        "a ruling that restarts the clock lets a later step be on time",
        (
            *HERE,
            (45 * HOUR, "ESCALATED", "customer"),
            (50 * HOUR, "RULED_PROCESS", "platform"),
            (98 * HOUR, "REFUNDED", "processor"),
        ),
        (REVIEWED, ARRIVED, processed(7, 93 * HOUR), handled(7, 94 * HOUR), result(7)),
    ),
    Story(
        "a ruling that ends the order",
        (*HERE, (6 * HOUR, "ESCALATED", "customer"), (7 * HOUR, "RULED_CLOSED", "platform")),
        (REVIEWED, ARRIVED, end(6, RULED_CLOSED, RECEIVER)),
    ),
    Story(
        "a ruling after the end that lets it stand keeps the day of the end",
        (*HERE, REFUND, CONFIRMED, ESCALATED, (32 * HOUR, "RULED_CLOSED", "platform")),
        (*FIRST_REFUND, result(5), end(6, RULED_CLOSED)),
    ),
    Story(
        "a rejection that the platform upholds is not overturned",
        (
            APPLIED,
            (HOUR, "REJECTED", "reviewer"),
            ESCALATED,
            (32 * HOUR, "RULED_UPHELD", "platform"),
        ),
        (review(2, NO, HOUR), end(2, RULED_CLOSED, REVIEWER)),
    ),
    Story(
        "a rejection that the platform overrules is overturned, and the order has not ended",
        (
            APPLIED,
            (HOUR, "REJECTED", "reviewer"),
            ESCALATED,
            (32 * HOUR, "RULED_RETURN", "platform"),
        ),
        (review(2, NO | M.OVERTURNED, HOUR),),
    ),
    Story(
        "an approval is not overturned by a ruling for the customer",
        (*HERE, REFUND, CONFIRMED, ESCALATED, (32 * HOUR, "RULED_PROCESS", "platform")),
        (*FIRST_REFUND, result(5)),
    ),
    Story(
        "goods that go back by a ruling are received and handled a second time",
        (
            *HERE,
            REFUND,
            CONFIRMED,
            ESCALATED,
            (32 * HOUR, "RULED_RETURN", "platform"),
            (33 * HOUR, "SHIPPED", "customer"),
            (36 * HOUR, "RECEIVED", "receiver"),
            (38 * HOUR, "EXCHANGED", "processor"),
        ),
        (
            *FIRST_REFUND,
            result(5),
            (CaseKind.RECEIPT, 10, RECEIVER, M.ON_TIME | BY, 3 * HOUR),
            processed(11, 2 * HOUR),
            handled(11, 3 * HOUR),
            result(11),
        ),
    ),
    Story(
        "an order that was never decided on has no handling time",
        (
            APPLIED,
            (HOUR, "CANCELLED", "customer"),
            (2 * HOUR, "ESCALATED", "customer"),
            (3 * HOUR, "RULED_RETURN", "platform"),
            (4 * HOUR, "SHIPPED", "customer"),
            (5 * HOUR, "RECEIVED", "receiver"),
            (6 * HOUR, "EXCHANGED", "processor"),
        ),
        (
            (CaseKind.RECEIPT, 6, RECEIVER, M.ON_TIME | BY, HOUR),
            processed(7, HOUR),
            result(7),
        ),
    ),
)

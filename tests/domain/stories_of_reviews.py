"""Stories of reviews: deadlines, questions, decisions that are taken back."""

from typing import Final

from tests.domain.telling import (
    APPLIED,
    APPROVED,
    ASKED,
    BY,
    DAY,
    DONE,
    GOOD,
    HOUR,
    NO,
    PROCESSOR,
    REVIEWED,
    REVIEWER,
    M,
    Story,
    end,
    result,
    review,
    window,
)

REVIEWS: Final = (
    Story("an order that waits has no case", (APPLIED,), ()),
    Story("an approval", (APPLIED, APPROVED), (REVIEWED,)),
    Story(
        "a decision exactly at the deadline is on time",
        (APPLIED, (48 * HOUR, "APPROVED", "reviewer")),
        (review(2, GOOD, 48 * HOUR),),
    ),
    Story(
        "a decision a millisecond after the deadline is not",
        (APPLIED, (48 * HOUR + 1, "APPROVED", "reviewer")),
        (review(2, M.APPROVED | BY, 48 * HOUR + 1),),
    ),
    Story(
        "an automatic approval is never on time, and is nobody's",
        (APPLIED, (48 * HOUR, "AUTO_APPROVED", "clock")),
        (review(2, M.APPROVED | M.AUTOMATIC, 48 * HOUR, None),),
    ),
    Story(
        "a connector's decision is on time, and is no employee's",
        (APPLIED, (HOUR, "APPROVED", "connector")),
        (review(2, M.APPROVED | M.ON_TIME, HOUR, None),),
    ),
    Story(
        "a pause in the review does not count",
        (APPLIED, (50 * HOUR, "APPROVED", "reviewer")),
        (review(2, GOOD, 47 * HOUR),),
        (window(10 * HOUR, 13 * HOUR),),
    ),
    Story(
        "a pause in which the review begins and ends takes all of it",
        (APPLIED, (HOUR, "APPROVED", "reviewer")),
        (review(2, GOOD, 0),),
        (window(-HOUR, 2 * HOUR),),
    ),
    Story(
        "the time of a question does not count",
        (
            APPLIED,
            ASKED,
            (100 * HOUR, "RESPONDED", "customer"),
            (107 * HOUR, "REJECTED", "reviewer"),
        ),
        (review(4, NO, 47 * HOUR), end(4, DONE, REVIEWER)),
    ),
    Story(
        "a late answer gives four hours",
        (
            APPLIED,
            (47 * HOUR, "FEEDBACK_REQUESTED", "reviewer"),
            (100 * HOUR, "RESPONDED", "customer"),
            (104 * HOUR, "APPROVED", "reviewer"),
        ),
        (review(4, GOOD, 51 * HOUR),),
    ),
    Story(
        "and not more than four hours",
        (
            APPLIED,
            (47 * HOUR, "FEEDBACK_REQUESTED", "reviewer"),
            (100 * HOUR, "RESPONDED", "customer"),
            (104 * HOUR + 1, "APPROVED", "reviewer"),
        ),
        (review(4, M.APPROVED | BY, 51 * HOUR + 1),),
    ),
    Story(
        "a decision without waiting for the answer took the time until the question",
        (APPLIED, ASKED, (100 * HOUR, "APPROVED", "reviewer")),
        (review(3, GOOD, 40 * HOUR),),
    ),
    Story(
        "a question after the deadline makes nothing on time",
        (
            APPLIED,
            (49 * HOUR, "FEEDBACK_REQUESTED", "reviewer"),
            (50 * HOUR, "APPROVED", "reviewer"),
        ),
        (review(3, M.APPROVED | BY, 49 * HOUR),),
    ),
    Story(
        "an approval that was withdrawn stays a decision, and is overturned",
        (
            APPLIED,
            (10 * HOUR, "APPROVED", "reviewer"),
            (30 * HOUR, "APPROVAL_WITHDRAWN", "reviewer"),
            (68 * HOUR, "REJECTED", "reviewer"),
        ),
        (
            review(2, GOOD | M.OVERTURNED, 10 * HOUR),
            review(4, NO, 48 * HOUR),
            end(4, DONE, REVIEWER),
        ),
    ),
    Story(
        "a rejection that was taken back stays a decision; the review begins anew",
        (
            APPLIED,
            (40 * HOUR, "REJECTED", "reviewer"),
            (60 * HOUR, "REOPENED", "reviewer"),
            (100 * HOUR, "APPROVED", "processor"),
        ),
        (
            review(2, NO | M.REOPENED | M.OVERTURNED, 40 * HOUR),
            review(4, GOOD, 40 * HOUR, PROCESSOR),
        ),
    ),
    Story(
        "the customer giving up in review is a decision, neither for nor against",
        (APPLIED, (HOUR, "GIVEN_UP", "reviewer")),
        (review(2, M.ON_TIME | BY, HOUR), end(2, M.CANCELLED | BY, REVIEWER)),
    ),
    Story(
        "the customer giving up after an approval is no decision",
        (APPLIED, APPROVED, (2 * HOUR, "GIVEN_UP", "processor")),
        (REVIEWED, end(3, M.CANCELLED | BY, REVIEWER)),
    ),
    Story(
        "a new item without a return is a decision and a result",
        (APPLIED, (HOUR, "RESENT", "reviewer")),
        (REVIEWED, result(2, BY, REVIEWER)),
    ),
    Story(
        "a customer who cancels before the decision leaves an end of nobody",
        (APPLIED, (HOUR, "CANCELLED", "customer")),
        (end(2, M.CANCELLED, None),),
    ),
    Story(
        "an order that expired ended as cancelled",
        (APPLIED, APPROVED, (8 * DAY, "SHIPMENT_EXPIRED", "clock")),
        (REVIEWED, end(3, M.CANCELLED | BY, REVIEWER)),
    ),
)

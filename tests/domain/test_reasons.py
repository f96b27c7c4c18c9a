"""The dictionary of reasons has two levels, and only the second can be chosen."""

from dataclasses import replace

import pytest

from domain.actions import Action
from domain.own_reasons import (
    PREFIXES,
    Entry,
    OwnDictionary,
    OwnReason,
    copied_reason,
    own_code,
    own_use,
    problem_with,
    retired_problem,
)
from domain.reasons import DECISIONS, REASONS, Reason, ReasonUse, is_reason
from domain.refusals.intake import UnknownReason
from domain.refusals.reasons import ReasonNotForDecision, ReasonRetired
from domain.refusals.refusal import BadInput, Refusal
from domain.text import Text


def test_every_reason_lies_in_a_group_of_the_same_use() -> None:
    groups = {code: reason for code, reason in REASONS.items() if reason.parent is None}
    below = {code: reason for code, reason in REASONS.items() if reason.parent is not None}
    assert {reason.use for reason in groups.values()} == set(ReasonUse)
    assert {reason.parent for reason in below.values()} == set(groups)
    for code, reason in below.items():
        group = groups[str(reason.parent)]
        assert code.startswith(f"{group.code}.")
        assert code.count(".") == 1
        assert reason.use is group.use


def test_every_reason_has_a_name_in_both_languages_and_is_not_confused_with_another() -> None:
    for code, reason in REASONS.items():
        assert reason.code == code
        assert not reason.name.zh.isascii()
        assert reason.name.en.isascii()
    assert len({reason.name.zh for reason in REASONS.values()}) == len(REASONS)
    assert len({reason.name.en for reason in REASONS.values()}) == len(REASONS)


def test_a_reason_is_chosen_from_the_second_level_and_for_its_use() -> None:
    for code, use, fine in (
        ("QUALITY.BROKEN", ReasonUse.APPLICATION, True),
        ("QUALITY.BROKEN", ReasonUse.REVIEW, False),
        ("NOT_ELIGIBLE.USED", ReasonUse.REVIEW, True),
        ("NOT_ELIGIBLE.USED", ReasonUse.APPLICATION, False),
        ("QUALITY", ReasonUse.APPLICATION, False),
        ("NOT_ELIGIBLE", ReasonUse.REVIEW, False),
        ("QUALITY.", ReasonUse.APPLICATION, False),
        ("quality.broken", ReasonUse.APPLICATION, False),
        ("", ReasonUse.REVIEW, False),
    ):
        assert is_reason(code, use) is fine, code


def test_each_reason_of_the_platform_says_which_decisions_take_it() -> None:
    """Copied from the meaning of the reasons, not from the code."""
    reject, ask, give_up = Action.REJECT, Action.REQUEST_FEEDBACK, Action.RECORD_GIVE_UP
    expected = {
        "NOT_ELIGIBLE.TOO_LATE": {reject},
        "NOT_ELIGIBLE.USED": {reject},
        "NOT_ELIGIBLE.MAN_MADE": {reject},
        "NOT_ELIGIBLE.NO_RETURN_GOODS": {reject},
        "EVIDENCE.INSUFFICIENT": {reject, ask},
        "EVIDENCE.INCONSISTENT": {reject, ask},
        "AGREED.REFUND_ONLY": {reject, give_up},
        "AGREED.KEEP_GOODS": {reject, Action.RESEND, give_up},
        "AGREED.OTHER": {Action.APPROVE, reject, Action.RESEND, give_up},
    }
    told = {code: set(reason.decisions) for code, reason in REASONS.items() if reason.decisions}
    assert told == expected
    choosable = {code for code in REASONS if is_reason(code, ReasonUse.REVIEW)}
    assert choosable == set(expected)
    assert {action for actions in expected.values() for action in actions} == set(DECISIONS)


def test_no_code_of_the_platform_can_be_taken_for_a_merchants_own() -> None:
    assert set(PREFIXES) == set(ReasonUse)
    for code in REASONS:
        assert own_use(code) is None
    for use in ReasonUse:
        assert own_use(own_code(use, "STOCK", "handle")) is use


@pytest.mark.parametrize(
    "handle", ["", "stock", "1A", "_A", "A B", "A.B", "A-B", "缺货", "Ａ", "A" * 41, "A\n"]
)
def test_a_handle_has_capital_letters_digits_and_underscores(handle: str) -> None:
    assert own_code(ReasonUse.REVIEW, "A" * 40, "handle") == f"XR.{'A' * 40}"
    assert own_code(ReasonUse.APPLICATION, "A_1", "handle") == "XA.A_1"
    with pytest.raises(BadInput) as bad:
        own_code(ReasonUse.REVIEW, handle, "handle")
    assert bad.value.path == ("handle",)


OWN = OwnReason(
    "XR.STOCK", ReasonUse.REVIEW, Text("缺货", "Out of stock"), "AGREED", (Action.REJECT,)
)
RETIRED = replace(OWN, retired=True)
GROUP = replace(OWN, parent=None, decisions=())


@pytest.mark.parametrize(
    ("code", "own", "use", "decision", "expected"),
    [
        ("AGREED.OTHER", None, ReasonUse.REVIEW, Action.APPROVE, None),
        ("NOT_ELIGIBLE.USED", None, ReasonUse.REVIEW, Action.APPROVE, ReasonNotForDecision),
        ("NOT_ELIGIBLE", None, ReasonUse.REVIEW, Action.REJECT, UnknownReason),
        ("QUALITY.BROKEN", None, ReasonUse.REVIEW, Action.REJECT, UnknownReason),
        ("QUALITY.BROKEN", None, ReasonUse.APPLICATION, None, None),
        ("XR.STOCK", OWN, ReasonUse.REVIEW, Action.REJECT, None),
        ("XR.STOCK", OWN, ReasonUse.REVIEW, Action.APPROVE, ReasonNotForDecision),
        ("XR.STOCK", OWN, ReasonUse.APPLICATION, None, UnknownReason),
        ("XR.STOCK", RETIRED, ReasonUse.REVIEW, Action.REJECT, ReasonRetired),
        ("XR.STOCK", GROUP, ReasonUse.REVIEW, Action.REJECT, UnknownReason),
        ("XR.NONE", None, ReasonUse.REVIEW, Action.REJECT, UnknownReason),
    ],
)
def test_a_decision_takes_only_reasons_that_are_meant_for_it(
    code: str,
    own: OwnReason | None,
    use: ReasonUse,
    decision: Action | None,
    expected: type[Refusal] | None,
) -> None:
    problem = problem_with(code, own, use, decision, "reason")
    assert (None if problem is None else type(problem)) == expected


def test_a_merchant_retires_a_reason_of_the_platform_or_a_group_with_all_in_it() -> None:
    def is_retired(code: str, own: OwnReason | None, *retired: str) -> bool:
        return retired_problem(code, own, retired, "reason") is not None

    assert not is_retired("AGREED.OTHER", None)
    assert not is_retired("AGREED.OTHER", None, "AGREED.KEEP_GOODS")
    assert is_retired("AGREED.OTHER", None, "AGREED.OTHER")
    assert is_retired("AGREED.OTHER", None, "AGREED")
    assert is_retired("XR.STOCK", OWN, "AGREED")
    assert not is_retired("XR.STOCK", OWN, "EVIDENCE")


def test_a_dictionary_has_each_group_followed_by_its_reasons_the_platforms_first() -> None:
    own = [
        OWN,
        OwnReason("XR.MINE", ReasonUse.REVIEW, Text("我的", "Mine"), None),
        OwnReason("XR.IN_MINE", ReasonUse.REVIEW, Text("里面", "Inside"), "XR.MINE"),
    ]
    entries = [Entry(reason=reason, position=0) for reason in own]
    assert [entry.reason.code for entry in OwnDictionary().entries()] == list(REASONS)
    codes = [entry.reason.code for entry in OwnDictionary(own=entries).entries()]
    assert codes == [*REASONS, "XR.STOCK", "XR.MINE", "XR.IN_MINE"]


def test_an_order_shows_the_copy_of_an_own_reason_whatever_became_of_it() -> None:
    assert copied_reason("XR.STOCK", RETIRED.copied()) == Reason(
        "XR.STOCK", ReasonUse.REVIEW, Text("缺货", "Out of stock"), "AGREED", (Action.REJECT,)
    )

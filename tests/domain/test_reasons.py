"""The dictionary of reasons has two levels, and only the second can be chosen."""

from domain.reasons import REASONS, ReasonUse, is_reason


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

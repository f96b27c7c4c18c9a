"""What each action leaves on the timeline, and what of it the customer does not see."""

from domain.actions import Action
from domain.enrolment import ENROLMENT
from domain.events import EVENTS, INTERNAL, EventKind
from domain.text import Language, Text
from tests.domain import book


def test_every_action_leaves_an_event_of_its_own() -> None:
    assert set(EVENTS) == set(Action), "add the action's event to EVENTS in domain/events.py"
    assert len(set(EVENTS.values())) == len(Action)
    of_no_action = set(EventKind) - set(EVENTS.values())
    assert of_no_action == {
        "SUBMITTED",
        "AUTO_APPROVAL_BLOCKED",
        "AUTO_APPROVAL_UNBLOCKED",
        "CONTACT_REVEALED",
        "CLOCK_MOVED",
        "PERSONAL_DATA_ERASED",
    }, "an event that no action leaves is named here, in tests/domain/test_events.py"


def test_customers_see_no_notes_no_reveals_and_no_missing_address() -> None:
    assert set(INTERNAL) == set(book.INTERNAL), "see INTERNAL in tests/domain/book.py"


def test_an_enrolment_goes_the_way_of_the_specification() -> None:
    assert {
        step: (set(rule.sources), rule.target, rule.needs_reason)
        for step, rule in ENROLMENT.items()
    } == {
        "APPLY": ({"NOT_ENROLLED", "REJECTED"}, "PENDING_REVIEW", False),
        "APPROVE": ({"PENDING_REVIEW"}, "ENABLED", False),
        "REJECT": ({"PENDING_REVIEW"}, "REJECTED", True),
        "SUSPEND": ({"ENABLED"}, "SUSPENDED", True),
        "RESUME": ({"SUSPENDED"}, "ENABLED", True),
    }


def test_words_are_said_in_the_language_asked_for() -> None:
    text = Text("中文", "English")
    assert (text.in_(Language.ZH), text.in_(Language.EN)) == ("中文", "English")
    assert [*Language] == ["zh-CN", "en"]

"""A merchant's own reasons, and which reason a decision or an application takes."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from domain.actions import Action
from domain.reasons import DECISIONS, REASONS, Reason, ReasonUse
from domain.refusals.intake import UnknownReason
from domain.refusals.reasons import ReasonNotForDecision, ReasonRetired
from domain.refusals.refusal import BadInput, Refusal
from domain.text import Text

MAX_OWN_REASONS: Final = 200
"""The most reasons and groups that a merchant can have, retired ones included."""

MAX_POSITION: Final = 9_999

PREFIXES: Final[Mapping[ReasonUse, str]] = {ReasonUse.APPLICATION: "XA.", ReasonUse.REVIEW: "XR."}
"""How the codes of a merchant's own reasons begin. No code of the platform does."""

_HANDLE: Final = re.compile(r"[A-Z][A-Z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class OwnReason(Reason):
    """A merchant's own reason. ``retired`` also if its own group is retired."""

    retired: bool = False

    def copied(self) -> dict[str, Any]:  # Any: the value of a JSON column
        """The copy that an order keeps, so that it shows the reason as it was chosen."""
        return {
            "zh": self.name.zh,
            "en": self.name.en,
            "parent": self.parent,
            "decisions": list(self.decisions),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A reason or a group as it stands in a merchant's dictionary.

    ``position`` is None for the platform's. ``retired_at`` is also that of its group.
    """

    reason: Reason
    position: int | None = None
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDictionary:
    """A merchant's own reasons in their order, and when it retired which of the platform's."""

    own: Sequence[Entry] = ()
    retired: Mapping[str, datetime] = field(default_factory=dict)

    def entry(self, code: str) -> Entry | None:
        """The platform's or the merchant's own reason with the code."""
        return next((entry for entry in self.entries() if entry.reason.code == code), None)

    def entries(self) -> Iterator[Entry]:
        """Each group followed by its reasons; the platform's before the merchant's own."""
        groups = [entry for entry in self.own if entry.reason.parent is None]
        platforms = [Entry(reason=reason) for reason in REASONS.values()]
        for group in [entry for entry in platforms if entry.reason.parent is None] + groups:
            yield self._with_retirement(group)
            for entry in [*platforms, *self.own]:
                if entry.reason.parent == group.reason.code:
                    yield self._with_retirement(entry)

    def _with_retirement(self, entry: Entry) -> Entry:
        codes = (entry.reason.code, entry.reason.parent or "")
        retired = [self.retired[code] for code in codes if code in self.retired]
        return replace(entry, retired_at=min(retired)) if retired else entry


def copied_reason(code: str, copy: Mapping[str, Any]) -> Reason:
    """The reason of an order from its copy."""
    return Reason(
        code,
        own_use(code) or ReasonUse.REVIEW,
        Text(copy["zh"], copy["en"]),
        copy["parent"],
        tuple(Action(value) for value in copy["decisions"]),
    )


def own_code(use: ReasonUse, handle: str, *path: str) -> str:
    """The code of an own reason. Raises BadInput for a malformed handle."""
    if not _HANDLE.fullmatch(handle):
        text = Text(
            "须以大写字母开头, 仅含大写字母、数字和下划线, 最多 40 个字符",
            "This must begin with a capital letter and have only capital letters, digits and "
            "underscores, at most 40.",
        )
        raise BadInput(path, text)
    return PREFIXES[use] + handle


def own_use(code: str) -> ReasonUse | None:
    """The use of an own reason; None for any other code."""
    return next((use for use, prefix in PREFIXES.items() if code.startswith(prefix)), None)


def decisions_of(values: Collection[Action], *path: str) -> tuple[Action, ...]:
    """The decisions in their order, each once. Raises BadInput for another action."""
    if set(values) - set(DECISIONS):
        names = ", ".join(DECISIONS)
        raise BadInput(
            path, Text(f"只能是审核决定: {names}", f"Only decisions can be given: {names}.")
        )
    return tuple(action for action in DECISIONS if action in values)


def problem_with(
    code: str, own: OwnReason | None, use: ReasonUse, decision: Action | None, *path: str
) -> Refusal | None:
    """Why the reason cannot be used, apart from what the merchant retired of the platform's.

    ``own`` is the merchant's reason with the code, ``decision`` is None for an application.
    """
    reason = own or REASONS.get(code)
    if reason is None or reason.use is not use or reason.parent is None:
        return UnknownReason(reason=code, path=path)
    if decision is not None and decision not in reason.decisions:
        return ReasonNotForDecision(
            reason=code, decision=decision, decisions=reason.decisions, path=path
        )
    if own is not None and own.retired:
        return ReasonRetired(reason=code, path=path)
    return None


def retired_problem(
    code: str, own: OwnReason | None, retired: Collection[str], *path: str
) -> Refusal | None:
    """The refusal if the merchant retired the platform's reason, or the group of the reason."""
    if not retired:
        return None
    reason = own or REASONS.get(code)
    if code in retired or (reason is not None and reason.parent in retired):
        return ReasonRetired(reason=code, path=path)
    return None

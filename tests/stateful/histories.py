"""Runs a history, one move after the other, and holds it to the invariants."""

import os
from collections.abc import Mapping
from datetime import UTC, timedelta, tzinfo
from typing import Final, Protocol

from hypothesis import HealthCheck, Phase, currently_in_test_context, note, settings
from hypothesis import strategies as st

from domain.quality.metrics import Metric
from domain.quality.periods import LONGEST
from settings import PREFIX
from tests.generated.tape import Tape
from tests.quality.pieces import PEOPLE
from tests.quality.recompute import Account, Scope, recompute
from tests.stateful.invariants import Invariants, Moment
from tests.stateful.moves import TICK, Move, Wait, next_move

MORE: Final = os.environ.get(f"{PREFIX}TEST_STEPS")
"""How many steps to take instead, other ones each time: `make fuzz` sets it."""

STEPS: Final = 60
"""The steps of a history."""

ORDINARY: Final = 20_000
"""The steps of `make check`, all histories together."""

ON_DATABASES: Final = 20
"""Of so many steps, one is taken on each of the databases, the others in memory."""

WIDTH: Final = 16
"""The bytes that choose one move."""

TAPES: Final = st.binary(min_size=STEPS * WIDTH, max_size=STEPS * WIDTH)
"""All histories have the same length, so that steps can be counted. A move of zeros only waits:
that is what hypothesis shrinks the moves to that a failure does not need."""


class Desk(Protocol):
    """Where the moves are made."""

    async def moment(self) -> Moment: ...

    async def move(self, move: Move) -> list[str]:
        """Make the move. The codes of its refusals, none if it was carried out."""
        ...

    async def findings(self) -> list[str]:
        """What the doctor finds."""
        ...

    async def figures(self, scope: Scope) -> Mapping[Metric, Account]:
        """The figures of service quality, with the orders behind each."""
        ...


def histories(*, in_memory: bool) -> settings:
    """The settings for this level's share of the steps."""
    steps = int(MORE or ORDINARY) // STEPS
    share = steps - 2 * (steps // ON_DATABASES) if in_memory else steps // ON_DATABASES
    return settings(
        max_examples=max(share, 1),
        derandomize=not MORE,
        phases=(Phase.generate, Phase.shrink) if MORE or in_memory else (Phase.generate,),
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


async def run(desk: Desk, tape: bytes, zone: tzinfo = UTC) -> None:
    """Make the moves on the tape. Each is checked, and at the end the doctor looks.

    Then the figures are compared with a plain recomputation, by the days of the zone.
    """
    invariants = Invariants()
    moment = await desk.moment()
    for start in range(0, len(tape), WIDTH):
        choices = Tape(tape[start : start + WIDTH])
        move = next_move(choices, list(moment.orders.values()), moment.now)
        if move != Wait(TICK) and currently_in_test_context():
            note(f"{moment.now} {move}")
        refused = await desk.move(move)
        before, moment = moment, await desk.moment()
        invariants.check(move, before, moment, refused)
    findings = await desk.findings()
    assert not findings, findings
    scope = _scope(tape, zone, moment)
    expected = recompute(moment.events, moment.windows, scope)
    figures = await desk.figures(scope)
    differing = [(expected[metric], figures[metric]) for metric in expected]
    assert all(plain == figure for plain, figure in differing), differing


def _scope(tape: bytes, zone: tzinfo, moment: Moment) -> Scope:
    """The longest period, or some days of it, or the work of one employee: as the tape says."""
    choices = Tape(bytes(reversed(tape[:WIDTH])))
    events = [event for rows in moment.events.values() for event in rows]
    last, employee = moment.now.astimezone(zone).date(), None
    first = last - timedelta(days=LONGEST - 1)
    if events and choices.happens(50):
        first = choices.one_of(events)["at"].astimezone(zone).date()
        last = first + timedelta(days=choices.below(7))
    workers = [event["actor_id"] for event in events if event["actor_kind"] in PEOPLE]
    if workers and choices.happens(30):
        employee = choices.one_of(workers)
    return Scope(zone, first, last, employee)

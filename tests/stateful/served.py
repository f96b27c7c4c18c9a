"""The desk on a database, through the API: what people do are mutations, as clients send them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Self

import sqlalchemy as sa

from doctor import orders, refunds
from doctor.examine import _pauses
from domain.actions import Action
from domain.clocks import Span
from domain.desk.refunds import RefundStatus
from domain.money import yuan
from domain.permissions import DELEGABLE, Permission
from domain.quality.metrics import Metric
from jobs.quality.derive import derive
from jobs.sequencer import sequence
from jobs.timers import fire_timers
from models.pause_window import pause_windows
from models.refund import refunds as refund_table
from models.service_order import events, service_orders
from schema import ids
from tests.client import Client
from tests.conftest import StoppedClock
from tests.given import ITEM, Shop, World
from tests.quality.recompute import Account, Scope
from tests.stateful.invariants import Moment
from tests.stateful.moves import (
    CUSTOMERS,
    HELD,
    TICK,
    Act,
    Declare,
    Fire,
    Move,
    Role,
    Row,
    Submit,
    Wait,
    Withdraw,
)
from tests.steps import COLLEAGUE, ME, WAYS

REPORT: Final = """query($period: QualityPeriod!, $employee: ID, $part: QualityPart!) {
  qualityReport(period: $period, employeeId: $employee, part: $part, first: 100) {
    isCurrent
    figures { metric numerator denominator value
      orders { totalCount nodes { at serviceOrder { id } } } } } }"""

SKIPPED: Final = ["SKIPPED"]
"""The answer to a move that no mutation makes."""


@dataclass
class Ground:
    """One database for all histories: each has merchants of its own."""

    world: World
    client: Client
    clock: StoppedClock
    absent: set[Action]
    mutations: frozenset[str]
    histories: int = 0


@dataclass
class Served:
    """The desk of one history."""

    ground: Ground
    shop: Shop
    tokens: dict[Role, str]
    employees: dict[Role, str]
    colleague: str
    storefront: str
    _orders: dict[int, Row] = field(default_factory=dict)
    _events: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))
    _refunds: list[Row] = field(default_factory=list)
    _windows: list[Span] = field(default_factory=list)

    @classmethod
    async def open(cls, ground: Ground, time_zone: str) -> Self:
        world = ground.world
        ground.histories += 1
        await _leave_pauses_behind(ground)
        shop, other = await world.merchant(), await world.merchant("别家")
        people = {
            Role.OWNER: shop.owner,
            Role.OTHER_OWNER: other.owner,
            Role.CONNECTOR: await world.connector(shop),
            Role.PLATFORM: await world.platform(),
            **{role: await world.customer(shop, ref) for role, ref in CUSTOMERS.items()},
        }
        for role, held in HELD.items():
            if role is not Role.OWNER:
                people[role] = await world.employee(shop, *held, name=role)
        tokens = {role: person.token for role, person in people.items()}
        employees = {role: people[role].global_id for role in HELD}
        colleague = await world.employee(shop, *DELEGABLE, name="colleague")
        storefront = tokens[Role.CONNECTOR]
        desk = cls(ground, shop, tokens, employees, colleague.global_id, storefront)
        await desk._as(Role.OWNER).do("setTimeZone", timeZone=time_zone)
        await desk._read_windows()
        return desk

    async def moment(self) -> Moment:
        if await self._read_orders():
            await self._read_events()
            await self._read_refunds()
        return Moment(
            now=self.ground.clock.now(),
            orders=dict(self._orders),
            events={id_: tuple(self._events[id_]) for id_ in self._orders},
            refunds=tuple(self._refunds),
            windows=tuple(self._windows),
        )

    async def move(self, move: Move) -> list[str]:
        match move:
            case Submit():
                await self._submit(move)
            case Act():
                return await self._act(move)
            case Wait():
                self.ground.clock.pass_(move.time)
            case Fire():
                database, now = self.ground.world.parts.database, self.ground.clock.now()
                await fire_timers(database, now, at_deadlines=move.at_deadlines)
            case Declare():
                await self._declare(move)
            case Withdraw():
                await self._withdraw(move)
        return []

    async def findings(self) -> list[str]:
        """The doctor's findings about the orders of this history."""
        found = list[str]()
        async with self.ground.world.parts.database.read() as connection:
            pauses = await _pauses(connection)
            now, id_ = self.ground.clock.now(), self.shop.id
            for check in (
                orders.examine(connection, id_, pauses, now),
                refunds.examine(connection, id_),
            ):
                found += [finding.line() async for finding in check]
        return found

    async def figures(self, scope: Scope) -> Mapping[Metric, Account]:
        """The figures that the main account reads once the jobs have run."""
        database = self.ground.world.parts.database
        while await sequence(database, self.ground.clock.now()):
            pass
        while await derive(database):
            pass
        employee = scope.employee and ids.encode("Employee", self.shop.id, scope.employee)
        owner, parts = self._as(Role.OWNER), list[dict[str, Any]]()
        for part in ("DENOMINATOR", "NUMERATOR"):
            days = {"first": f"{scope.first}", "last": f"{scope.last}"}
            report = await owner.ask(
                REPORT, period={"range": days}, employee=employee or None, part=part
            )
            assert report["isCurrent"]
            parts.append({figure["metric"]: figure for figure in report["figures"]})
        return {metric: _account(*(part[metric] for part in parts)) for metric in Metric}

    def _as(self, role: Role) -> Client:
        return self.ground.client.as_(self.tokens[role])

    async def _submit(self, move: Submit) -> None:
        order_number, sku = move.line
        codes = await self.ground.client.as_(self.storefront).codes(
            "submitApplication",
            merchantId=self.shop.global_id,
            externalRef=f"A-{len(self._orders)}",
            orderNumber=order_number,
            customerRef=CUSTOMERS[move.role],
            customerName="李小花",
            customerPhone="13812345678",
            items=[ITEM | {"sku": sku}],
        )
        assert codes == []

    async def _act(self, move: Act) -> list[str]:
        way = WAYS.get(move.action)
        if way is None or move.action in self.ground.absent:
            return SKIPPED
        id_ = list(self._orders)[move.order]
        named: int | None = id_
        if way.of == "Refund":
            named = self._pending(id_, move.pick)
        if named is None:
            return SKIPPED
        if move.action is Action.CLAIM and self._takes_over(move):
            return SKIPPED
        given = {}
        if move.action is Action.REFUND:
            given = {"amount": yuan(move.amount), "freight": yuan(move.freight)}
        encoded = ids.encode(way.of.removesuffix("s"), self.shop.id, named)
        own = self.employees.get(move.role, self.colleague)
        employees = {ME: own, COLLEAGUE: self.colleague}
        return await way.codes(self._as(move.role), encoded, employees, **given)

    def _takes_over(self, move: Act) -> bool:
        """Whether claiming is asked for by somebody who may assign what others have."""
        held = HELD.get(move.role, frozenset())
        order = list(self._orders.values())[move.order]
        return Permission.ASSIGN in held and order["assignee_id"] is not None

    def _pending(self, order_id: int, pick: int) -> int | None:
        pending = [
            refund["id"]
            for refund in self._refunds
            if refund["service_order_id"] == order_id and refund["status"] is RefundStatus.SUBMITTED
        ]
        return pending[pick % len(pending)] if pending else None

    async def _declare(self, move: Declare) -> None:
        self.ground.clock.pass_(TICK)
        await self._as(Role.PLATFORM).codes("declarePauseWindow", **self._times(move))
        await self._read_windows()

    async def _withdraw(self, move: Withdraw) -> None:
        self.ground.clock.pass_(TICK)
        ahead = await self._rows(
            sa.select(pause_windows)
            .where(
                pause_windows.c.withdrawn_at.is_(None),
                pause_windows.c.start_at > self.ground.clock.now(),
            )
            .order_by(pause_windows.c.id.desc())
        )
        name = "withdrawPauseWindow" if move.instead is None else "changePauseWindow"
        if not ahead or name not in self.ground.mutations:
            return
        given = {} if move.instead is None else self._times(move.instead)
        id_ = ids.encode("PauseWindow", ahead[0]["id"])
        await self._as(Role.PLATFORM).codes(name, id=id_, **given)
        await self._read_windows()

    def _times(self, move: Declare) -> dict[str, str]:
        start = self.ground.clock.now() + move.after
        end = start + move.length
        name = f"假期 {start:%Y-%m-%d %H:%M:%S.%f}"
        return {"name": name, "startAt": start.isoformat(), "endAt": end.isoformat()}

    async def _read_orders(self) -> bool:
        """Whether an order changed."""
        rows = await self._rows(
            sa.select(service_orders)
            .where(service_orders.c.merchant_id == self.shop.id)
            .order_by(service_orders.c.id)
        )
        before, self._orders = self._orders, {row["id"]: row for row in rows}
        return before != self._orders

    async def _read_events(self) -> None:
        rows = await self._rows(
            sa.select(events)
            .where(
                events.c.merchant_id == self.shop.id,
                sa.or_(
                    *[
                        sa.and_(
                            events.c.service_order_id == id_,
                            events.c.sequence > len(self._events[id_]),
                        )
                        for id_ in self._orders
                    ]
                ),
            )
            .order_by(events.c.service_order_id, events.c.sequence)
        )
        for row in rows:
            self._events[row["service_order_id"]].append(row)

    async def _read_refunds(self) -> None:
        self._refunds = await self._rows(
            sa.select(refund_table)
            .where(refund_table.c.merchant_id == self.shop.id)
            .order_by(refund_table.c.id)
        )

    async def _read_windows(self) -> None:
        rows = await self._rows(
            sa.select(pause_windows).where(pause_windows.c.withdrawn_at.is_(None))
        )
        self._windows = [Span(row["start_at"], row["end_at"]) for row in rows]

    async def _rows(self, query: sa.Select[Any]) -> list[Row]:
        async with self.ground.world.parts.database.read() as connection:
            return [dict(row._mapping) for row in await connection.execute(query)]


def _account(considered: dict[str, Any], counted: dict[str, Any]) -> Account:
    """A figure, with the cases behind it. Their number is what the figure says."""
    numerator, denominator = considered["numerator"], considered["denominator"]
    assert considered["orders"]["totalCount"] == denominator
    number = denominator if numerator is None else numerator
    assert counted["orders"]["totalCount"] == number
    return Account(numerator, denominator, considered["value"], _cases(considered), _cases(counted))


def _cases(figure: dict[str, Any]) -> list[tuple[int, datetime]]:
    cases = figure["orders"]["nodes"]
    assert len(cases) == figure["orders"]["totalCount"]
    return sorted(
        (
            ids.key_of("ServiceOrder", case["serviceOrder"]["id"])[1],
            datetime.fromisoformat(case["at"]),
        )
        for case in cases
    )


async def _leave_pauses_behind(ground: Ground) -> None:
    """Let time pass until no window of an earlier history is ahead."""
    async with ground.world.parts.database.read() as connection:
        last = await connection.scalar(sa.select(sa.func.max(pause_windows.c.end_at)))
    if last is not None and last > ground.clock.now():
        ground.clock.pass_(last - ground.clock.now() + timedelta(hours=1))

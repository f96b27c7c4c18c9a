"""What ``aftersales demo`` does before it serves: the database is made ready, and shown."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from database.database import Database
from demo.create import TOTAL, create
from demo.people import LOGINS, PASSWORD, STOREFRONT_ID, STOREFRONT_TOKEN
from domain.actors import ActorKind
from domain.permissions import DELEGABLE, Permission
from models import schema_version
from models.accounts import accounts, connectors
from models.merchant import merchants
from models.staff import employees, roles, with_roles
from resolvers.pictures import Pictures

_SHORT: Final = {Permission.SERVICE_ORDER_READ: "read"}
_STALE: Final = timedelta(hours=4)


class NotADemo(Exception):
    """The database holds merchants that are not the demo's."""


async def stand_up(database: Database, pictures: Pictures, now: datetime, out: Console) -> None:
    """Bring the database up to date, and make the demo if there is none. Raises NotADemo."""
    await schema_version.upgrade(database)
    async with database.read() as connection:
        made_at = await connection.scalar(
            sa.select(connectors.c.created_at).where(connectors.c.id == STOREFRONT_ID)
        )
        others = await connection.scalar(sa.select(sa.func.count()).select_from(merchants))
    if made_at is None and others:
        raise NotADemo
    if made_at is None:
        with _bar(out) as bar:
            task = bar.add_task("Making the demo", total=TOTAL)
            await create(database, pictures, now, lambda count: bar.advance(task, count))
    elif now - made_at > _STALE:
        hours = (now - made_at) // timedelta(hours=1)
        out.print(
            f"This demo is from {hours} hours ago: the clock has approved what came due since."
        )


async def welcome(database: Database, out: Console, *, url: str, kept_in: str) -> None:
    """Print who can sign in, and where."""
    out.print(await _people(database), "")
    facts = Table.grid(padding=(0, 2))
    for name, value in (
        ("password", f"{PASSWORD}  (of every account)"),
        ("storefront", f"{STOREFRONT_TOKEN}  (a token; Authorization: Bearer ...)"),
        ("GraphiQL", f"{url}/"),
        ("API", f"{url}/graphql"),
        ("start over", f"stop the server and delete {kept_in}"),
    ):
        facts.add_row(name, value)
    out.print(facts)
    out.print()


def _bar(out: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=out,
    )


async def _people(database: Database) -> Table:
    """The accounts as they are now, for somebody may have changed their roles."""
    table = Table(show_edge=False)
    for name in ("merchant", "login", "role"):
        table.add_column(name, no_wrap=True)
    table.add_column("may")
    async with database.read() as connection:
        found = (await connection.execute(_accounts())).all()
    for (merchant, enrolment), people in groupby(found, lambda row: (row.merchant, row.enrolment)):
        titles = iter((merchant, enrolment) if merchant else ("the platform",))
        for login, rows in groupby(people, lambda row: row.login):
            person, *more = rows
            is_main = person.kind is ActorKind.MAIN_ACCOUNT
            names = ["主账号"] if is_main else [row.role for row in (person, *more) if row.role]
            title = next(titles, "")
            table.add_row(title, login, "、".join(names), _may(person, more))
        table.add_section()
    return table


def _accounts() -> sa.Select[Any]:
    """A row for each role of each account, the merchants in their order."""
    people = accounts.outerjoin(merchants, merchants.c.id == accounts.c.merchant_id).outerjoin(
        employees,
        (employees.c.merchant_id == accounts.c.merchant_id) & (employees.c.id == accounts.c.id),
    )
    return (
        sa.select(
            merchants.c.name.label("merchant"),
            merchants.c.enrolment,
            accounts.c.login,
            accounts.c.kind,
            accounts.c.permissions,
            employees.c.extra_permissions,
            roles.c.name.label("role"),
            roles.c.permissions.label("role_permissions"),
        )
        .select_from(with_roles(people))
        .where(accounts.c.login.in_(LOGINS), accounts.c.disabled_at.is_(None))
        .order_by(accounts.c.id, roles.c.id)
    )


def _may(person: sa.Row[Any], more: Sequence[sa.Row[Any]]) -> str:
    if person.kind is ActorKind.MAIN_ACCOUNT:
        return "everything"
    held = {*person.permissions, *(person.extra_permissions or ())}
    for row in (person, *more):
        held.update(row.role_permissions or ())
    if held >= DELEGABLE:
        return "everything but the staff"
    return ", ".join(_SHORT.get(one, one.lower()) for one in Permission if one in held)

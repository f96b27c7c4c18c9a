"""What ``aftersales demo`` prints before it serves: the accounts, and the addresses to open."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from database.database import Database
from demo.people import LOGINS, PASSWORD, PAYMENTS_TOKEN, STOREFRONT_TOKEN
from domain.actors import ActorKind
from domain.permissions import DELEGABLE, Permission
from models.accounts import accounts
from models.merchant import merchants
from models.staff import employees, roles, with_roles

_SHORT_NAMES: Final = {Permission.SERVICE_ORDER_READ: "read"}


async def welcome(database: Database, out: Console, *, url: str, is_new: bool) -> None:
    """Print who can sign in, and where. ``is_new``: with what each account may do."""
    async with database.read() as connection:
        rows = (await connection.execute(_accounts())).all()
    people = [_person(list(group)) for _, group in groupby(rows, lambda row: row.login)]
    out.print(_table_of_permissions(people) if is_new else _short_list(people), "")
    facts = Table.grid(padding=(0, 2))
    for name, value in (
        ("password", f"{PASSWORD}  (of every account)"),
        ("storefront", f"{STOREFRONT_TOKEN}  (a token; Authorization: Bearer ...)"),
        ("payments", f"{PAYMENTS_TOKEN}  (reports the refunds of the first merchant)"),
        ("console", f"{url}/"),
        ("GraphiQL", f"{url}/graphiql"),
        ("API", f"{url}/graphql"),
        ("start over", "stop the server and run `make demo-reset`"),
    ):
        facts.add_row(name, value)
    out.print(facts)
    out.print()


@dataclass(frozen=True, slots=True)
class _Person:
    """An account as it is now: somebody may have changed its roles since the demo was made."""

    login: str
    merchant: str | None
    enrolment: str | None
    roles: str
    may: str


def _short_list(people: Sequence[_Person]) -> Table:
    """One line for each account."""
    table = Table.grid(padding=(0, 2))
    for person in people:
        table.add_row(person.login, person.merchant or "the platform", person.roles)
    return table


def _table_of_permissions(people: Sequence[_Person]) -> Table:
    table = Table(show_edge=False)
    for name in ("merchant", "login", "role"):
        table.add_column(name, no_wrap=True)
    table.add_column("may")
    for (merchant, enrolment), colleagues in groupby(people, lambda p: (p.merchant, p.enrolment)):
        titles: Iterator[str | None] = iter((merchant or "the platform", enrolment))
        for person in colleagues:
            table.add_row(next(titles, None), person.login, person.roles, person.may)
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


def _person(rows: Sequence[sa.Row[Any]]) -> _Person:
    account = rows[0]
    is_main = account.kind is ActorKind.MAIN_ACCOUNT
    role_names = ["主账号"] if is_main else [row.role for row in rows if row.role]
    return _Person(
        login=account.login,
        merchant=account.merchant,
        enrolment=account.enrolment,
        roles="、".join(role_names),
        may="everything" if is_main else _permissions_in_words(rows),
    )


def _permissions_in_words(rows: Sequence[sa.Row[Any]]) -> str:
    account = rows[0]
    held = {*account.permissions, *(account.extra_permissions or ())}
    for row in rows:
        held.update(row.role_permissions or ())
    if held >= DELEGABLE:
        return "everything but the staff"
    return ", ".join(_SHORT_NAMES.get(p, p.lower()) for p in Permission if p in held)

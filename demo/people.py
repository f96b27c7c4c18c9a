"""The demo's merchants: their people, enrolment history and return addresses."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import SQLModel

from auth import secrets
from demo import places, settings
from demo.enrolments import PLATFORM_STAFF, SUSPENDED_FOR, history
from demo.ids import Ids
from demo.plans import PLANS, Plan
from domain.actors import Actor, ActorKind
from domain.addresses import Address
from domain.characters import folded
from domain.destinations import AddressRules
from domain.enrolment import EnrolmentStatus
from domain.permissions import CONNECTOR, MAIN_ACCOUNT, PLATFORM, Permission
from domain.roles import PROCESSORS, READERS, REVIEWERS, STARTER_ROLES, SUPERVISORS, StarterRole
from models.accounts import Account, Connector
from models.merchant import Merchant, ReturnAddress
from models.staff import Employee, EmployeeRole, Role

PASSWORD: Final = "aftersales-demo"  # noqa: S105 - printed at each start; all data is invented
PLATFORM_LOGIN: Final = "platform"
STOREFRONT_ID: Final = 1
STOREFRONT_SECRET: Final = "demo-storefront"  # noqa: S105 - as above
STOREFRONT_TOKEN: Final = secrets.token_of(secrets.CONNECTOR, STOREFRONT_ID, STOREFRONT_SECRET)
PAYMENTS_ID: Final = 2
"""The first merchant's connector that reports payments; the others' ids follow."""
PAYMENTS_SECRET: Final = "demo-payments"  # noqa: S105 - as above
PAYMENTS_TOKEN: Final = secrets.token_of(secrets.CONNECTOR, PAYMENTS_ID, PAYMENTS_SECRET)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A merchant with orders, and the people who act for it.

    ``platform`` is the account of the platform that rules on its escalated orders.
    """

    id: int
    plan: Plan
    owner: Actor
    reviewer: Actor
    processor: Actor
    supervisor: Actor
    payments: Actor
    addresses: tuple[Address, ...]
    rules: AddressRules | None
    platform: Actor
    suspended_at: datetime | None

    def enrolment_at(self, time: datetime) -> EnrolmentStatus:
        """The enrolment at this time; nothing asks about times before the admission."""
        is_suspended = self.suspended_at is not None and time >= self.suspended_at
        return EnrolmentStatus.SUSPENDED if is_suspended else EnrolmentStatus.ENABLED


STOREFRONT: Final = Actor(
    kind=ActorKind.CONNECTOR, id=STOREFRONT_ID, name="商城前台", permissions=CONNECTOR
)
_STOREFRONT_SCOPES: Final = CONNECTOR - {Permission.REFUND_REPORT}
_JOBS: Final[Mapping[str, StarterRole]] = {
    "reviewer": REVIEWERS,
    "processor": PROCESSORS,
    "supervisor": SUPERVISORS,
    "readonly": READERS,
}
LOGINS: Final = (
    PLATFORM_LOGIN,
    *(f"{plan.key}-{job}" for plan in PLANS for job in ("owner", *_JOBS)),
)


def _payments(merchant_id: int, number: int) -> Actor:
    return Actor(
        kind=ActorKind.CONNECTOR,
        id=PAYMENTS_ID + number,
        name="支付网关",
        permissions=frozenset({Permission.REFUND_REPORT}),
        merchant_id=merchant_id,
    )


@dataclass(slots=True)
class Hiring:
    """Makes the rows of merchants and people. All accounts share one password and its hash."""

    ids: Ids
    password_hash: str
    now: datetime

    def everybody(self) -> tuple[list[SQLModel], list[Shop]]:
        """All rows, in an order in which they can be inserted, and the shops with orders."""
        platform = self._intervening()
        rows, shops = list(self._platform(platform)), []
        for number, plan in enumerate(PLANS):
            shop, its_rows = self._merchant(plan, number, platform)
            rows += its_rows
            if plan.enrolment in (EnrolmentStatus.ENABLED, EnrolmentStatus.SUSPENDED):
                shops.append(shop)
        return rows, shops

    def _intervening(self) -> Actor:
        return Actor(
            kind=ActorKind.PLATFORM,
            id=self.ids.fixed(),
            name=PLATFORM_STAFF,
            permissions=PLATFORM,
        )

    def _platform(self, actor: Actor) -> Iterator[SQLModel]:
        yield self._account(
            actor.id,
            PLATFORM_LOGIN,
            actor.name,
            actor.kind,
            permissions=sorted(actor.permissions),
        )
        yield Connector(
            id=STOREFRONT_ID,
            name=STOREFRONT.name,
            secret_hash=secrets.hashed(STOREFRONT_SECRET),
            scopes=sorted(_STOREFRONT_SCOPES),
            created_at=self.now,
        )

    def _merchant(self, plan: Plan, number: int, platform: Actor) -> tuple[Shop, list[SQLModel]]:
        id_, since = self.ids.fixed(), self._since
        merchant = Merchant(
            id=id_,
            name=plan.name,
            enrolment=plan.enrolment,
            created_at=since,
            service_targets=None if plan.targets is None else dict(plan.targets.stored),
        )
        rows: list[SQLModel] = [merchant]
        role_ids = {}
        for starter in STARTER_ROLES:
            role_ids[starter.name] = self.ids.fixed()
            rows.append(
                Role(
                    merchant_id=id_,
                    id=role_ids[starter.name],
                    name=starter.name,
                    name_key=folded(starter.name),
                    permissions=sorted(starter.permissions),
                    created_at=since,
                    updated_at=since,
                )
            )
        actors = {}
        for job, name in zip(("owner", *_JOBS), plan.people, strict=True):
            role = _JOBS.get(job)
            actors[job], its_rows = self._person(id_, f"{plan.key}-{job}", name, role)
            rows += its_rows
            if role is not None:
                role_id, employee_id = role_ids[role.name], actors[job].id
                rows.append(EmployeeRole(merchant_id=id_, employee_id=employee_id, role_id=role_id))
        rows += history(plan, id_, self.now, since)
        payments = _payments(id_, number)
        rows.append(self._connector(payments, actors["owner"]))
        addresses = tuple(
            places.address(
                district,
                contact=f"{plan.people[2]}（售后）",
                phone=places.phone(9_900 + number * 10 + index),
                zip=zip_,
                detail=detail,
            )
            for index, (district, zip_, detail) in enumerate(plan.returns)
        )
        address_ids = [self.ids.fixed() for _ in addresses]
        rows += [
            ReturnAddress(
                merchant_id=id_,
                id=address_ids[index],
                **return_address.stored(),
                is_default=index == 0,
                created_at=since,
                updated_at=since,
            )
            for index, return_address in enumerate(addresses)
        ]
        rules = settings.address_rules(plan, addresses, address_ids)
        merchant.address_rules = None if rules is None else rules.stored()
        rows += settings.rows(plan, id_, rules, since)
        return Shop(
            id=id_,
            plan=plan,
            owner=actors["owner"],
            reviewer=actors["reviewer"],
            processor=actors["processor"],
            supervisor=actors["supervisor"],
            payments=payments,
            addresses=addresses,
            rules=rules,
            platform=platform,
            suspended_at=self.now - SUSPENDED_FOR if plan.suspended else None,
        ), rows

    def _person(
        self, merchant_id: int, login: str, name: str, role: StarterRole | None
    ) -> tuple[Actor, list[SQLModel]]:
        id_ = self.ids.fixed()
        kind = ActorKind.EMPLOYEE if role else ActorKind.MAIN_ACCOUNT
        permissions = role.permissions if role else MAIN_ACCOUNT
        actor = Actor(
            kind=kind, id=id_, name=name, permissions=permissions, merchant_id=merchant_id
        )
        return actor, [
            self._account(id_, login, name, kind, merchant_id=merchant_id),
            Employee(
                merchant_id=merchant_id,
                id=id_,
                name=name,
                login=login,
                is_main=role is None,
                created_at=self._since,
            ),
        ]

    def _connector(self, payments: Actor, owner: Actor) -> Connector:
        return Connector(
            id=payments.id,
            merchant_id=payments.merchant_id,
            name=payments.name,
            secret_hash=secrets.hashed(PAYMENTS_SECRET),
            scopes=sorted(payments.permissions),
            created_by=owner.name,
            owner_id=owner.id,
            owner=owner.name,
            created_at=self._since,
        )

    def _account(
        self,
        id_: int,
        login: str,
        name: str,
        kind: ActorKind,
        *,
        merchant_id: int | None = None,
        permissions: list[str] | None = None,
    ) -> Account:
        return Account(
            id=id_,
            login=login,
            password_hash=self.password_hash,
            kind=kind,
            merchant_id=merchant_id,
            name=name,
            permissions=permissions or [],
            created_at=self._since,
        )

    @property
    def _since(self) -> datetime:
        return self.now - timedelta(days=300)

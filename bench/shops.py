"""The merchants of the benches and who works for them: the same each time, with their tokens."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

import orjson

from auth import tokens
from auth.keys import Keys
from domain.actors import Actor, ActorKind
from domain.addresses import Address
from domain.enrolment import EnrolmentStatus
from domain.evidence import Picture
from domain.permissions import CONNECTOR, MAIN_ACCOUNT
from domain.roles import PROCESSORS, RECEIVERS, REVIEWERS, STARTER_ROLES, SUPERVISORS, StarterRole
from models.accounts import Account, Connector, SignIn
from models.evidence import Evidence
from models.merchant import EnrolmentAttempt, Merchant, ReturnAddress
from models.staff import Employee, EmployeeRole, Role

KEYS: Final = Keys(b"the key of a bench opens nothing")
SIGNING_KEY: Final = "dGhlIGtleSBvZiBhIGJlbmNoIG9wZW5zIG5vdGhpbmc="
"""The same for AFTERSALES_SIGNING_KEY."""

MERCHANTS: Final = 200
OPENED: Final = datetime(2025, 1, 1, tzinfo=UTC)
_FOREVER: Final = datetime(2100, 1, 1, tzinfo=UTC)
STOREFRONT: Final = Actor(kind=ActorKind.CONNECTOR, id=1, name="商城前台", permissions=CONNECTOR)
PICTURES: Final = 50
"""How many pictures each merchant was sent."""

_STAFF: Final[tuple[StarterRole | None, ...]] = (
    None,  # the main account
    REVIEWERS,
    REVIEWERS,
    REVIEWERS,
    REVIEWERS,
    RECEIVERS,
    PROCESSORS,
    PROCESSORS,
    PROCESSORS,
    SUPERVISORS,
)
STAFF: Final = len(_STAFF)
_SURNAMES: Final = "张王李赵刘陈杨黄周吴徐孙马朱胡林"


@dataclass(frozen=True)
class Shop:
    """A merchant. Its ids follow from its number, which begins at 1 as does its id."""

    id: int
    people: tuple[Actor, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "people", tuple(self._person(at) for at in range(STAFF)))

    def _person(self, at: int) -> Actor:
        role = _STAFF[at]
        surname = _SURNAMES[(self.id * 7 + at * 3) % len(_SURNAMES)]
        return Actor(
            kind=ActorKind.EMPLOYEE if role else ActorKind.MAIN_ACCOUNT,
            id=self.id * 100 + at,
            name=f"{surname}{'客服' if role else '店长'}{self.id * 100 + at}",
            permissions=role.permissions if role else MAIN_ACCOUNT,
            merchant_id=self.id,
        )

    @property
    def owner(self) -> Actor:
        return self.people[0]

    @property
    def reviewers(self) -> tuple[Actor, ...]:
        return self.people[1:5]

    @property
    def receiver(self) -> Actor:
        return self.people[5]

    @property
    def processor(self) -> Actor:
        return self.people[6]

    @cached_property
    def address(self) -> Address:
        """The default one."""
        return Address(
            contact=self.owner.name,
            phone=f"138{self.id:08}",
            zip="518057",
            province_code="440000",
            city_code="440300",
            district_code="440305",
            detail=f"科技园路 {self.id} 号售后仓",
        )

    @cached_property
    def pictures(self) -> tuple[Picture, ...]:
        return tuple(
            Picture(
                sha256=f"{self.id:032x}{at:032x}",
                media_type="image/jpeg",
                bytes=200_000 + at,
                width=1080,
                height=1440,
            )
            for at in range(PICTURES)
        )

    @cached_property
    def albums(self) -> tuple[str, ...]:
        """What an order's pictures may be, none to three of them, as JSON."""
        stored = [picture.stored() for picture in self.pictures]
        return tuple(
            orjson.dumps([stored[(at + more * 7) % PICTURES] for more in range(at % 4)]).decode()
            for at in range(PICTURES * 4)
        )

    def rows(self) -> Iterator[Any]:  # Any: rows of tables, in an order that their keys allow
        yield Merchant(
            id=self.id,
            name=f"商家旗舰店 {self.id}",
            enrolment=EnrolmentStatus.ENABLED,
            created_at=OPENED,
        )
        yield EnrolmentAttempt(
            merchant_id=self.id,
            number=1,
            applied_by=self.owner.name,
            applied_at=OPENED,
            reviewed_by="平台",
            reviewed_at=OPENED,
            result=EnrolmentStatus.ENABLED,
        )
        yield ReturnAddress(
            merchant_id=self.id,
            id=self.id * 100,
            **self.address.stored(),
            is_default=True,
            created_at=OPENED,
            updated_at=OPENED,
        )
        for at, group in enumerate(STARTER_ROLES):
            yield Role(
                merchant_id=self.id,
                id=self.id * 100 + at,
                name=group.name,
                permissions=sorted(group.permissions),
                created_at=OPENED,
                updated_at=OPENED,
            )
        for person, role in zip(self.people, _STAFF, strict=True):
            yield from self._employed(person, role)
        for picture in self.pictures:
            yield Evidence(
                merchant_id=self.id,
                **picture.stored(),
                uploaded_by_kind=STOREFRONT.kind,
                uploaded_by_id=STOREFRONT.id,
                uploaded_at=OPENED,
            )

    def _employed(self, person: Actor, role: StarterRole | None) -> Iterator[Any]:
        login = f"bench{person.id}"
        yield Account(
            id=person.id,
            login=login,
            password_hash="",  # nobody signs in with a password: see ``token_of``
            kind=person.kind,
            merchant_id=self.id,
            name=person.name,
            created_at=OPENED,
        )
        yield Employee(
            merchant_id=self.id,
            id=person.id,
            name=person.name,
            login=login,
            is_main=role is None,
            created_at=OPENED,
        )
        yield SignIn(
            id=person.id,
            account_id=person.id,
            created_at=OPENED,
            expires_at=_FOREVER,
        )
        if role is not None:
            yield EmployeeRole(
                merchant_id=self.id,
                employee_id=person.id,
                role_id=self.id * 100 + STARTER_ROLES.index(role),
            )


def storefront() -> Connector:
    return Connector(
        id=STOREFRONT.id,
        name=STOREFRONT.name,
        secret_hash="",
        scopes=sorted(STOREFRONT.permissions),
        created_at=OPENED,
    )


def token_of(person: Actor) -> str:
    """An access token, good for 15 minutes, at a server that has ``SIGNING_KEY``."""
    claims = tokens.Session(session_id=person.id)
    return tokens.issue(KEYS, claims, datetime.now(UTC)).token

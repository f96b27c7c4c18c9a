"""The merchants of the benches, their employees and their access tokens; always the same."""

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
from domain.characters import folded
from domain.desk.evidence import Picture
from domain.enrolment import EnrolmentStatus
from domain.permissions import CONNECTOR, MAIN_ACCOUNT
from domain.roles import PROCESSORS, RECEIVERS, REVIEWERS, STARTER_ROLES, SUPERVISORS, StarterRole
from models.accounts import Account, Connector, SignIn
from models.evidence import Evidence
from models.merchant import EnrolmentAttempt, Merchant, ReturnAddress
from models.staff import Employee, EmployeeRole, Role

KEYS: Final = Keys(b"the key of a bench opens nothing")
SIGNING_KEY: Final = "dGhlIGtleSBvZiBhIGJlbmNoIG9wZW5zIG5vdGhpbmc="
"""``KEYS`` as the value of AFTERSALES_SIGNING_KEY."""

MERCHANTS: Final = 200
OPENED: Final = datetime(2025, 1, 1, tzinfo=UTC)
_FOREVER: Final = datetime(2100, 1, 1, tzinfo=UTC)
STOREFRONT: Final = Actor(kind=ActorKind.CONNECTOR, id=1, name="商城前台", permissions=CONNECTOR)
PICTURES: Final = 50
"""The pictures of each merchant."""

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
    """A merchant. All its ids follow from its own id, which counts from 1."""

    id: int
    employees: tuple[Actor, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "employees", tuple(self._employee(index) for index in range(STAFF))
        )

    def _employee(self, index: int) -> Actor:
        role = _STAFF[index]
        surname = _SURNAMES[(self.id * 7 + index * 3) % len(_SURNAMES)]
        return Actor(
            kind=ActorKind.EMPLOYEE if role else ActorKind.MAIN_ACCOUNT,
            id=self.id * 100 + index,
            name=f"{surname}{'客服' if role else '店长'}{self.id * 100 + index}",
            permissions=role.permissions if role else MAIN_ACCOUNT,
            merchant_id=self.id,
        )

    @property
    def owner(self) -> Actor:
        return self.employees[0]

    @property
    def reviewers(self) -> tuple[Actor, ...]:
        return self.employees[1:5]

    @property
    def receiver(self) -> Actor:
        return self.employees[5]

    @property
    def processor(self) -> Actor:
        return self.employees[6]

    @cached_property
    def address(self) -> Address:
        """The default return address."""
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
                sha256=f"{self.id:032x}{index:032x}",
                media_type="image/jpeg",
                bytes=200_000 + index,
                width=1080,
                height=1440,
            )
            for index in range(PICTURES)
        )

    @cached_property
    def albums(self) -> tuple[str, ...]:
        """Possible values of an order's pictures: none to three of them, as JSON."""
        stored = [picture.stored() for picture in self.pictures]
        return tuple(
            orjson.dumps([stored[(index + n * 7) % PICTURES] for n in range(index % 4)]).decode()
            for index in range(PICTURES * 4)
        )

    def rows(
        self,
    ) -> Iterator[Any]:  # Any: rows of tables, in an order that satisfies the foreign keys
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
        for index, role in enumerate(STARTER_ROLES):
            yield Role(
                merchant_id=self.id,
                id=self.id * 100 + index,
                name=role.name,
                name_key=folded(role.name),
                permissions=sorted(role.permissions),
                created_at=OPENED,
                updated_at=OPENED,
            )
        for employee, staff_role in zip(self.employees, _STAFF, strict=True):
            yield from self._employee_rows(employee, staff_role)
        for picture in self.pictures:
            yield Evidence(
                merchant_id=self.id,
                **picture.stored(),
                uploaded_by_kind=STOREFRONT.kind,
                uploaded_by_id=STOREFRONT.id,
                uploaded_at=OPENED,
            )

    def _employee_rows(self, employee: Actor, role: StarterRole | None) -> Iterator[Any]:
        login = f"bench{employee.id}"
        yield Account(
            id=employee.id,
            login=login,
            password_hash="",  # nobody signs in with a password: see ``token_of``
            kind=employee.kind,
            merchant_id=self.id,
            name=employee.name,
            created_at=OPENED,
        )
        yield Employee(
            merchant_id=self.id,
            id=employee.id,
            name=employee.name,
            login=login,
            is_main=role is None,
            created_at=OPENED,
        )
        yield SignIn(
            id=employee.id,
            account_id=employee.id,
            created_at=OPENED,
            expires_at=_FOREVER,
        )
        if role is not None:
            yield EmployeeRole(
                merchant_id=self.id,
                employee_id=employee.id,
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


def token_of(employee: Actor) -> str:
    """An access token, valid for 15 minutes on a server with ``SIGNING_KEY``."""
    claims = tokens.Session(session_id=employee.id, merchant_id=employee.merchant_id)
    return tokens.issue(KEYS, claims, datetime.now(UTC)).token

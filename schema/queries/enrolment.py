"""Queries of enrolments, return addresses, connectors and pause windows."""

from datetime import datetime
from typing import Annotated

import strawberry

from domain.actors import ActorKind
from domain.enrolment import EnrolmentStatus
from domain.permissions import Permission
from execution.sources import list_source, object_source, page_source
from models.accounts import connectors
from models.merchant import merchants, return_addresses
from models.pause_window import pause_windows
from projection.conditions import Template, equals
from projection.pages import Order
from resolvers.context import Context
from resolvers.tenancy import merchant_for
from schema import ids
from schema.acting import acting_by_name
from schema.arguments import After, Before, First, Last, window
from schema.fields import SIGNED_IN, Info, column, computed, projected, query
from schema.types.actor import Actor, actor_of, named_actor
from schema.types.merchant import Enrolment, ReturnAddress
from schema.types.node import Connection, Node

_ENROLMENTS = Order("enrolled", (merchants.c.id,))
_IN_STATUS = equals(merchants.c.enrolment)
_ADDRESS_OF = equals(return_addresses.c.merchant_id)
_CONNECTOR_OF = equals(connectors.c.merchant_id)
_OF_PLATFORM = Template(lambda: connectors.c.merchant_id.is_(None))
_NOT_OVER = Template(
    lambda now: (pause_windows.c.end_at > now) & pause_windows.c.withdrawn_at.is_(None)
)


@projected(pause_windows)
@strawberry.type(description="A period during which no clock runs, such as a public holiday.")
class PauseWindow(Node):
    """A pause window."""

    id: strawberry.ID = computed(
        ids.of_itself("PauseWindow"), (pause_windows.c.id,), "The globally unique id."
    )
    name: str = column(pause_windows.c.name, "The name of the pause window.")
    start_at: datetime = column(pause_windows.c.start_at, "The start of the pause window.")
    end_at: datetime = column(pause_windows.c.end_at, "The end of the pause window.")
    declared_by: Actor = acting_by_name(
        ActorKind.PLATFORM, pause_windows.c.declared_by, "The person who declared it."
    )
    withdrawn_at: datetime | None = column(
        pause_windows.c.withdrawn_at,
        "When it was withdrawn, before it began. Null for a window that is in effect.",
    )


def _served(
    _context: Context, merchant_id: int | None, merchant_ids: list[int] | None
) -> list[str] | None:
    served = merchant_ids if merchant_id is None else [merchant_id]
    return None if served is None else [ids.encode("Merchant", id_) for id_ in served]


def _creator(_context: Context, merchant_id: int | None, name: str | None) -> Actor | None:
    kind = ActorKind.PLATFORM if merchant_id is None else ActorKind.EMPLOYEE
    return None if name is None else named_actor(kind, name)


def _owner(
    context: Context, merchant_id: int | None, name: str | None, id_: int | None
) -> Actor | None:
    if name is None:
        return None
    return actor_of(context, ActorKind.EMPLOYEE, name, id_, merchant_id)


@projected(connectors)
@strawberry.type(description="A machine account of an ERP or a storefront.")
class Connector(Node):
    """A connector."""

    id: strawberry.ID = computed(
        ids.of_itself("Connector"), (connectors.c.id,), "The globally unique id."
    )
    name: str = column(connectors.c.name, "The name of the connector.")
    scopes: list[Permission] = column(
        connectors.c.scopes,
        "The permissions of its token. A scope works only while the owner holds the permission "
        "that "
        "the scope requires.",
        lambda stored: [Permission(value) for value in stored],
    )
    merchant_ids: list[strawberry.ID] | None = computed(
        _served,
        (connectors.c.merchant_id, connectors.c.merchant_ids),
        "The ids of the merchants that it serves. Null for a connector of the platform that serves "
        "all merchants.",
    )
    created_at: datetime = column(connectors.c.created_at, "When the connector was created.")
    created_by: Actor | None = computed(
        _creator,
        (connectors.c.merchant_id, connectors.c.created_by),
        "The person who created it. Null if the creator was not recorded.",
    )
    owner: Actor | None = computed(
        _owner,
        (connectors.c.merchant_id, connectors.c.owner, connectors.c.owner_id),
        "The person responsible for it. Null for connectors of the platform.",
    )
    expires_at: datetime | None = column(
        connectors.c.expires_at, "When its token expires. Null if it does not expire."
    )
    last_used_at: datetime | None = column(
        connectors.c.last_used_at, "When its token was last used, to the hour. Null if never."
    )
    disabled_at: datetime | None = column(
        connectors.c.disabled_at, "When it was disabled. Null while it is enabled."
    )


@strawberry.type
class EnrolmentQueries:
    """Queries about merchants."""

    @query(Permission.SETTINGS_MANAGE)
    def enrolment(self, info: Info) -> Enrolment:
        """Returns the enrolment of the viewer's merchant, with its history."""
        return object_source("Enrolment", (info.context.merchant_id,))

    @query(Permission.ENROLMENT_REVIEW, Permission.MERCHANT_READ)
    def enrolments(
        self,
        status: Annotated[
            EnrolmentStatus | None,
            strawberry.argument(description="Return only enrolments in this status."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Enrolment]:
        """Returns the enrolments of all merchants, oldest merchant first."""
        where = () if status is None else (_IN_STATUS(status),)
        return page_source("Enrolment", where, _ENROLMENTS, window(first, after, last, before))

    @query(Permission.SERVICE_ORDER_READ, Permission.SETTINGS_MANAGE)
    def return_addresses(self, info: Info) -> list[ReturnAddress]:
        """Returns the return addresses of the viewer's merchant."""
        where = (_ADDRESS_OF(info.context.merchant_id),)
        return list_source("ReturnAddress", where, return_addresses.c.id)

    @query(Permission.SETTINGS_MANAGE, Permission.ENROLMENT_REVIEW)
    def connectors(
        self,
        info: Info,
        merchant_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="The id of the merchant. Required for the platform's own staff."
            ),
        ] = None,
    ) -> list[Connector]:
        """Returns the connectors of a merchant, without their tokens."""
        merchant = merchant_for(info.context, ids.optional_merchant(merchant_id, "merchantId"))
        return list_source("Connector", (_CONNECTOR_OF(merchant),), connectors.c.id)

    @query(Permission.ENROLMENT_REVIEW)
    def platform_connectors(self) -> list[Connector]:
        """平台接入. Returns the connectors of the platform, without their tokens."""
        return list_source("Connector", (_OF_PLATFORM(),), connectors.c.id)

    @query(SIGNED_IN)
    def pause_windows(self, info: Info) -> list[PauseWindow]:
        """Returns the current and future pause windows, earliest first.

        Windows that were withdrawn are left out.
        """
        where = (_NOT_OVER(info.context.now),)
        return list_source("PauseWindow", where, pause_windows.c.start_at)

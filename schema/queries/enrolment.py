"""Enrolments, return addresses, and the platform's calendar."""

from datetime import datetime
from typing import Annotated

import strawberry

from domain.enrolment import EnrolmentStatus
from domain.permissions import Permission
from execution.sources import list_source, object_source, page_source
from models.accounts import connectors
from models.merchant import merchants, return_addresses
from models.pause_window import pause_windows
from projection.conditions import Template, equals
from projection.pages import Order
from resolvers.tenancy import merchant_for
from schema import ids
from schema.arguments import After, Before, First, Last, window
from schema.fields import SIGNED_IN, Info, column, computed, projected, query
from schema.types.merchant import Enrolment, ReturnAddress
from schema.types.node import Connection

_ENROLMENTS = Order("enrolled", (merchants.c.id,))
_STANDS_AT = equals(merchants.c.enrolment)
_HAS_ADDRESS = equals(return_addresses.c.merchant_id)
_HAS_CONNECTOR = equals(connectors.c.merchant_id)
_NOT_OVER = Template(lambda now: pause_windows.c.end_at > now)


@projected(pause_windows)
@strawberry.type(description="A stretch of time in which no clock runs.")
class PauseWindow:
    """A pause window."""

    name: str = column(pause_windows.c.name, "What it is for.")
    start_at: datetime = column(pause_windows.c.start_at, "From when.")
    end_at: datetime = column(pause_windows.c.end_at, "Until when.")
    declared_by: str = column(pause_windows.c.declared_by, "Who declared it.")


@projected(connectors)
@strawberry.type(description="A machine account: an ERP or a storefront.")
class Connector:
    """A connector."""

    id: strawberry.ID = computed(ids.of_itself("Connector"), (connectors.c.id,), "The id.")
    name: str = column(connectors.c.name, "What it is called.")
    scopes: list[Permission] = column(
        connectors.c.scopes,
        "What its token lets it do, as far as its owner may do it.",
        lambda stored: [Permission(one) for one in stored],
    )
    created_at: datetime = column(connectors.c.created_at, "Since when.")
    created_by: str | None = column(
        connectors.c.created_by, "Who created it; null if that was before it was noted."
    )
    owner: str | None = column(
        connectors.c.owner,
        "Who answers for it. While they do not hold what a scope takes, the scope does not work. "
        "Null for the platform's own.",
    )
    expires_at: datetime | None = column(
        connectors.c.expires_at, "When its token ends; null if it never does."
    )
    last_used_at: datetime | None = column(
        connectors.c.last_used_at, "When its token was last used, to the hour; null if never."
    )
    disabled_at: datetime | None = column(
        connectors.c.disabled_at, "Since when its token is refused; null while it is good."
    )


@strawberry.type
class EnrolmentQueries:
    """Queries about merchants."""

    @query(Permission.SETTINGS_MANAGE)
    def enrolment(self, info: Info) -> Enrolment:
        """The viewer's merchant: how far its admission has come, and every attempt."""
        return object_source("Enrolment", (info.context.merchant_id,))

    @query(Permission.ENROLMENT_REVIEW, Permission.MERCHANT_READ)
    def enrolments(
        self,
        status: Annotated[
            EnrolmentStatus | None,
            strawberry.argument(
                description="Only those that stand here; `PENDING_REVIEW` is the queue."
            ),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Enrolment]:
        """All merchants and their enrolments, the oldest first."""
        where = () if status is None else (_STANDS_AT(status),)
        return page_source("Enrolment", where, _ENROLMENTS, window(first, after, last, before))

    @query(Permission.SERVICE_ORDER_READ, Permission.SETTINGS_MANAGE)
    def return_addresses(self, info: Info) -> list[ReturnAddress]:
        """The merchant's return addresses, for the settings and for whoever approves."""
        mine = (_HAS_ADDRESS(info.context.merchant_id),)
        return list_source("ReturnAddress", mine, return_addresses.c.id)

    @query(Permission.SETTINGS_MANAGE, Permission.ENROLMENT_REVIEW)
    def connectors(
        self,
        info: Info,
        merchant_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Whose; the platform's own people must say it."),
        ] = None,
    ) -> list[Connector]:
        """The merchant's connectors; their tokens are never shown again."""
        named = ids.optional_merchant(merchant_id, "merchantId")
        theirs = (_HAS_CONNECTOR(merchant_for(info.context, named)),)
        return list_source("Connector", theirs, connectors.c.id)

    @query(SIGNED_IN)
    def pause_windows(self, info: Info) -> list[PauseWindow]:
        """The pauses that have not ended, the next one first."""
        ahead = (_NOT_OVER(info.context.now),)
        return list_source("PauseWindow", ahead, pause_windows.c.start_at)

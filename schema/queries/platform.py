"""Queries of the platform's accounts and of their history."""

from typing import Annotated

import strawberry

from domain.permissions import Permission
from execution.sources import page_source
from models.accounts import accounts
from models.staff_event import platform_account_events
from projection.conditions import Conditions, equals
from projection.pages import Order
from schema import ids
from schema.arguments import After, Before, First, Last, window
from schema.fields import query
from schema.types.node import Connection
from schema.types.platform_account import PLATFORM_ACCOUNTS, PlatformAccount
from schema.types.staff_history import PlatformAccountEvent

_ACCOUNTS = Order("platform accounts", (accounts.c.id,))
_HISTORY = Order("platform account history", (platform_account_events.c.sequence,), descending=True)
_OF_ACCOUNT = equals(platform_account_events.c.account_id)


@strawberry.type
class PlatformQueries:
    """Queries of the platform's people."""

    @query(Permission.PLATFORM_ACCOUNT_MANAGE)
    def platform_accounts(
        self,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[PlatformAccount]:
        """平台账号. Returns the accounts of the platform's own people, oldest first."""
        where = (PLATFORM_ACCOUNTS(),)
        return page_source("PlatformAccount", where, _ACCOUNTS, window(first, after, last, before))

    @query(Permission.PLATFORM_ACCOUNT_MANAGE)
    def platform_account_history(
        self,
        account_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Return only changes of this account."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[PlatformAccountEvent]:
        """平台账号变更记录. Returns the changes of the platform's accounts, latest first."""
        where: Conditions = ()
        if account_id is not None:
            where = (_OF_ACCOUNT(ids.global_number("PlatformAccount", account_id, "accountId")),)
        return page_source(
            "PlatformAccountEvent", where, _HISTORY, window(first, after, last, before)
        )

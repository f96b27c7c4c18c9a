"""Accounts of the platform's own people."""

from datetime import datetime

import strawberry

from domain.permissions import Permission
from models.accounts import IS_PLATFORM_ACCOUNT, accounts
from projection.conditions import Template
from schema import ids
from schema.fields import column, computed, projected

PLATFORM_ACCOUNTS = Template(lambda: IS_PLATFORM_ACCOUNT)


@projected(accounts)
@strawberry.type(description="平台账号. An account of the platform's own people.")
class PlatformAccount:
    """A platform account."""

    id: strawberry.ID = computed(
        ids.of_itself("PlatformAccount"), (accounts.c.id,), "The globally unique id."
    )
    name: str = column(accounts.c.name, "The name that timelines show to merchants.")
    login: str = column(accounts.c.login, "The login for signing in.")
    permissions: list[Permission] = column(
        accounts.c.permissions,
        "The permissions of the account.",
        lambda stored: [Permission(value) for value in stored],
    )
    created_at: datetime = column(accounts.c.created_at, "When the account was created.")
    disabled_at: datetime | None = column(
        accounts.c.disabled_at, "When the account was disabled. Null while it is enabled."
    )

"""Accounts, sessions and connectors. They belong to no tenant: a login is unique over all tenants.

Their references to merchants, and the references of employees to them, are not foreign keys, so
that merchants can be distributed over machines. ``aftersales doctor`` checks these references.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import Index, literal_column, text
from sqlmodel import Field, SQLModel

from domain.actors import ActorKind
from models.columns import big, enum, json, whole
from models.tables import table_of

MAX_USER_AGENT: Final = 200
"""How much of a client's User-Agent is kept; the rest is cut off."""


class Account(SQLModel, table=True):
    """A login. ``permissions`` is for platform staff; employees have theirs through roles."""

    __table_args__ = (
        Index(
            "ix_account_platform",
            "id",
            sqlite_where=text("kind = 'PLATFORM'"),
            postgresql_where=text("kind = 'PLATFORM'"),
        ),
    )

    id: int = big(primary_key=True)
    login: str = Field(max_length=64, unique=True)
    password_hash: str = Field(max_length=256)
    kind: ActorKind = enum(ActorKind)
    merchant_id: int | None = big(default=None, index=True)
    name: str = Field(max_length=64)
    permissions: list[str] = json(default_factory=list)
    created_at: datetime
    disabled_at: datetime | None = None


class SignIn(SQLModel, table=True):
    """A session, which refresh tokens prolong: see ``auth/refresh_tokens.py``.

    ``generation`` counts its refresh tokens. Their secrets are derived, not stored; only a session
    from before that, whose first token was random, has a ``secret_hash``. ``rotated_at`` are the
    latest times at which a token was exchanged for the next, in RFC 3339.

    ``place`` is a keyed hash of the address from which it began: see ``auth/attempts.py``.
    ``user_agent`` and ``label`` tell its owner which device it is. ``last_used_at`` is written when
    tokens are exchanged, at least every 15 minutes while a client works: no request writes it.
    """

    __tablename__ = "sign_in"
    __table_args__ = (
        Index("ix_sign_in_place", "account_id", "place", "created_at"),
        Index(
            "ix_sign_in_active",
            "account_id",
            "id",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: int = big(primary_key=True)
    account_id: int = big(foreign_key="account.id")
    generation: int = whole(default=1)
    rotated_at: list[str] = json(default_factory=list)
    secret_hash: str | None = Field(default=None, max_length=64)
    place: str | None = Field(default=None, max_length=64)
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    user_agent: str | None = Field(default=None, max_length=MAX_USER_AGENT)
    label: str | None = Field(default=None, max_length=64)
    last_used_at: datetime | None = None


class PasswordReset(SQLModel, table=True):
    """The code with which an account can get a new password, once. A new code replaces it.

    ``code_hash`` is unsalted, like a connector's: a code has 80 random bits.
    """

    __tablename__ = "password_reset"

    account_id: int = big(primary_key=True, foreign_key="account.id")
    code_hash: str = Field(max_length=64)
    created_at: datetime
    expires_at: datetime


class SignInThrottle(SQLModel, table=True):
    """Failed sign-ins within a window. ``key`` is a keyed hash of the login or place they share."""

    __tablename__ = "sign_in_throttle"

    key: str = Field(max_length=64, primary_key=True)
    failures: int = whole()
    window_started_at: datetime = Field(index=True)


class Connector(SQLModel, table=True):
    """A machine account. Without ``merchant_id`` it is one of the platform's.

    ``merchant_ids`` are the merchants that a platform's connector serves; None: all merchants. A
    merchant's connector has an owner: the account that created it or took it over. A connector
    loses each permission that its owner loses.
    """

    id: int = big(primary_key=True)
    merchant_id: int | None = big(default=None, index=True)
    name: str = Field(max_length=64)
    secret_hash: str = Field(max_length=64)
    scopes: list[str] = json(default_factory=list)
    merchant_ids: list[int] | None = json(default=None)
    created_by: str | None = Field(default=None, max_length=64)
    owner_id: int | None = big(default=None)
    owner: str | None = Field(default=None, max_length=64)
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    disabled_at: datetime | None = None


accounts = table_of(Account)
sign_ins = table_of(SignIn)
password_resets = table_of(PasswordReset)
throttles = table_of(SignInThrottle)
connectors = table_of(Connector)

IS_PLATFORM_ACCOUNT: Final = accounts.c.kind == literal_column(f"'{ActorKind.PLATFORM}'")
"""The condition for the platform's accounts, with a literal as in the partial index."""

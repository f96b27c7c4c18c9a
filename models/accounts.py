"""Who can sign in, and who is signed in. They are no tenant's: a login is unique over all.

They refer to a merchant by its number alone, and employees to them, without a foreign key, so that
merchants can be distributed over machines. ``aftersales doctor`` looks after these references.
"""

from datetime import datetime

from sqlmodel import Field, SQLModel

from domain.actors import ActorKind
from models.columns import big, enum, json
from models.tables import table_of


class Account(SQLModel, table=True):
    """A login. ``permissions`` are those of platform staff; employees hold theirs by roles."""

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
    """A session: it lives on through refresh tokens, of which only the newest is good."""

    __tablename__ = "sign_in"

    id: int = big(primary_key=True)
    account_id: int = big(foreign_key="account.id", index=True)
    secret_hash: str = Field(max_length=64)
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None


class SignInThrottle(SQLModel, table=True):
    """Failed sign-ins for a login within the present window."""

    __tablename__ = "sign_in_throttle"

    login: str = Field(max_length=64, primary_key=True)
    failures: int
    window_started_at: datetime


class Connector(SQLModel, table=True):
    """A machine account. Without ``merchant_id`` it is a storefront for all merchants."""

    id: int = big(primary_key=True)
    merchant_id: int | None = big(default=None, index=True)
    name: str = Field(max_length=64)
    secret_hash: str = Field(max_length=64)
    scopes: list[str] = json(default_factory=list)
    created_at: datetime
    disabled_at: datetime | None = None


accounts = table_of(Account)
sign_ins = table_of(SignIn)
throttles = table_of(SignInThrottle)
connectors = table_of(Connector)

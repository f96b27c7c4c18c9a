"""Single sign-on: who vouches for the people of a merchant or of the platform, and for whom.

Like accounts, the rows belong to no tenant: a sign-in begins before anybody is known.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from models.columns import big, json, whole
from models.tables import table_of

PLATFORM_OWNER: Final = 0
"""The owner of the platform's provider. Merchants own theirs by their ids."""

MAX_ISSUER: Final = 500
MAX_CLIENT_ID: Final = 255


class IdentityProvider(SQLModel, table=True):
    """The OpenID Connect provider of an owner. ``client_secret`` is sealed: ``auth/sealing.py``."""

    __tablename__ = "identity_provider"

    owner_id: int = big(primary_key=True)
    issuer: str = Field(max_length=MAX_ISSUER)
    client_id: str = Field(max_length=MAX_CLIENT_ID)
    client_secret: str | None = Field(default=None, max_length=1_000)
    redirect_uris: list[str] = json(default_factory=list)
    links_by_email: bool = False
    version: int = whole()
    updated_at: datetime


class Identity(SQLModel, table=True):
    """A person at a provider, linked to an account.

    The issuer is part of it: what another provider calls the same is another person.
    """

    __table_args__ = (Index("ix_identity_subject", "owner_id", "issuer", "subject", unique=True),)

    account_id: int = big(primary_key=True, foreign_key="account.id")
    owner_id: int = big()
    issuer: str = Field(max_length=MAX_ISSUER)
    subject: str = Field(max_length=255)
    linked_at: datetime


identity_providers = table_of(IdentityProvider)
identities = table_of(Identity)

"""Beginning a sign-in at an identity provider."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from domain.refusals.refusal import Refused
from domain.refusals.single_sign_on import (
    IdentityProviderFailed,
    NoSingleSignOn,
    RedirectUriNotAllowed,
)
from models.queries import single_sign_on
from outgoing.open_id import ProviderFailed
from resolvers.context import Context
from resolvers.single_sign_on.transactions import Transaction

_SCOPE = "openid email"


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the person goes, and what the client keeps meanwhile."""

    url: str
    transaction: str
    expires_at: datetime


async def begin_single_sign_on(context: Context, owner_id: int, redirect_uri: str) -> Begun:
    """Raises Refused. Nothing is written."""
    provider = await get_provider(context, owner_id)
    if redirect_uri not in provider.redirect_uris:
        raise Refused(RedirectUriNotAllowed(path=("redirectUri",)))
    services = context.services
    now, keys = services.wall.now(), services.keys
    try:
        configuration = await services.open_id.configuration(provider.issuer, now)
    except ProviderFailed:
        raise Refused(IdentityProviderFailed()) from None
    transaction = Transaction.begin(owner_id, redirect_uri, now)
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": redirect_uri,
        "scope": _SCOPE,
        "state": transaction.state(keys),
        "nonce": transaction.nonce(keys),
        "code_challenge": transaction.challenge(keys),
        "code_challenge_method": "S256",
    }
    endpoint = configuration.authorization_endpoint
    joint = "&" if "?" in endpoint else "?"
    url = f"{endpoint}{joint}{urlencode(query)}"
    return Begun(url, transaction.token(keys), transaction.expires_at)


async def get_provider(context: Context, owner_id: int) -> sa.Row[Any]:
    """Raises Refused."""
    async with context.services.database.read(vital=True) as connection:
        provider = await single_sign_on.provider(connection, owner_id)
    if provider is None:
        raise Refused(NoSingleSignOn())
    return provider

"""Finding out who came back from an identity provider."""

import hmac
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from auth import attempts
from auth.attempts import Terms
from auth.id_tokens import BadIdToken, Identity
from auth.networks import network_of
from auth.sealing import BadSeal, seal_owner, unseal
from domain.refusals.refusal import Refused
from domain.refusals.single_sign_on import (
    IdentityProviderFailed,
    SingleSignOnFailed,
)
from outgoing.open_id import Client, ProviderFailed
from resolvers.context import Context
from resolvers.single_sign_on import transactions
from resolvers.single_sign_on.begin import get_provider
from resolvers.single_sign_on.transactions import BadTransaction, Transaction

_log: Final = logging.getLogger("aftersales.single_sign_on")


@dataclass(frozen=True, slots=True)
class Returned:
    """What the client brings back from the provider."""

    transaction: str
    code: str
    state: str
    issuer: str | None = None
    """Who the provider says it is."""

    def __repr__(self) -> str:
        return "Returned(…)"


@dataclass(frozen=True, slots=True)
class Vouched:
    """An identity, and the provider that vouches for it."""

    provider: sa.Row[Any]
    identity: Identity

    @property
    def owner_id(self) -> int:
        return int(self.provider.owner_id)


async def identify(context: Context, returned: Returned) -> Vouched:
    """Exchange the code, and verify the ID token. Raises Refused.

    Failures are counted by place, so that nobody lets this server ask a provider without end.
    """
    services, now = context.services, context.services.wall.now()
    async with _counted(context):
        transaction = transactions.read(services.keys, returned.transaction, now)
        state = transaction.state(services.keys)
        if not hmac.compare_digest(state.encode(), returned.state.encode()):
            raise BadTransaction
        provider = await get_provider(context, transaction.owner_id)
        # A provider that led the person on to another one must not get that one's code.
        if returned.issuer is not None and returned.issuer != provider.issuer:
            raise BadTransaction("issuer")
        return Vouched(provider, await _ask(context, provider, transaction, returned.code))


async def _ask(
    context: Context, provider: sa.Row[Any], transaction: Transaction, code: str
) -> Identity:
    """Raises ProviderFailed, BadIdToken or BadSeal."""
    services, now = context.services, context.services.wall.now()
    secret = provider.client_secret
    if secret is not None:
        secret = unseal(services.keys, secret, owner=seal_owner(provider.owner_id))
    client = Client(issuer=provider.issuer, client_id=provider.client_id, secret=secret)
    token = await services.open_id.exchange(
        client,
        code,
        redirect_uri=transaction.redirect_uri,
        verifier=transaction.verifier(services.keys),
        now=now,
    )
    nonce = transaction.nonce(services.keys)
    return await services.open_id.identity(client, token, nonce=nonce, now=services.wall.now())


@asynccontextmanager
async def _counted(context: Context) -> AsyncIterator[None]:
    """Limit failures from a place, as those of passwords are. Raises Refused for a failure."""
    place = network_of(context.request.address)
    attempt = context.services.attempts.attempt(
        f"single sign-on from {place}", context.request.address, None
    )
    limits = {
        attempt.at_place: attempts.MAX_AT_KNOWN_PLACE,
        attempt.of_place: attempts.MAX_OF_PLACE,
    }
    terms = Terms(limits, tuple(limits))
    await context.services.attempts.check(attempt, terms)
    try:
        yield
    except (BadTransaction, BadIdToken) as error:
        context.services.attempts.fail(terms)
        address = context.request.address or "no address"
        reason = str(error) or "transaction"
        _log.warning("failed single sign-on from %s: %s", address, reason)
        raise Refused(SingleSignOnFailed()) from None
    except ProviderFailed as error:
        _log.warning("an identity provider failed: %s", error)
        raise Refused(IdentityProviderFailed()) from None
    except BadSeal:
        _log.exception("a client secret was sealed with another signing key: set it again")
        raise Refused(IdentityProviderFailed()) from None

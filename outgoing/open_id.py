"""What a server asks of OpenID Connect providers: their configuration, their keys, and tokens."""

import asyncio
import base64
import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, urlencode

from joserfc.jwk import Key

from auth import id_tokens
from auth.id_tokens import BadIdToken, Identity
from outgoing.http_client import HostBusy, HttpClient, NotFetched
from outgoing.target import BadUrl, Target

FRESH: Final = timedelta(hours=1)
"""How long a configuration and keys are used without asking again."""
ASK_AGAIN: Final = timedelta(seconds=30)
"""How soon a provider is asked again after a failure, or for a key that it did not have."""
MAX_PROVIDERS: Final = 1_000

_log = logging.getLogger("aftersales.single_sign_on")


class ProviderFailed(Exception):
    """The provider did not answer as it must. The message says what failed, without secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The server as a provider knows it. Without a secret it is a public client."""

    issuer: str
    client_id: str
    secret: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The parts of a provider's metadata that are used."""

    authorization_endpoint: str
    token_endpoint: Target
    keys_at: Target
    takes_basic: bool
    """Whether the client secret goes into a header, as is the default, or into the form."""


@dataclass(slots=True)
class _Provider:
    """What is known of a provider, and when it was asked."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    configuration: Configuration | None = None
    configured_at: datetime | None = None
    failed_at: datetime | None = None
    keys: Mapping[str | None, list[Key]] = field(default_factory=dict)
    keys_at: datetime | None = None


class OpenIdClient:
    """Asks providers, each at most once at a time, and keeps what they say for an hour."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http
        self._providers: dict[str, _Provider] = {}

    async def configuration(self, issuer: str, now: datetime) -> Configuration:
        """Raises ProviderFailed."""
        async with self._provider(issuer) as provider:
            return await self._configuration(provider, issuer, now)

    async def exchange(
        self, client: Client, code: str, *, redirect_uri: str, verifier: str, now: datetime
    ) -> str:
        """Exchange a code for an ID token. Raises ProviderFailed, or BadIdToken if refused."""
        configuration = await self.configuration(client.issuer, now)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        headers = {"accept": "application/json"}
        if client.secret is not None and configuration.takes_basic:
            pair = f"{quote(client.client_id, '')}:{quote(client.secret, '')}"
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form["client_id"] = client.client_id
            if client.secret is not None:
                form["client_secret"] = client.secret
        status, answer = await self._fetch(
            configuration.token_endpoint, headers, urlencode(form).encode()
        )
        if status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED):
            _log.warning("a provider refused a code: %a", str(answer.get("error"))[:64])
            raise BadIdToken("code")
        token = answer.get("id_token")
        if status != HTTPStatus.OK or not isinstance(token, str):
            raise ProviderFailed("token endpoint")
        return token

    async def identity(self, client: Client, token: str, *, nonce: str, now: datetime) -> Identity:
        """Verify an ID token. Raises ProviderFailed or BadIdToken."""
        kid = id_tokens.key_id(token)
        async with self._provider(client.issuer) as provider:
            keys = await self._keys(provider, client.issuer, kid, now)
        return id_tokens.verify(
            token, keys, issuer=client.issuer, client_id=client.client_id, nonce=nonce, now=now
        )

    @asynccontextmanager
    async def _provider(self, issuer: str) -> AsyncIterator[_Provider]:
        provider = self._providers.get(issuer)
        if provider is None:
            if len(self._providers) >= MAX_PROVIDERS:  # the oldest is asked anew
                del self._providers[next(iter(self._providers))]
            provider = self._providers[issuer] = _Provider()
        async with provider.lock:
            yield provider

    async def _configuration(
        self, provider: _Provider, issuer: str, now: datetime
    ) -> Configuration:
        if provider.configuration is not None and _is_within(provider.configured_at, FRESH, now):
            return provider.configuration
        if _is_within(provider.failed_at, ASK_AGAIN, now):
            raise ProviderFailed("failed a moment ago")
        provider.failed_at = now  # also for whoever is cancelled meanwhile
        provider.configuration = await self._read_configuration(issuer)
        provider.configured_at, provider.failed_at = now, None
        return provider.configuration

    async def _read_configuration(self, issuer: str) -> Configuration:
        target = self._target(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        status, document = await self._fetch(target, {"accept": "application/json"})
        if status != HTTPStatus.OK:
            raise ProviderFailed("discovery")
        if document.get("issuer") != issuer:
            raise ProviderFailed("discovery names another issuer")
        authorization_endpoint = self._target(document.get("authorization_endpoint"))
        methods = document.get("token_endpoint_auth_methods_supported")
        return Configuration(
            authorization_endpoint=authorization_endpoint.url,
            token_endpoint=self._target(document.get("token_endpoint")),
            keys_at=self._target(document.get("jwks_uri")),
            takes_basic=not isinstance(methods, list) or "client_secret_basic" in methods,
        )

    async def _keys(
        self, provider: _Provider, issuer: str, kid: str | None, now: datetime
    ) -> list[Key]:
        """The keys with this id. An unknown id is asked for, but not again and again."""
        known = provider.keys.get(kid)
        if known and _is_within(provider.keys_at, FRESH, now):
            return known
        if not _is_within(provider.keys_at, ASK_AGAIN, now):
            configuration = await self._configuration(provider, issuer, now)
            provider.keys_at = now
            status, document = await self._fetch(
                configuration.keys_at, {"accept": "application/json"}
            )
            if status != HTTPStatus.OK:
                raise ProviderFailed("keys")
            provider.keys = id_tokens.keys_of(document)
        return provider.keys.get(kid, [])

    async def _fetch(
        self, target: Target, headers: Mapping[str, str], form: bytes | None = None
    ) -> tuple[int, dict[str, Any]]:  # Any: JSON
        """Raises ProviderFailed."""
        try:
            document = await self._http.fetch(target, headers, form)
            value = json.loads(document.body)
        except NotFetched as error:
            raise ProviderFailed(f"{target.host}: {error.failure}") from error
        except HostBusy as error:
            raise ProviderFailed(f"{target.host}: busy") from error
        except (ValueError, RecursionError) as error:
            raise ProviderFailed(f"{target.host}: not JSON") from error
        if not isinstance(value, dict):
            raise ProviderFailed(f"{target.host}: not an object")
        return document.status, value

    def _target(self, url: object) -> Target:
        """Raises ProviderFailed for an address that the server may not call."""
        try:
            return self._http.guard.read(url if isinstance(url, str) else "")
        except BadUrl as error:
            raise ProviderFailed(f"address: {error.problem}") from None


def _is_within(at: datetime | None, window: timedelta, now: datetime) -> bool:
    return at is not None and timedelta() <= now - at < window

"""What is asked of providers, how often, and how much of their answers is read."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from auth.id_tokens import BadIdToken
from outgoing.address_guard import AddressGuard
from outgoing.http_client import HttpClient
from outgoing.open_id import ASK_AGAIN, FRESH, Client, OpenIdClient, ProviderFailed
from outgoing.policy import Policy
from tests.webhooks.receiver import Receiver, answer_of

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class Provider:
    """A provider whose answers a test changes."""

    receiver: Receiver
    keys: list[RSAKey]
    changes: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    padding: int = 0

    @property
    def issuer(self) -> str:
        return self.receiver.url("").rstrip("/")

    @property
    def client(self) -> Client:
        return Client(issuer=self.issuer, client_id="desk", secret="s")

    def document(self, path: str) -> dict[str, Any]:
        if "well-known" not in path:
            return {"keys": [key.as_dict(private=False) for key in self.keys]}
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "padding": "x" * self.padding,
            **self.changes,
        }

    def asked(self, path: str) -> int:
        return len([request for request in self.receiver.requests if path in request.line])

    def token(self, key: RSAKey, now: datetime) -> str:
        seconds = int(now.timestamp())
        claims = {"iss": self.issuer, "aud": "desk", "sub": "a", "nonce": "n"}
        times = {"iat": seconds, "exp": seconds + 60}
        header = {"alg": "RS256", "kid": key.kid}
        return jwt.encode(header, claims | times, key, algorithms=["RS256"])


def key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, parameters={"kid": kid})


@asynccontextmanager
async def provider(*keys: RSAKey) -> AsyncIterator[tuple[Provider, OpenIdClient]]:
    holder: list[Provider] = []

    async def answer(writer: Any) -> None:
        [serving] = holder
        path = serving.receiver.requests[-1].line.split()[1]
        body = json.dumps(serving.document(path)).encode()
        writer.write(answer_of(serving.status, body, connection="close"))
        await writer.drain()

    async with Receiver.answering(answer) as receiver:
        holder.append(Provider(receiver, list(keys)))
        http = HttpClient(AddressGuard(Policy(inside=True)))
        yield holder[0], OpenIdClient(http)


async def test_keys_are_kept_and_new_ones_are_asked_for_but_not_again_and_again() -> None:
    first, second, stranger = key("1"), key("2"), key("3")
    async with provider(first) as (serving, client):

        async def subject(by: RSAKey, now: datetime) -> str:
            token = serving.token(by, now)
            return (await client.identity(serving.client, token, nonce="n", now=now)).subject

        for second_ in range(5):
            assert await subject(first, NOW + timedelta(seconds=second_)) == "a"
        assert (serving.asked("well-known"), serving.asked("jwks")) == (1, 1)
        serving.keys = [second]  # rotated
        later = NOW + ASK_AGAIN + timedelta(seconds=1)
        assert await subject(second, later) == "a"
        assert (serving.asked("well-known"), serving.asked("jwks")) == (1, 2)
        for by in (stranger, first):
            for _ in range(5):
                with pytest.raises(BadIdToken, match="signature"):
                    await subject(by, later + timedelta(seconds=9))
        assert serving.asked("jwks") == 2
        with pytest.raises(BadIdToken, match="signature"):
            await subject(stranger, later + ASK_AGAIN)
        assert serving.asked("jwks") == 3
        assert await subject(second, later + 2 * FRESH) == "a"  # all is asked for anew
        assert (serving.asked("well-known"), serving.asked("jwks")) == (2, 4)


async def test_a_provider_that_does_not_answer_as_it_must_fails_and_is_left_alone() -> None:
    wrong: tuple[dict[str, Any], ...] = (
        {"changes": {"issuer": "https://other.example"}},
        {"changes": {"token_endpoint": "ftp://id.example.com"}},
        {"changes": {"jwks_uri": None}},
        {"changes": {"authorization_endpoint": "javascript:alert(1)"}},
        {"status": 500},
        {"status": 302},
        {"padding": 70_000},
    )
    for number, fault in enumerate(wrong):
        async with provider() as (serving, client):
            for name, value in fault.items():
                setattr(serving, name, value)
            for _ in range(3):
                with pytest.raises(ProviderFailed):
                    await client.configuration(serving.issuer, NOW)
            assert serving.asked("well-known") == 1, number
            serving.changes, serving.status, serving.padding = {}, 200, 0
            configuration = await client.configuration(serving.issuer, NOW + ASK_AGAIN)
            assert configuration.authorization_endpoint == f"{serving.issuer}/authorize"


async def test_addresses_inside_a_network_are_not_asked() -> None:
    async with provider() as (serving, _):
        client = OpenIdClient(HttpClient(AddressGuard(Policy())))
        for issuer in (serving.issuer, "https://10.0.0.1", "https://169.254.169.254", "x"):
            with pytest.raises(ProviderFailed, match="address"):
                await client.configuration(issuer, NOW)
        assert serving.receiver.connections == 0

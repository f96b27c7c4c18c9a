"""ID tokens: every check by itself, and the keys that sign them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from auth.id_tokens import MAX_AGE, MAX_KEYS, BadIdToken, key_id, keys_of, verify

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
RSA = RSAKey.generate_key(2048, parameters={"kid": "rsa"})
OTHER = RSAKey.generate_key(2048, parameters={"kid": "rsa"})
EC = ECKey.generate_key("P-256", parameters={"kid": "ec"})
ED = OKPKey.generate_key("Ed25519", parameters={"kid": "ed"})
GOOD: dict[str, Any] = {
    "iss": "https://id.example.com",
    "aud": "desk",
    "sub": "a",
    "nonce": "n",
    "iat": SECONDS,
    "exp": SECONDS + 300,
    "email": "a@shop.example",
    "email_verified": True,
}


def signed(key: Key = RSA, alg: str = "RS256", **changes: Any) -> str:
    claims = {name: value for name, value in (GOOD | changes).items() if value is not ...}
    payload = json.dumps(claims).encode()  # with escapes, also of halves of characters
    return jws.serialize_compact({"alg": alg, "kid": key.kid}, payload, key, algorithms=[alg])


def verified(token: str, *keys: Key) -> Any:
    public = [key.as_dict(private=False) for key in keys or (RSA,)]
    known = keys_of({"keys": public})[None]
    return verify(
        token, known, issuer="https://id.example.com", client_id="desk", nonce="n", now=NOW
    )


@pytest.mark.parametrize(
    ("key", "alg"), [(RSA, "RS256"), (RSA, "PS256"), (EC, "ES256"), (ED, "Ed25519")]
)
def test_a_good_token_says_who_it_is(key: Key, alg: str) -> None:
    token = signed(key, alg)
    assert key_id(token) == key.kid
    identity = verified(token, key)
    assert (identity.subject, identity.email) == ("a", "a@shop.example")


@pytest.mark.parametrize(
    ("check", "changes"),
    [
        ("iss", {"iss": "https://id.example.com/"}),
        ("iss", {"iss": ...}),
        ("aud", {"aud": "another"}),
        ("aud", {"aud": []}),
        ("azp", {"aud": ["desk", "another"]}),
        ("azp", {"azp": "another"}),
        ("nonce", {"nonce": "m"}),
        ("nonce", {"nonce": ...}),
        ("exp", {"exp": SECONDS - 60}),
        ("exp", {"exp": ...}),
        ("exp", {"exp": "9999999999"}),
        ("exp", {"exp": 10**400}),
        ("nbf", {"nbf": SECONDS + 61}),
        ("iat", {"iat": SECONDS + 61}),
        ("iat", {"iat": SECONDS - int(MAX_AGE.total_seconds()) - 61}),
        ("iat", {"iat": ...}),
        ("sub", {"sub": ""}),
        ("sub", {"sub": "x" * 256}),
        ("sub", {"sub": "a\0"}),  # no database takes these two
        ("sub", {"sub": "a\ud800"}),
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    check: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(BadIdToken, match=f"^{check}$"):
        verified(signed(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": ["desk", "another"], "azp": "desk"},
        {"exp": SECONDS - 59},
        {"iat": SECONDS + 60, "nbf": SECONDS + 60},
    ],
)
def test_clocks_may_differ_by_a_minute_and_audiences_be_several(changes: dict[str, Any]) -> None:
    assert verified(signed(**changes)).subject == "a"


@pytest.mark.parametrize("verified_", [False, "true", 1, ...])
def test_an_address_that_the_provider_has_not_verified_is_no_address(verified_: object) -> None:
    assert verified(signed(email_verified=verified_)).email is None


def test_a_signature_of_another_key_or_kind_is_refused() -> None:
    public = RSA.as_dict(private=False)
    hmac = OctKey.import_key({"kty": "oct", "k": public["n"]})
    for token in (
        signed(OTHER),
        signed()[:-2],
        jwt.encode({"alg": "HS256"}, GOOD, hmac, algorithms=["HS256"]),
        f"eyJhbGciOiJub25lIn0.{signed().split('.')[1]}.",
    ):
        with pytest.raises(BadIdToken, match="signature"):
            verified(token)
    for text in ("", "x", "a.b.c", "x" * 20_000):
        with pytest.raises(BadIdToken):
            key_id(text)
    # What is no public key for signatures is left out, and there are not too many.
    odd = [{"kty": "oct", "k": "AAAA"}, {"kty": "RSA"}, 5, public | {"use": "enc"}, {"kty": "X"}]
    assert keys_of({"keys": odd}) == {None: []}
    assert keys_of({"keys": "x"}) == {None: []}
    assert len(keys_of({"keys": [public] * 100})[None]) == MAX_KEYS
    assert timedelta(minutes=5) < MAX_AGE


@pytest.mark.parametrize("email", ["a\ud800@shop.example", "a\0@shop.example"])
def test_an_address_that_no_login_can_be_is_none(email: str) -> None:
    assert verified(signed(email=email)).email is None


def test_claims_that_are_nested_without_end_are_refused() -> None:
    claims = b"[" * 9_000
    token = jws.serialize_compact({"alg": "RS256"}, claims, RSA, algorithms=["RS256"])
    with pytest.raises(BadIdToken, match=r"^signature$"):
        verified(token)

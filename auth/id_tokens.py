"""Verifying the ID token of an OpenID Connect provider (OpenID Connect Core 1.0, 3.1.3.7)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeGuard

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

LEEWAY: Final = timedelta(seconds=60)
"""How far the provider's clock may differ from ours."""
MAX_AGE: Final = timedelta(minutes=10)
"""How old an ID token may be: it was issued for the code that was just exchanged."""

ALGORITHMS: Final = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "Ed25519"),
)
"""Signatures with a public key, by the names of RFC 9864.

Not ``none``, and no HMAC: its key would be our client secret.
"""

_PUBLIC: Final = ("RSA", "EC", "OKP")

MAX_SUBJECT: Final = 255
MAX_KEYS: Final = 32
MAX_TOKEN: Final = 16_384
_LIMIT: Final = 2**40
"""Seconds since 1970: JSON has numbers that no float can hold."""


class BadIdToken(Exception):
    """The token is not for us or for this sign-in, was modified, or has expired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who signed in at the provider. ``email`` is None unless the provider has verified it."""

    subject: str
    email: str | None


def key_id(token: str) -> str | None:
    """The ``kid`` of an unverified token: which key to look for. Raises BadIdToken."""
    if len(token) > MAX_TOKEN:
        raise BadIdToken("length")
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError) as error:
        raise BadIdToken("form") from error
    kid = header.get("kid")
    return kid if isinstance(kid, str) else None


def keys_of(document: Mapping[str, Any]) -> dict[str | None, list[Key]]:  # Any: JSON
    """The public keys of a JWKS by their ``kid``; under None all of them, for tokens without one.

    Keys of unknown kinds are left out.
    """
    keys: dict[str | None, list[Key]] = {None: []}
    values = document.get("keys")
    for value in values[:MAX_KEYS] if isinstance(values, list) else ():
        if not isinstance(value, dict) or value.get("kty") not in _PUBLIC:
            continue
        if value.get("use", "sig") != "sig":
            continue
        try:
            imported = KeySet.import_key_set({"keys": [value]}).keys
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        kid = value.get("kid")
        keys[None] += imported
        if isinstance(kid, str):
            keys.setdefault(kid, []).extend(imported)
    return keys


def verify(
    token: str, keys: list[Key], *, issuer: str, client_id: str, nonce: str, now: datetime
) -> Identity:
    """Raises BadIdToken, whose message names the failed check and nothing of the token."""
    claims = _claims(token, keys)
    seconds, leeway = int(now.timestamp()), int(LEEWAY.total_seconds())
    times = [claims.get("iat"), claims.get("exp"), claims.get("nbf", 0)]
    # What is no number fails: nothing is at once after and before such a time.
    issued_at, expires_at, not_before = [
        float(value) if _is_number(value) else math.nan for value in times
    ]
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    sent = claims.get("sub")
    subject = sent if _is_text(sent) else ""
    checks = {
        "iss": claims.get("iss") == issuer,
        "aud": client_id in audiences,
        "azp": claims.get("azp", None if len(audiences) > 1 else client_id) == client_id,
        "nonce": claims.get("nonce") == nonce,
        "exp": seconds < expires_at + leeway,
        "nbf": seconds >= not_before - leeway,
        "iat": -leeway <= seconds - issued_at <= MAX_AGE.total_seconds() + leeway,
        "sub": 0 < len(subject) <= MAX_SUBJECT,
    }
    for name, holds in checks.items():
        if not holds:
            raise BadIdToken(name)
    email = claims.get("email")
    is_verified = claims.get("email_verified") is True and _is_text(email)
    return Identity(subject=subject, email=email if is_verified else None)


def _claims(token: str, keys: list[Key]) -> dict[str, Any]:  # Any: JSON
    """The claims, if one of the keys signed them. A few keys may share a kid, or have none."""
    for key in keys:
        try:
            claims = jwt.decode(token, key, algorithms=list(ALGORITHMS)).claims
        except (JoseError, ValueError, TypeError, RecursionError):
            continue
        if isinstance(claims, dict):
            return claims
    raise BadIdToken("signature")


def _is_text(value: Any) -> TypeGuard[str]:  # noqa: ANN401 - JSON
    """Whether it is text that a database takes: JSON can name halves of characters, and NUL."""
    return isinstance(value, str) and value.isprintable()


def _is_number(value: Any) -> bool:  # noqa: ANN401 - JSON
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and abs(value) < _LIMIT

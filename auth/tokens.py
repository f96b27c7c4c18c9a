"""Access tokens: signed and short-lived; they name a session or a customer, no permissions."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import BadSignatureError, JoseError

from auth.keys import Keys

ACCESS_WINDOW: Final = timedelta(minutes=15)
LEEWAY: Final = timedelta(seconds=60)
"""How far the clock of the signing node may be ahead of the reading node's. It applies to `iat` and
`nbf`; `exp` is exact."""

# EdDSA on Ed25519, as RFC 9864 names it.
_ALGORITHM: Final = "Ed25519"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """A token and its expiry."""

    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The claims of a signed-in account's token.

    ``merchant_id`` is None for the platform's staff. Statements name the merchant, so that a
    database which is distributed by merchants answers on one node.
    """

    session_id: int
    merchant_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """The claims of a token that a storefront gets for one of its customers."""

    customer_ref: str
    merchant_id: int
    connector_id: int


Claims = Session | Customer


class BadToken(Exception):
    """The token is not ours, was modified, or has expired."""


def issue(keys: Keys, claims: Claims, now: datetime) -> AccessToken:
    """Sign a token that is valid for 15 minutes."""
    expires_at = (now + ACCESS_WINDOW).replace(microsecond=0)
    payload: dict[str, object] = {"iat": int(now.timestamp()), "exp": int(expires_at.timestamp())}
    match claims:
        case Session(merchant_id=None):
            payload |= {"sub": str(claims.session_id)}
        case Session():
            payload |= {"sub": str(claims.session_id), "mid": str(claims.merchant_id)}
        case Customer():
            payload |= {
                "sub": claims.customer_ref,
                "mid": str(claims.merchant_id),
                "con": str(claims.connector_id),
            }
    token = jwt.encode({"alg": _ALGORITHM}, payload, keys.tokens, algorithms=[_ALGORITHM])
    return AccessToken(token=token, expires_at=expires_at)


def read(keys: Keys, token: str, now: datetime) -> tuple[Claims, datetime]:
    """The claims and their expiry. Raises BadToken."""
    try:
        payload = _decode(keys, token)
        _registry(now).validate(payload)
        expires_at = datetime.fromtimestamp(int(payload["exp"]), UTC)
        merchant_id = int(payload["mid"]) if "mid" in payload else None
        claims: Claims
        if "con" in payload:
            claims = Customer(
                customer_ref=payload["sub"],
                merchant_id=int(payload["mid"]),
                connector_id=int(payload["con"]),
            )
        else:
            claims = Session(session_id=int(payload["sub"]), merchant_id=merchant_id)
    except (JoseError, ValueError, TypeError, KeyError, OverflowError) as error:
        raise BadToken from error
    if now >= expires_at:
        raise BadToken
    return claims, expires_at


def _decode(keys: Keys, token: str) -> dict[str, Any]:  # Any: JSON
    """The claims, whichever of the keys signed them. Raises JoseError or ValueError."""
    *earlier, last = keys.verifying
    for key in earlier:
        with suppress(BadSignatureError):
            return jwt.decode(token, key, algorithms=[_ALGORITHM]).claims
    return jwt.decode(token, last, algorithms=[_ALGORITHM]).claims


def _registry(now: datetime) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=int(LEEWAY.total_seconds()),
        exp={"essential": True},
        sub={"essential": True},
    )

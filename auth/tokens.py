"""Access tokens: signed, short-lived, and no more than a pointer to who is asking."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from joserfc import jwt
from joserfc.errors import JoseError

from auth.keys import Keys

ACCESS_WINDOW: Final = timedelta(minutes=15)
LEEWAY: Final = timedelta(seconds=60)
"""How far the clock of the node that signed a token may be ahead of the one that reads it. It is
for `iat` and `nbf`; `exp` is exact."""

# EdDSA on Ed25519, by the name that RFC 9864 gives it.
_ALGORITHM: Final = "Ed25519"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """A token and when it stops being good."""

    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What the token of a signed-in account says."""

    session_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """What the token says that a storefront was given for one of its customers."""

    customer_ref: str
    merchant_id: int
    connector_id: int


Claims = Session | Customer


class BadToken(Exception):
    """The token is not ours, was changed, or has expired."""


def issue(keys: Keys, claims: Claims, now: datetime) -> AccessToken:
    """Sign a token that is good for 15 minutes."""
    expires_at = (now + ACCESS_WINDOW).replace(microsecond=0)
    said: dict[str, object] = {"iat": int(now.timestamp()), "exp": int(expires_at.timestamp())}
    match claims:
        case Session():
            said |= {"sub": str(claims.session_id)}
        case Customer():
            said |= {
                "sub": claims.customer_ref,
                "mid": str(claims.merchant_id),
                "con": str(claims.connector_id),
            }
    token = jwt.encode({"alg": _ALGORITHM}, said, keys.tokens, algorithms=[_ALGORITHM])
    return AccessToken(token=token, expires_at=expires_at)


def read(keys: Keys, token: str, now: datetime) -> tuple[Claims, datetime]:
    """The claims, and until when they hold. Raises BadToken."""
    try:
        said = jwt.decode(token, keys.tokens, algorithms=[_ALGORITHM]).claims
        _claims_at(now).validate(said)
        expires_at = datetime.fromtimestamp(int(said["exp"]), UTC)
        claims: Claims
        if "mid" in said:
            claims = Customer(
                customer_ref=said["sub"],
                merchant_id=int(said["mid"]),
                connector_id=int(said["con"]),
            )
        else:
            claims = Session(session_id=int(said["sub"]))
    except (JoseError, ValueError, TypeError, KeyError, OverflowError) as error:
        raise BadToken from error
    if now >= expires_at:
        raise BadToken
    return claims, expires_at


def _claims_at(now: datetime) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=int(LEEWAY.total_seconds()),
        exp={"essential": True},
        sub={"essential": True},
    )

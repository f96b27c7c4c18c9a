"""Addresses of files that are valid without a token, until a time that they name."""

from datetime import datetime

from auth.keys import Keys


def signed_query(keys: Keys, purpose: str, name: str, *, expires: int) -> str:
    """The query string of a file's address. ``expires`` is in seconds since 1970."""
    # Neither digits nor base64url need any quoting.
    return f"expires={expires}&signature={keys.sign(purpose, f'{name}?{expires}')}"


def is_signed(
    keys: Keys, purpose: str, name: str, *, expires: str, signature: str, now: datetime
) -> bool:
    """Whether the address was signed with our key for this purpose, and has not expired."""
    if not keys.verify(purpose, f"{name}?{expires}", signature):
        return False
    return now.timestamp() < int(expires)  # only a number is ever signed

"""Masks secrets in the URLs of databases and stores, for logs and messages."""

import re
from typing import Final

MASK: Final = "***"

_USER: Final = re.compile(r"://(?P<name>[^:@/?#]*)(?P<password>:.*)?@", re.DOTALL)
"""Up to the last @: a password may contain unescaped characters."""
_PARAMETER: Final = re.compile(
    r"(?P<name>[?&;][^=&;]*(?:pass|pwd|secret|token|key|sig|sas|cred|auth)[^=&;]*=)[^&;]*",
    re.IGNORECASE,
)


def masked(url: str) -> str:
    """The URL with its password and with parameters that may be secrets masked.

    A user name without a password may be a token, and is masked too.
    """
    return _PARAMETER.sub(rf"\g<name>{MASK}", _USER.sub(_masked_user, url))


def _masked_user(match: re.Match[str]) -> str:
    return f"://{match['name']}:{MASK}@" if match["password"] else f"://{MASK}@"

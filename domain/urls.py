"""URLs of databases and stores as they may be shown: without their secrets."""

import re
from typing import Final

MASK: Final = "***"

_USER: Final = re.compile(r"://(?P<name>[^:@/?#]*)(?P<password>:.*)?@", re.DOTALL)
"""Up to the last @, as a password may contain any character that was not escaped."""
_PARAMETER: Final = re.compile(
    r"(?P<name>[?&;][^=&;]*(?:pass|pwd|secret|token|key|sig|sas|cred|auth)[^=&;]*=)[^&;]*",
    re.IGNORECASE,
)


def masked(url: str) -> str:
    """The URL with its password, and with each parameter that may be a secret, masked.

    A name alone before the @ may be a token, and is masked too.
    """
    return _PARAMETER.sub(rf"\g<name>{MASK}", _USER.sub(_masked_user, url))


def _masked_user(found: re.Match[str]) -> str:
    return f"://{found['name']}:{MASK}@" if found["password"] else f"://{MASK}@"

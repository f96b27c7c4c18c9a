"""Money: whole fen in the database, a decimal string of yuan in the API."""

import re

_YUAN = re.compile(r"(0|[1-9]\d{0,10})(?:\.(\d{1,2}))?", re.ASCII)


def yuan(fen: int) -> str:
    """Format an amount: 1234 becomes "12.34"."""
    if fen < 0:
        return f"-{yuan(-fen)}"
    return f"{fen // 100}.{fen % 100:02}"


def fen(text: str) -> int:
    """Parse an amount: "12.3" becomes 1230. Raises ValueError unless it is a plain decimal."""
    match = _YUAN.fullmatch(text)
    if match is None:
        message = "An amount is digits with at most two decimals, such as 12.34."
        raise ValueError(message)
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))

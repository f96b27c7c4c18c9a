"""What a database's address tells: an SQLite file, a server, or a server behind a pooler."""

from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url

_POOLED: Final = {"prepared_statement_cache_size": "0"}
"""SQLAlchemy's parameter for an address behind a pooler."""


def file_of(url: str) -> Path | None:
    """The path of an SQLite database; None for a server."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    return Path(parsed.database)


def behind_pooler(url: str) -> str:
    """The address of a database behind a pooler in transaction mode.

    The driver keeps no prepared statements there: the next transaction may be in another session.
    """
    return make_url(url).update_query_dict(_POOLED).render_as_string(hide_password=False)


def is_pooled(url: str) -> bool:
    return _POOLED.items() <= make_url(url).query.items()

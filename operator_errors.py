"""Errors that an operator can mend, and the one line that a command says of each.

A command that meets any other error shows its traceback: that is a bug.
"""

from dataclasses import dataclass
from typing import Final

from obstore.exceptions import BaseError as StoreError

from database.availability import Unreachable
from database.connection_limiter import Overloaded
from domain.urls import masked
from execution.document_cache import BadDocuments
from models.schema_version import NotCurrent
from resolvers.store_availability import StoreUnreachable
from settings import BadSettings

FAILED: Final = 1
USAGE: Final = 2


class CannotListen(Exception):
    """The port is taken or not allowed, or the address is not this machine's."""


@dataclass(frozen=True, slots=True)
class OperatorError:
    """What a command ends with: a line on its standard error, and its exit status."""

    line: str
    status: int = FAILED


def operator_error_of(error: Exception) -> OperatorError | None:
    """None for a bug."""
    match error:
        case BadSettings() | BadDocuments():
            return OperatorError(_line(str(error)), USAGE)
        case NotCurrent() | CannotListen():
            return OperatorError(_line(str(error)))
        case Unreachable():
            what = "store of pictures" if isinstance(error, StoreUnreachable) else "database"
            return OperatorError(_line(f"The {what} cannot be used: {error}"))
        case Overloaded():
            return OperatorError("The database has more to do than it can. Try again.")
        case StoreError():
            return OperatorError(_line(f"The store of pictures cannot be used: {_first(error)}"))
        case _:
            return None


def _line(said: str) -> str:
    return "; ".join(one.strip() for one in said.splitlines() if one.strip())


def _first(error: StoreError) -> str:
    """What the store says first: the lines below hold the whole of its configuration."""
    return masked(str(error).partition("\n")[0])

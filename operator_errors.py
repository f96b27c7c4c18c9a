"""The errors that an operator can fix, and the line that a command prints for each.

Any other error is a bug, and the command prints its traceback.
"""

from dataclasses import dataclass
from typing import Final

from obstore.exceptions import BaseError as StoreError

from auth.key_file import NotYet
from backups.manifest import BadBackup
from database.availability import Unreachable
from database.connection_limiter import Overloaded
from domain.urls import masked
from execution.document_cache import BadDocuments
from models.distribution import CannotDistribute
from models.schema_version import NotCurrent
from resolvers.store_availability import StoreUnreachable
from settings import BadSettings

FAILED: Final = 1
USAGE: Final = 2


class CannotListen(Exception):
    """The port is in use or not permitted, or the address does not belong to this machine."""


@dataclass(frozen=True, slots=True)
class OperatorError:
    """A command's last line on standard error, and its exit status."""

    line: str
    status: int = FAILED


def operator_error_of(error: Exception) -> OperatorError | None:
    """The line and status for an error; None for a bug."""
    match error:
        case BadSettings() | BadDocuments():
            return OperatorError(_line(str(error)), USAGE)
        case NotCurrent() | CannotListen() | CannotDistribute() | BadBackup() | NotYet():
            return OperatorError(_line(str(error)))
        case Unreachable():
            system = "store of pictures" if isinstance(error, StoreUnreachable) else "database"
            return OperatorError(_line(f"The {system} cannot be used: {error}"))
        case Overloaded():
            return OperatorError("The database has more to do than it can. Try again.")
        case StoreError():
            return OperatorError(
                _line(f"The store of pictures cannot be used: {_first_line(error)}")
            )
        case _:
            return None


def _line(message: str) -> str:
    return "; ".join(line.strip() for line in message.splitlines() if line.strip())


def _first_line(error: StoreError) -> str:
    """The first line of the store's message: the others contain its whole configuration."""
    return masked(str(error).partition("\n")[0])

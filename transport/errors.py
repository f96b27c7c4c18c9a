"""HTTP errors: a request refused as a whole, with a status, a code and a message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

OVERLOADED: Final = "OVERLOADED"
UNAVAILABLE: Final = "UNAVAILABLE"

SERVER_OVERLOADED: Final = "The server has more to do than it can; try again"
CLOCK_UNFIT: Final = "The server does not know the time well enough to change anything; try again"
DATABASE_UNREACHABLE: Final = (
    "The database cannot be used. A change that was asked for may have been made, or not; try again"
)
NODE_UNREACHABLE: Final = (
    "A machine of the database is away, and the data of its merchants are missing. A change that"
    " was asked for may have been made, or not; try again"
)
MERCHANTS_OF_A_MACHINE: Final = "MERCHANTS_OF_A_MACHINE"
"""What an answer lacks while one machine of a distributed database is away."""
STORE_UNREACHABLE: Final = "The store of pictures does not answer; try again"

CODES: Final[Mapping[int, str]] = {
    400: "BAD_REQUEST",
    401: "UNAUTHENTICATED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    408: "REQUEST_TIMEOUT",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    431: "REQUEST_HEADER_FIELDS_TOO_LARGE",
}
"""The default code of each status."""


class HttpError(Exception):
    """A request is refused as a whole, before GraphQL: the client gets this status as JSON."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        about_document: bool = False,
        facts: Mapping[str, object] | None = None,
    ) -> None:
        """``about_document``: the GraphQL document is at fault, not the request around it.

        ``facts`` go into the ``extensions``, beside the code.
        """
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code or CODES.get(status, "BAD_REQUEST")
        self.headers = dict(headers or {})
        self.about_document = about_document
        self.facts = dict(facts or {})


def overloaded() -> HttpError:
    """The 503 response when the server is overloaded, with the time to wait before a retry."""
    return HttpError(503, SERVER_OVERLOADED, code=OVERLOADED, headers={"Retry-After": "1"})

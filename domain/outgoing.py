"""Why the server does not send to an address, and how a request that it sent can fail."""

from enum import StrEnum
from typing import Final

MAX_URL: Final = 2_000
"""Characters of the address of a webhook."""


class UrlProblem(StrEnum):
    """What is wrong with the address of a webhook. It is found without looking the name up."""

    TOO_LONG = "TOO_LONG"
    """It has more than 2,000 characters."""
    MALFORMED = "MALFORMED"
    """It is no absolute URL in printable ASCII. Only the host may have other letters."""
    SCHEME = "SCHEME"
    """It does not begin with ``https://``."""
    CREDENTIALS = "CREDENTIALS"
    """It holds a user name or a password."""
    FRAGMENT = "FRAGMENT"
    """It has a fragment (``#``), which is never sent."""
    HOST = "HOST"
    """The host is no public name, such as ``localhost``, or an IP address in an unusual form."""
    PORT = "PORT"
    """The port is neither 443 nor 8443."""
    ADDRESS = "ADDRESS"
    """The host is an IP address that is not public."""
    OWN = "OWN"
    """The host is that of the platform itself."""


class DeliveryFailure(StrEnum):
    """Why a request to a webhook has no usable answer."""

    DNS = "DNS"
    """The host's name was not resolved in time, or does not exist."""
    ADDRESS_REFUSED = "ADDRESS_REFUSED"
    """The name leads to an address that is not public. Nothing was sent."""
    CONNECT = "CONNECT"
    """No connection was made in time."""
    TLS = "TLS"
    """No TLS connection was made: for example, the certificate is of another host."""
    TIMEOUT = "TIMEOUT"
    """The answer was not complete in time."""
    TOO_LARGE = "TOO_LARGE"
    """The headers of the answer are too large."""
    PROTOCOL = "PROTOCOL"
    """The answer was not HTTP, or the connection ended before the answer did."""
    REDIRECT = "REDIRECT"
    """The answer was a redirect. Redirects are not followed."""

"""Applications: the outcomes that customers expect, how goods return, and limits."""

from enum import StrEnum
from typing import Final

MAX_ITEMS: Final = 50
MAX_DESCRIPTION: Final = 1000
MAX_QUANTITY: Final = 9_999


class Expectation(StrEnum):
    """The outcome that the customer expects. Codes of JD: RETURN 10, EXCHANGE 20, REPAIR 30."""

    RETURN = "RETURN"
    EXCHANGE = "EXCHANGE"
    REPAIR = "REPAIR"


class LogisticsIn(StrEnum):
    """How the goods return. Codes of JD: CUSTOMER_SHIPS 40, DROP_OFF 7, PICKUP 4."""

    CUSTOMER_SHIPS = "CUSTOMER_SHIPS"
    DROP_OFF = "DROP_OFF"
    PICKUP = "PICKUP"

"""Good values for the inputs of mutations, found by the type of a field."""

from collections.abc import Mapping
from typing import Any, Final

GOOD: Final[Mapping[str, Any]] = {
    "String": "好",
    "Money": "12.00",
    "Int": 1,
    "Float": 0.5,
    "Boolean": False,
    "DateTime": "2031-01-01T00:00:00Z",
}
"""A good value of each scalar type. What only some values are good for is named where it is used.
"""
TYPE_OF_ID: Final[Mapping[str, str]] = {
    "applicationId": "Application",
    "assigneeId": "Employee",
    "evidenceIds": "Evidence",
    "merchantId": "Merchant",
    "merchantIds": "Merchant",
    "returnAddressId": "ReturnAddress",
    "roleId": "Role",
}
"""The type of the object that an id names, by the name of the field."""

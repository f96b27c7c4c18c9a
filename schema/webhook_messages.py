"""The bodies of webhook messages, as the dispatcher sends them."""

from typing import Final

SELECTED_FIELD: Final = "serviceOrder"
"""The root field of the documents that are stored with endpoints."""

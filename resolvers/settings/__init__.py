"""Use cases of a merchant's settings: its connectors."""

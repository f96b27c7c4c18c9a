"""Admitting merchants, and where their customers send goods."""

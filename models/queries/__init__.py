"""Queries. ``get`` raises, ``find`` may return None; a tenant's rows always need its merchant."""

"""Backups of a desk on SQLite, and back: may import all but schema, transport and execution."""

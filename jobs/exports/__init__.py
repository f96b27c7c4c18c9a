"""Exports: files of service orders, written while nobody waits for them."""

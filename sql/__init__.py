"""Statements that are compiled once, for whoever runs them by the driver itself.

Knows SQLAlchemy, and nothing of ours: both the rows and the projection stand on it.
"""

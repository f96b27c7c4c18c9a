"""Reaching a database: engines, connections, limits, deadlines, compiled statements, batching.

Nothing here knows a table of the product. Imports SQLAlchemy and the drivers alone.
"""

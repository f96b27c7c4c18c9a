"""Database access: engines, connections, limits, deadlines, compiled statements, batching.

Nothing here knows a table of the product. Imports only SQLAlchemy and the drivers.
"""

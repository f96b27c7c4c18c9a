"""Use cases: a folder for each object, a file for each use case.

May import auth, models, database and domain; knows nothing of GraphQL or HTTP. A use case is a
function of a context and values. If the rules forbid it, it raises ``Refused`` and has changed
nothing.
"""

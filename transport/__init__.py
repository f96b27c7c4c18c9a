"""HTTP: connections, the edge, the request, the answer, compression, and GraphiQL's page.

Knows no type of the API. Imports `execution` and what lies below it.
"""

"""HTTP: connections, the edge, routes, requests, responses, compression and GraphiQL's page.

Knows no type of the API. Imports `execution` and the layers below it.
"""

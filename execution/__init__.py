"""Executing a document: parse, weigh, validate, plan, run; and the trusted documents.

Knows GraphQL and the projection, and no type of the API. Imports `projection`, `database` and
`resolvers.context`.
"""

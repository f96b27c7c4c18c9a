"""Requests that the server sends to others: which addresses it may call, the client, the signature.

May import auth and domain. It knows no table and nothing of what it sends.
"""

"""Decoding untrusted pictures: their headers are checked first, and processes have limits.

May import domain and database. The decoder process imports as little as it can.
"""

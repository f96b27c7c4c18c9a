"""Decoding pictures that strangers send: what their headers say, and processes with limits.

May import domain and models. The process that decodes imports as little as it can.
"""

"""Checks what is stored against the rules. May import all that a job may, and the pictures' store.

A module for each part of the data; ``examine`` asks all of them. Nothing is written.
"""

"""Checks the stored data against the rules, and writes nothing.

One module for each part of the data; ``examine`` runs all of them. May import what a job may, and
the store of pictures.
"""

"""Quantiles by nearest rank: each is a value that occurs, so nobody has to interpolate."""


def nearest_rank(number: int, percent: int) -> int:
    """The rank, from 1, of the smallest value that so many percent of all do not exceed."""
    return -(-number * percent // 100)

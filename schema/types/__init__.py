"""The types that queries and mutations share, one module for each object."""

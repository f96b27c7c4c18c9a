"""The output types of the API, one module for each object."""

"""The rules of the after-sales desk. May import the standard library and nothing else."""

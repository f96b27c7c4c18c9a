"""The rules of the after-sales desk. May import only the standard library."""

"""Processing received orders: exchange, repair, return, and what follows. One use case per file."""

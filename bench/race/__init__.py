"""The race: this server and what others would use instead, on the same PostgreSQL and rows."""

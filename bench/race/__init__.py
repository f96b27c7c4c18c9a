"""The race: this server and its alternatives, on the same PostgreSQL with the same rows."""

"""Use cases of the platform's staff, and of the sandbox."""

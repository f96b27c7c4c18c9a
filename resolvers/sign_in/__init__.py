"""Use cases of sessions: signing in and out, refreshing tokens, and tokens for customers."""

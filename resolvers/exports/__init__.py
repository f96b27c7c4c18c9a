"""Use cases of exports: asking for one, cancelling it, and the store of their files."""

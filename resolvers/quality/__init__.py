"""Service quality: reports, evaluation plans and what they say."""

"""Taking in what customers apply for."""

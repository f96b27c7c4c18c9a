"""One class for each reason to refuse a request, grouped by subject. May import `domain` only."""

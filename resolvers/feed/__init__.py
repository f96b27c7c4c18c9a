"""Reading the feed of events."""

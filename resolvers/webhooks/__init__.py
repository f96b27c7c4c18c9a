"""Use cases of webhook endpoints: the addresses to which a merchant's events are sent."""

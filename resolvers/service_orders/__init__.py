"""Use cases of service orders: the steps of the lifecycle, reviews, evidence and contacts."""

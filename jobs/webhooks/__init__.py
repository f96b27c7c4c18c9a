"""Sending webhooks: from the feed to deliveries, and from deliveries to requests."""

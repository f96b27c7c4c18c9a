"""A merchant's roles and employees."""

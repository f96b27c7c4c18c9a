"""Use cases of staff: a merchant's roles and employees."""

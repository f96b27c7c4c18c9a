"""Use cases of applications: customers apply for after-sales service through a storefront."""

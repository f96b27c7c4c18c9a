"""Working on service orders."""

"""Deriving what service quality is measured by."""

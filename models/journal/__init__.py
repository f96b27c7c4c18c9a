"""The event log: what a step changes, and the statements that write it. Imports nothing here."""

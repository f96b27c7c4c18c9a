"""What clients may ask, and who may ask it. May import everything but the jobs and the doors."""

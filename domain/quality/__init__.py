"""Service quality: the cases that figures count, the figures, and the scores made from them."""

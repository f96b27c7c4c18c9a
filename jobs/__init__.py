"""What happens when nobody does anything: due work, done as an ordinary step by the system.

May import auth, models and domain, and nothing of resolvers. Time is always an argument.
"""

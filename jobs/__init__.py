"""Background jobs: the steps that the system takes when they are due, and the clean-up of tables.

May import auth, models, database and domain, and nothing of resolvers. Time is an argument.
"""

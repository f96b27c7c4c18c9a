"""What happens when somebody asks for it: a folder for each object, a file for each use case.

May import auth, models and domain; knows nothing of GraphQL or HTTP. A use case is a function of a
context and values. It raises ``Refused`` when the rules say no, and then nothing has changed.
"""

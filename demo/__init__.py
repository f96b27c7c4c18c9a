"""The demo: eight merchants, their people and 3,000 service orders, generated from a start time.

May import domain, models, auth, the store of pictures, the name of the automatic approval's rule,
and the jobs that figures depend on. Only the command line imports it. The rules derive every row;
none is written by hand.
"""

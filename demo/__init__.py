"""The demo: six merchants, their people and 3,000 service orders, generated from a start time.

May import domain, models, auth, the store of pictures, and the name of the automatic approval's
rule. Only the command line imports it. The rules derive every row; none is written by hand.
"""

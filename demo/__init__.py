"""The demo: merchants, their people and 3,000 service orders, made up from nothing but the time.

May import domain, models, auth, the store of pictures and what the clock says of its rule. Nobody
imports it but the command line. Rows are derived by the rules themselves, never invented.
"""

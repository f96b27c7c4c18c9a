"""Who asks, and with which permissions: passwords, tokens, viewers.

May import models and domain.
"""

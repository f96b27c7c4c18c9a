"""Settings of the property tests of this folder."""

from hypothesis import settings

# A busy machine is no counterexample.
settings.register_profile("domain", deadline=None)
settings.load_profile("domain")

"""Use cases of single sign-on by OpenID Connect."""

"""Use cases of enrolment: admitting merchants, and their return addresses."""

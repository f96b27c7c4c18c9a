"""No secret is left in a URL that is shown."""

import pytest

from domain.urls import masked


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("", ""),
        ("data/pictures", "data/pictures"),
        ("sqlite:///desk.db", "sqlite:///desk.db"),
        ("postgresql://db.test/desk", "postgresql://db.test/desk"),
        ("postgresql://desk@db.test/desk", "postgresql://***@db.test/desk"),
        ("postgresql://desk:pw@db.test/desk", "postgresql://desk:***@db.test/desk"),
        ("postgresql://desk:p@w/x?y#z@db.test/desk", "postgresql://desk:***@db.test/desk"),
        ("postgresql:///desk?password=pw&ssl=on", "postgresql:///desk?password=***&ssl=on"),
        ("s3://id:pw@bucket/a", "s3://id:***@bucket/a"),
        ("s3://bucket/a?secret_access_key=pw&region=x", "s3://bucket/a?secret_access_key=***&region=x"),
        ("az://box?SAS_TOKEN=pw", "az://box?SAS_TOKEN=***"),
    ],
)  # fmt: skip
def test_a_url_is_shown_without_its_secrets(url: str, shown: str) -> None:
    assert masked(url) == shown

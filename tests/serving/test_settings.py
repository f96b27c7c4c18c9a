"""What settings make of one another."""

import pytest
from pydantic import ValidationError

from settings import Settings

SERVER = "postgresql://desk:secret@db.test:6432/aftersales"


def test_a_pooled_address_says_so_itself() -> None:
    direct, pooled = (Settings(database_url=SERVER, database_pooled=on) for on in (False, True))
    assert direct.database == SERVER.replace("postgresql", "postgresql+asyncpg")
    assert pooled.database == f"{direct.database}?prepared_statement_cache_size=0"


@pytest.mark.parametrize("url", ["", "sqlite:///desk.db"])
def test_there_is_no_pooler_before_a_file(url: str) -> None:
    with pytest.raises(ValidationError, match="AFTERSALES_DATABASE_POOLED"):
        Settings(database_url=url, database_pooled=True)

"""The settings of single sign-on."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
import strawberry


@strawberry.type(
    description=(
        "单点登录. The OpenID Connect provider that vouches for the people of a merchant or of the "
        "platform."
    )
)
class SingleSignOn:
    """A provider."""

    issuer: str = strawberry.field(description="The issuer, exactly as its configuration names it.")
    client_id: str = strawberry.field(description="The id of this server at the provider.")
    has_client_secret: bool = strawberry.field(
        description="Whether a client secret is stored. It is never shown."
    )
    redirect_uris: list[str] = strawberry.field(
        description="回调地址. The addresses to which the provider may send people back."
    )
    link_by_email: bool = strawberry.field(
        description=(
            "Whether a verified e-mail address that is the login of an account links an identity "
            "to it."
        )
    )
    version: int = strawberry.field(
        description="The version, for `expectedVersion`. It counts the changes."
    )
    updated_at: datetime = strawberry.field(description="When it was last changed.")


def single_sign_on_of(row: sa.Row[Any]) -> SingleSignOn:
    return SingleSignOn(
        issuer=row.issuer,
        client_id=row.client_id,
        has_client_secret=row.client_secret is not None,
        redirect_uris=row.redirect_uris,
        link_by_email=row.links_by_email,
        version=row.version,
        updated_at=row.updated_at,
    )

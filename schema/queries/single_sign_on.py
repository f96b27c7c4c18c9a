"""The query of the settings of single sign-on."""

import strawberry

from domain.permissions import Permission
from resolvers.single_sign_on.settings import find_single_sign_on
from schema.fields import Info, query
from schema.types.single_sign_on import SingleSignOn, single_sign_on_of


@strawberry.type
class SingleSignOnQueries:
    """Queries of single sign-on."""

    @query(Permission.STAFF_MANAGE, Permission.PLATFORM_ACCOUNT_MANAGE)
    async def single_sign_on(self, info: Info) -> SingleSignOn | None:
        """单点登录. Returns the single sign-on of the viewer's merchant, or that of the platform.

        Null if it is not set up.
        """
        row = await find_single_sign_on(info.context)
        return None if row is None else single_sign_on_of(row)

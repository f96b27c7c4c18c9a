"""The version of the current evaluation plan."""

from models.queries import evaluation_plans
from resolvers.context import Context


async def current_version(context: Context) -> int | None:
    """None if no plan was published."""
    async with context.read() as connection:
        current = await evaluation_plans.find_current(connection)
    return None if current is None else current.version

"""A storefront gets a token with which one of its customers can act."""

from datetime import UTC, datetime

from auth import tokens
from auth.tokens import AccessToken, Customer
from models.queries import merchants
from resolvers.context import Context
from resolvers.tenancy import merchant_for


async def issue_customer_token(
    context: Context, customer_ref: str, merchant_id: int | None
) -> AccessToken:
    """Raises Refused."""
    merchant = merchant_for(context, merchant_id)
    async with context.read() as connection:
        await merchants.get(connection, merchant)
    claims = Customer(
        customer_ref=customer_ref, merchant_id=merchant, connector_id=context.viewer.id
    )
    return tokens.issue(context.keys, claims, datetime.now(UTC))

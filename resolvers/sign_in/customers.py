"""Issuing a storefront a token with which one of its customers can act."""

from auth import tokens
from auth.tokens import AccessToken, Customer
from domain.actors import ActorKind
from domain.refusals.general import NotYours
from domain.refusals.refusal import Refused
from models.queries import merchants
from resolvers.context import Context
from resolvers.tenancy import merchant_for


async def issue_customer_token(
    context: Context, customer_ref: str, merchant_id: int | None
) -> AccessToken:
    """Raises Refused, also for customers: one customer must not get the token of another."""
    if context.viewer.kind is not ActorKind.CONNECTOR:
        raise Refused(NotYours())
    merchant = merchant_for(context, merchant_id)
    async with context.read() as connection:
        await merchants.get(connection, merchant)
    claims = Customer(
        customer_ref=customer_ref, merchant_id=merchant, connector_id=context.viewer.id
    )
    return tokens.issue(context.services.keys, claims, context.services.wall.now())

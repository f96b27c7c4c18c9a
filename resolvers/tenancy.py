"""Choosing the merchant of a request whose viewer may serve several merchants."""

from domain.refusals.general import NotFound
from domain.refusals.refusal import BadInput, Refused
from domain.text import Text
from resolvers.context import Context


def merchant_for(context: Context, named: int | None) -> int:
    """The viewer's own merchant, or for a storefront of the platform the one that it names.

    Raises Refused if the named merchant is not the viewer's own, BadInput if none is named where
    one has to be.
    """
    own = context.viewer.merchant_id
    if own is None and named is None:
        raise BadInput(("merchantId",), Text("需要指定商家", "Say for which merchant."))
    if own is not None and named not in (None, own):
        raise Refused(NotFound(kind="Merchant", path=("merchantId",)))
    return own if named is None and own is not None else int(named or 0)

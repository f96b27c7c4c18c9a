"""Choosing the merchant of a request whose viewer may serve several merchants."""

from dataclasses import replace

from domain.actors import ActorKind
from domain.refusals.general import NotFound
from domain.refusals.refusal import BadInput, Refused
from domain.text import Text
from resolvers.context import Context


def merchant_for(context: Context, named: int | None) -> int:
    """The viewer's own merchant, or for a storefront of the platform the one that it names.

    Raises Refused if the viewer does not serve the named merchant, BadInput if none is named where
    one has to be.
    """
    own = context.viewer.merchant_id
    if own is None and named is None:
        raise BadInput(("merchantId",), Text("需要指定商家", "Say for which merchant."))
    if named is not None and not context.viewer.serves(named):
        raise Refused(NotFound(kind="Merchant", path=("merchantId",)))
    return own if named is None and own is not None else int(named or 0)


def narrow(context: Context, merchant_id: int) -> None:
    """Let a connector of the platform act at one of the merchants that it serves, in this mutation.

    The next mutation authenticates the viewer anew. Other viewers stay as they are, and so do
    connectors that do not serve the merchant: they find nothing there.
    """
    viewer = context.viewer
    is_platforms = viewer.kind is ActorKind.CONNECTOR and viewer.merchant_id is None
    if is_platforms and viewer.serves(merchant_id):
        context.viewer_or_none = replace(viewer, merchant_id=merchant_id)

"""For which merchant a request is meant, where the asker may serve several."""

from domain.refusals.general import NotFound
from domain.refusals.refusal import BadInput, Refused
from domain.text import Text
from resolvers.context import Context


def merchant_for(context: Context, named: int | None) -> int:
    """The viewer's own merchant; a platform's storefront names one.

    Raises Refused for another merchant than one's own, BadInput where one has to be named.
    """
    own = context.viewer.merchant_id
    if own is None and named is None:
        raise BadInput(("merchantId",), Text("需要指定商家", "Say for which merchant."))
    if own is not None and named not in (None, own):
        raise Refused(NotFound(kind="Merchant", path=("merchantId",)))
    return own if named is None and own is not None else int(named or 0)

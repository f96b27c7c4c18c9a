"""Carrying out once what a client may send again: under the key that it gave, for 24 hours.

A refused request stores nothing, for its transaction is undone: it can be sent again when what
stood against it is gone.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from auth.viewer import Viewer
from database.prepared import AnyConnection
from domain.refusals.refusal import Refused
from domain.refusals.repeating import IdempotencyKeyReused, InProgress
from models import once
from models.columns import Stored
from resolvers.context import Context, Request

PATH = ("idempotencyKey",)


@contextmanager
def under_key(context: Context, key: str, request_hash: str) -> Iterator[Request]:
    """What is done within belongs to one request. Raises Refused while the same one is running.

    Said before a connection is asked for: who waits for an answer and sends again must not take the
    places of others. Another process is told by the database.
    """
    mark = (context.viewer.merchant_id, _who(context.viewer), key)
    if mark in context.running:
        raise Refused(InProgress(path=PATH))
    context.running.add(mark)
    context.request = Request(key, request_hash)
    try:
        yield context.request
    finally:
        context.request = None
        context.running.discard(mark)


async def claim_key(
    session: AnyConnection,
    context: Context,
    *,
    merchant_id: int | None = None,
    result: Stored | None = None,
) -> Stored | None:
    """What the request left behind when it came before; None if this is the first time.

    Then the key is taken as the transaction commits, with the result, or with the one that
    ``keep_result`` brings. Without a key it is always the first time, and nothing is asked.

    Raises Refused for a key that stands for another request, or for one that is running.
    """
    request = context.request
    if request is None:
        return None
    key = _key(context, request, merchant_id)
    if await once.claim(session, key, request.hash, result, now=context.now):
        return None
    done = await once.find(session, key, now=context.now)
    if done is None:
        raise Refused(InProgress(path=PATH))
    if done.request_hash != request.hash:
        raise Refused(IdempotencyKeyReused(path=PATH))
    request.replayed = True
    return done.result or {}


async def keep_result(
    session: AnyConnection,
    context: Context,
    result: Stored | None,
    *,
    merchant_id: int | None = None,
) -> None:
    """What the request left behind, where that is known in the end only; None frees the key."""
    request = context.request
    if request is None:
        return
    key = _key(context, request, merchant_id)
    if result is None:
        await once.release(session, key)
    else:
        await once.store(session, key, result)


def _key(context: Context, request: Request, merchant_id: int | None) -> once.ClaimKey:
    return once.ClaimKey(
        merchant_id=context.merchant_id if merchant_id is None else merchant_id,
        actor=_who(context.viewer),
        key=request.key,
    )


def _who(viewer: Viewer) -> str:
    # A customer has no id of ours, only the reference that the merchant's storefronts share.
    name = viewer.id if viewer.customer_ref is None else viewer.customer_ref
    return f"{viewer.kind} {name}"

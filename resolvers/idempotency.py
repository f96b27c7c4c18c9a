"""Idempotency claims: a mutation that a client sends again under its key is carried out once.

A claim lasts 24 hours. A refused request leaves no claim, because its transaction is rolled back:
the client may send it again once nothing stands against it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from auth.viewer import Viewer
from database.prepared import AnyConnection
from domain.refusals.refusal import Refused
from domain.refusals.repeating import IdempotencyKeyReused, InProgress
from models import idempotency_claims
from models.columns import Stored
from models.idempotency_claims import ClaimKey
from resolvers.context import Context
from resolvers.mutation_run import IdempotencyClaim

PATH = ("idempotencyKey",)


@contextmanager
def open_claim(context: Context, key: str, request_hash: str) -> Iterator[IdempotencyClaim]:
    """Claim the key in this process, for the mutation in the block.

    Raises Refused while this process carries out a request with the same key: a client that sends
    again instead of waiting must not occupy connections. For requests that run in other processes,
    the database decides.
    """
    identity = (context.viewer.merchant_id, _actor(context.viewer), key)
    run, open_claims = context.start_mutation(), context.services.open_claims
    if identity in open_claims:
        raise Refused(InProgress(path=PATH))
    open_claims.add(identity)
    run.claim = IdempotencyClaim(key, request_hash)
    try:
        yield run.claim
    finally:
        run.claim = None
        open_claims.discard(identity)


async def claim_or_replay(
    session: AnyConnection,
    context: Context,
    *,
    merchant_id: int | None = None,
    result: Stored | None = None,
) -> Stored | None:
    """The result of the earlier request with the same key; None if the caller is to go ahead.

    In that case the key is claimed when the transaction commits, with this ``result`` or the one
    that ``store_result`` adds. Without a key the answer is always None, and no statement is run.

    Raises Refused if the key stands for a different request, or for one that is still running.
    """
    claim = context.claim
    if claim is None:
        return None
    key = _claim_key(context, claim, merchant_id)
    if await idempotency_claims.claim(session, key, claim.request_hash, result, now=context.now):
        return None
    earlier = await idempotency_claims.find(session, key, now=context.now)
    if earlier is None:
        raise Refused(InProgress(path=PATH))
    if earlier.request_hash != claim.request_hash:
        raise Refused(IdempotencyKeyReused(path=PATH))
    claim.replayed = True
    return earlier.result or {}


async def store_result(
    session: AnyConnection,
    context: Context,
    result: Stored | None,
    *,
    merchant_id: int | None = None,
) -> None:
    """Store a result that is known only at the end; None releases the key."""
    claim = context.claim
    if claim is None:
        return
    key = _claim_key(context, claim, merchant_id)
    if result is None:
        await idempotency_claims.release(session, key)
    else:
        await idempotency_claims.store_result(session, key, result)


def _claim_key(context: Context, claim: IdempotencyClaim, merchant_id: int | None) -> ClaimKey:
    return ClaimKey(
        merchant_id=context.merchant_id if merchant_id is None else merchant_id,
        actor=_actor(context.viewer),
        key=claim.key,
    )


def _actor(viewer: Viewer) -> str:
    # A customer has no id of ours, only the reference that the merchant's storefronts share.
    name = viewer.id if viewer.customer_ref is None else viewer.customer_ref
    return f"{viewer.kind} {name}"

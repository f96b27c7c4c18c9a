"""Looking up the pictures that somebody attaches to an order."""

from collections.abc import Mapping, Sequence
from typing import Final

import sqlalchemy as sa

from database.any_of import AnyOf
from database.prepared import AnyConnection, Prepared
from domain.actors import ActorKind
from domain.evidence import MAX_PICTURES, Picture
from domain.refusals.general import NotFound
from domain.refusals.pictures import TooManyPictures
from domain.refusals.refusal import Refused
from models.evidence import evidence, evidence_uploads
from resolvers.context import Context

_UPLOADS: Final = evidence_uploads.c
_OF_MERCHANT: Final = sa.select(*[evidence.c[name] for name in Picture.__dataclass_fields__]).where(
    evidence.c.merchant_id == sa.bindparam("merchant_id"),
    AnyOf(evidence.c.sha256, sa.bindparam("hashes")),
)
_PICTURES: Final = Prepared(_OF_MERCHANT)
_UPLOADED: Final = Prepared(
    _OF_MERCHANT.where(
        sa.exists().where(
            _UPLOADS.merchant_id == evidence.c.merchant_id,
            _UPLOADS.sha256 == evidence.c.sha256,
            sa.or_(
                sa.and_(
                    _UPLOADS.uploader_kind == ActorKind.CONNECTOR,
                    _UPLOADS.uploader_id == sa.bindparam("connector_id"),
                ),
                sa.and_(
                    _UPLOADS.uploader_kind == ActorKind.CUSTOMER,
                    _UPLOADS.customer_ref == sa.bindparam("customer_ref"),
                ),
            ),
        )
    )
)


async def find_pictures(
    session: AnyConnection,
    context: Context,
    merchant_id: int,
    hashes: Sequence[str],
    *,
    customer_ref: str | None = None,
    path: tuple[str, ...] = ("evidenceIds",),
) -> Sequence[Picture]:
    """The pictures in the order given. Raises Refused if one is missing or too many.

    The staff attaches any picture of its merchant. A customer attaches what they uploaded
    themselves; a storefront what it uploaded, and what the customer did in whose name it acts
    (``customer_ref``). What somebody else uploaded is missing, like what nobody did.
    """
    if len(hashes) > MAX_PICTURES:
        raise Refused(TooManyPictures(limit=MAX_PICTURES, found=len(hashes), path=path))
    if not hashes:
        return ()
    viewer, asked = context.viewer, {"merchant_id": merchant_id, "hashes": list(hashes)}
    match viewer.kind:
        case ActorKind.CUSTOMER:
            found = await _UPLOADED.all(
                session, **asked, connector_id=None, customer_ref=viewer.customer_ref
            )
        case ActorKind.CONNECTOR:
            found = await _UPLOADED.all(
                session, **asked, connector_id=viewer.id, customer_ref=customer_ref
            )
        case _:
            found = await _PICTURES.all(session, **asked)
    known: Mapping[str, Picture] = {row.sha256: Picture(**row._asdict()) for row in found}
    if missing := [one for one in hashes if one not in known]:
        at = str(hashes.index(missing[0]))
        raise Refused(NotFound(kind="Evidence", path=(*path, at)))
    return [known[one] for one in hashes]

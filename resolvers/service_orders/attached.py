"""Looking up the pictures that a viewer attaches to an order."""

from collections.abc import Mapping, Sequence
from typing import Final

import sqlalchemy as sa

from database.any_of import AnyOf
from database.prepared import AnyConnection, Prepared
from domain.actors import ActorKind
from domain.desk.evidence import MAX_PICTURES, Picture
from domain.refusals.general import NotFound
from domain.refusals.pictures import TooManyPictures
from domain.refusals.refusal import Refused
from models.evidence import evidence, evidence_uploads, picture_erasures
from resolvers.context import Context

_UPLOADS: Final = evidence_uploads.c
_OF_MERCHANT: Final = sa.select(*[evidence.c[name] for name in Picture.__dataclass_fields__]).where(
    evidence.c.merchant_id == sa.bindparam("merchant_id"),
    AnyOf(evidence.c.sha256, sa.bindparam("hashes")),
    # One that is to be erased counts as missing until it is uploaded again.
    ~sa.exists().where(
        picture_erasures.c.merchant_id == evidence.c.merchant_id,
        picture_erasures.c.sha256 == evidence.c.sha256,
    ),
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
_UPLOADED_BY_STAFF: Final = Prepared(
    _OF_MERCHANT.where(
        sa.exists().where(
            _UPLOADS.merchant_id == evidence.c.merchant_id,
            _UPLOADS.sha256 == evidence.c.sha256,
            sa.or_(
                _UPLOADS.uploader_kind == ActorKind.MAIN_ACCOUNT,
                _UPLOADS.uploader_kind == ActorKind.EMPLOYEE,
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
    by_staff: bool = False,
) -> Sequence[Picture]:
    """The pictures in the order of ``hashes``. Raises Refused if one is missing, or for too many.

    Staff may attach any picture of their merchant, or with ``by_staff`` those that its staff or
    the customer (``customer_ref``) uploaded; customers, those that they uploaded; a storefront,
    those that it or its customer (``customer_ref``) uploaded. A picture that the viewer may not
    attach counts as missing, so that nobody learns of it.
    """
    if len(hashes) > MAX_PICTURES:
        raise Refused(TooManyPictures(limit=MAX_PICTURES, found=len(hashes), path=path))
    if not hashes:
        return ()
    viewer, parameters = context.viewer, {"merchant_id": merchant_id, "hashes": list(hashes)}
    match viewer.kind:
        case ActorKind.CUSTOMER:
            rows = await _UPLOADED.all(
                session, **parameters, connector_id=None, customer_ref=viewer.customer_ref
            )
        case ActorKind.CONNECTOR:
            rows = await _UPLOADED.all(
                session, **parameters, connector_id=viewer.id, customer_ref=customer_ref
            )
        case _:
            if by_staff:
                rows = await _UPLOADED_BY_STAFF.all(
                    session, **parameters, customer_ref=customer_ref
                )
            else:
                rows = await _PICTURES.all(session, **parameters)
    pictures: Mapping[str, Picture] = {row.sha256: Picture(**row._asdict()) for row in rows}
    if missing := [sha256 for sha256 in hashes if sha256 not in pictures]:
        index = str(hashes.index(missing[0]))
        raise Refused(NotFound(kind="Evidence", path=(*path, index)))
    return [pictures[sha256] for sha256 in hashes]

"""Receipts of deliveries: a picture or a PDF, sealed; whoever handed over may be seen on them."""

from datetime import datetime

from petitions.domain import audit, uploads
from petitions.domain.deliveries import subject_of
from petitions.domain.site import Site
from petitions.errors import NotFound
from petitions.extensions import db
from petitions.models import Delivery


def keep(
    site: Site, delivery: Delivery, receipt: tuple[str, bytes], *, actor: str, now: datetime
) -> None:
    """Keep a receipt, as `uploads.receipt` returned it, in place of the one before."""
    media_type, shown = receipt
    db.session.refresh(delivery, with_for_update=True)
    action = "receipt added" if delivery.receipt is None else "receipt replaced"
    delivery.receipt = uploads.seal_receipt(site.keyring, str(delivery.id), shown)
    delivery.receipt_type = media_type
    db.session.flush()
    detail = {"type": media_type, "bytes": len(shown)}
    audit.record(actor, action, subject_of(delivery), detail, now)


def remove(delivery: Delivery, *, actor: str, now: datetime) -> None:
    """Remove a receipt for good. Repeating it changes nothing."""
    db.session.refresh(delivery, with_for_update=True)
    if delivery.receipt is None:
        return
    detail = {"type": delivery.receipt_type}
    delivery.receipt = delivery.receipt_type = None
    db.session.flush()
    audit.record(actor, "receipt removed", subject_of(delivery), detail, now)


def opened(site: Site, delivery: Delivery) -> tuple[str, bytes]:
    """Return media type and bytes of a receipt. Raises NotFound, CannotOpen."""
    if delivery.receipt is None or delivery.receipt_type is None:
        raise NotFound("this delivery has no receipt")
    content = uploads.open_receipt(site.keyring, str(delivery.id), delivery.receipt)
    return delivery.receipt_type, content

"""The list of a bundle as a file: for one delivery, with why, where an office asks for it."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import exists, select

from petitions.documents.record import handover_lines
from petitions.domain import audit
from petitions.domain.bundle_files import entries_of
from petitions.domain.case_keys import is_sealed
from petitions.domain.sealing import opener_for
from petitions.domain.site import Site
from petitions.errors import Refused
from petitions.extensions import db
from petitions.models import Bundle, BundleSignature, Delivery, Petition, Signature


def electronic_list(
    site: Site, delivery: Delivery, *, reason: str, actor: str, now: datetime
) -> Iterator[str]:
    """Write down that a list is made for a delivery, and why; return its lines, to be read after
    the commit and within the same session.

    Number, name, place and country, of each signer what that signer chose to show. Raises Refused:
    'no reason', 'no names' (none go to this office), 'sealed', 'erased' (somebody in it, since).
    """
    bundle = db.session.get_one(Bundle, delivery.bundle_id)
    petition = db.session.get_one(Petition, bundle.petition_id)
    if not bundle.names_go or bundle.named + bundle.initials == 0:
        raise Refused("no names")
    if is_sealed(petition.case_id):
        raise Refused("sealed")
    if not reason:
        raise Refused("no reason", "reason")
    erased = (
        select(Signature.id)
        .join(BundleSignature, BundleSignature.signature_id == Signature.id)
        .where(BundleSignature.bundle_id == bundle.id, Signature.person_sealed.is_(None))
    )
    if db.session.execute(select(exists(erased))).scalar_one():
        raise Refused("erased")
    opener = opener_for(petition.case_id, site.keyring)
    detail = {"bundle": bundle.public_id, "rows": bundle.named + bundle.initials}
    subject = f"delivery {delivery.id}"
    audit.record(actor, "list as a file", subject, detail, now, reason=reason, keyring=site.keyring)
    return handover_lines(entries_of(bundle, opener))

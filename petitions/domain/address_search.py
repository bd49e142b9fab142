"""Looking up an exact address among the signatures of a petition, or of all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from petitions.domain import audit, outbox, privacy
from petitions.domain.case_keys import lookup_key_of
from petitions.domain.mailboxes import holder_of, second_place
from petitions.domain.presenting.petition_titles import TitledPetition, titled_petitions
from petitions.domain.signatures_shown import mails_about
from petitions.domain.site import Site
from petitions.extensions import db
from petitions.models import Mail, Petition, Signature
from petitions.vault import canonical_address, keyed_hash


@dataclass(frozen=True, slots=True)
class AddressAnswer:
    """What rows tell of an address: its signature, the mails about it, and why it gets none.

    A withdrawn signature has no look-up key any more and is not found.
    """

    signature: Signature | None
    second: Signature | None
    """That of somebody else with the same mailbox."""
    mails: list[Mail]
    suppressed: str | None


@dataclass(frozen=True, slots=True)
class FoundSignature:
    """One signature of an address, on a petition that is called by its title."""

    signature: Signature
    titled: TitledPetition


def search_everywhere(
    site: Site, address: str, wishes: Sequence[str], actor: str, now: datetime
) -> list[FoundSignature]:
    """Look an address up on all petitions by its keyed hashes. That one was searched for is kept.

    Withdrawn signatures, and those of cases whose keys are destroyed, are not found any more.
    """
    titles = {titled.petition.id: titled for titled in titled_petitions(wishes)}
    ids = privacy.signatures_of(site, address)
    rows = db.session.execute(
        select(Signature).where(Signature.id.in_(ids)).order_by(Signature.id)
    ).scalars()
    found = [FoundSignature(row, titles[row.petition_id]) for row in rows]
    audit.record(actor, "address searched", "all petitions", {"found": len(found)}, now)
    return found


def search_address(
    site: Site, petition: Petition, address: str, actor: str, now: datetime
) -> AddressAnswer:
    """Look an address up by its keyed hash. It is stored nowhere; that one was searched for is.

    Raises KeyMissing where the case's look-up key is gone.
    """
    canonical = canonical_address(address)
    key = lookup_key_of(petition.case_id, site.keyring)
    lookup = keyed_hash(key, str(petition.id), canonical)
    signature = holder_of(petition.id, lookup)
    second = holder_of(petition.id, second_place(lookup))
    detail = {"found": signature is not None}
    audit.record(actor, "address searched", f"petition {petition.id}", detail, now)
    return AddressAnswer(
        signature=signature,
        second=second,
        mails=mails_about(signature.id) if signature else [],
        suppressed=outbox.suppressed_because(site, canonical),
    )

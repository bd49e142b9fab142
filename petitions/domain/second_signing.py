"""Somebody else at this address: a second person signs by a link that was mailed to the mailbox.

The link proves the mailbox, and the form behind it is where the second person reads, chooses and
consents: so their signature is confirmed with it, and no further mail goes out.
"""

from datetime import datetime

from petitions.domain import arrivals
from petitions.domain.arrivals import Origin
from petitions.domain.day_keys import upsert
from petitions.domain.mailboxes import has_name, holder_of, second_place
from petitions.domain.signing import (
    UNKNOWN,
    SigningForm,
    pending_or_confirmed,
    refuse_closed,
    sealed_row,
    set_row_aside,
    standing_for,
)
from petitions.domain.site import Site
from petitions.domain.standing import Standing
from petitions.errors import CannotOpen, Refused, TokenExpired
from petitions.extensions import db
from petitions.models import ACTIVE_SQL, Petition, Signature, SignatureState
from petitions.vault import open_with, padded, seal_with


def sealed_for_link(site: Site, signature_id: int, address: str) -> bytes:
    """Seal an address so that it can ride in the link that is mailed to it, and nowhere else."""
    return seal_with(_key(site), padded(address.encode()), _context(signature_id))


def address_in_link(site: Site, signature_id: int, sealed: bytes) -> str:
    """Return the address that a link was mailed to. Raises TokenExpired under another key."""
    try:
        return open_with(_key(site), sealed, _context(signature_id)).decode().rstrip()
    except CannotOpen:
        raise TokenExpired([signature_id]) from None


def second_may_sign(petition: Petition, first_id: int, now: datetime) -> bool:
    """Whether the mailbox of a signature has a place left, and the petition takes signatures."""
    first = db.session.get(Signature, first_id)
    return (
        first is not None
        and first.lookup is not None
        and petition.takes_signatures(now)
        and holder_of(petition.id, second_place(first.lookup)) is None
    )


def sign_second(
    site: Site,
    petition: Petition,
    first_id: int,
    form: SigningForm,
    now: datetime,
    *,
    origin: Origin = UNKNOWN,
) -> Signature:
    """Take the second signature of a mailbox, and confirm it.

    Sending the same form twice gives the same answer. Raises PetitionClosed, CountryClosed,
    TokenExpired (the first signature is withdrawn or gone), Refused: "same name" as the first,
    "two already"; NotFound, NameRefused, KeyMissing.
    """
    standing = standing_for(petition, form)
    refuse_closed(standing, form, now)
    first = pending_or_confirmed(petition, first_id, now, lock=True)
    if has_name(site, petition, first, form.name):
        raise Refused("same name", "name")
    assert first.lookup is not None  # noqa: S101  # nosec B101  # ck_signature_active_has_look_up_key
    place = second_place(first.lookup)
    held = holder_of(petition.id, place)
    if held is None:
        return _entered(site, standing, form, place, now, origin=origin)
    if has_name(site, petition, held, form.name):
        return held  # the button was pressed twice
    raise Refused("two already")


def _entered(
    site: Site,
    petition: Standing,
    form: SigningForm,
    place: bytes,
    now: datetime,
    *,
    origin: Origin,
) -> Signature:
    verdict = site.rules.verdict(form.email, origin.address, now)
    row = sealed_row(site, petition, form, place, now)
    row |= {"state": SignatureState.CONFIRMED, "confirmed_at": now, "shares_mailbox": True}
    if verdict.caught:
        set_row_aside(row, verdict.caught, now)
    if not form.news:
        row["address_sealed"] = None
    statement = upsert(Signature).values(row)
    statement = statement.on_conflict_do_nothing(
        index_elements=["petition_id", "lookup"], index_where=db.text(ACTIVE_SQL)
    )
    db.session.execute(statement)
    held = holder_of(petition.id, place)
    if held is None or held.order_number != row["order_number"]:
        raise Refused("two already")
    order = held.order_number
    arrivals.note(site, held.id, order, email=form.email, origin=origin, now=now)
    return held


def _key(site: Site) -> bytes:
    return site.keyring.derived("links for a second signer")


def _context(signature_id: int) -> bytes:
    return f"second signer {signature_id}".encode()

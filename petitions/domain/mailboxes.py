"""Two people at one mailbox: where the second of them is looked up, and whether it is another one.

An address holds two places on a petition, the second by the link that its mails offer alone. The
look-up key of the second place is a hash of the first's, which is a keyed hash itself: whoever
holds one signature's row finds the other without knowing the address, and a row whose first place
becomes free moves up, so that the form never takes a third.
"""

import hashlib
from collections.abc import Sequence

from sqlalchemy import select, text, update

from petitions.domain.names import clean_name
from petitions.domain.persons import person_of
from petitions.domain.site import Site
from petitions.extensions import db
from petitions.models import ACTIVE_SQL, Petition, Signature


def second_place(lookup: bytes) -> bytes:
    """Return the look-up key of the second place of a mailbox, from that of its first."""
    return hashlib.sha256(b"petitions second place\0" + lookup).digest()


def holder_of(petition_id: int, lookup: bytes) -> Signature | None:
    """Return the active signature that holds a place."""
    query = select(Signature).where(
        Signature.petition_id == petition_id,
        Signature.lookup == lookup,
        text(ACTIVE_SQL),
    )
    fresh = query.execution_options(populate_existing=True)
    return db.session.execute(fresh).scalar_one_or_none()


def has_second(signature: Signature) -> bool:
    """Whether a second person has signed with the mailbox of a signature that came first."""
    if signature.lookup is None:
        return False
    return holder_of(signature.petition_id, second_place(signature.lookup)) is not None


def place_among(signature_ids: Sequence[int], signature_id: int) -> int:
    """Return which of two signatures of one mailbox on a petition one is, or 0 where it is alone.

    `signature_ids` are all of the mailbox. Who comes later has the higher number: a first that is
    gone lets the second move up before anybody new can take its place.
    """
    query = (
        select(Signature.id, Signature.petition_id)
        .where(Signature.id.in_(signature_ids), text(ACTIVE_SQL))
        .order_by(Signature.id)
    )
    petition_of = {row.id: row.petition_id for row in db.session.execute(query)}
    both = [one for one, of in petition_of.items() if of == petition_of.get(signature_id)]
    return both.index(signature_id) + 1 if len(both) > 1 and signature_id in both else 0


def move_up(petition_id: int, freed: Sequence[bytes]) -> None:
    """Give first places that became free to whoever holds the second of the same mailbox."""
    firsts = {second_place(lookup): lookup for lookup in freed}
    query = select(Signature.id, Signature.lookup).where(
        Signature.petition_id == petition_id,
        Signature.lookup.in_(list(firsts)),
        text(ACTIVE_SQL),
    )
    for signature_id, lookup in db.session.execute(query).all():
        assert lookup is not None  # noqa: S101  # nosec B101  # for the type checker
        db.session.execute(
            update(Signature)
            .where(Signature.id == signature_id)
            .values(lookup=firsts[bytes(lookup)])
            .execution_options(synchronize_session="fetch")
        )


def has_name(site: Site, petition: Petition, signature: Signature, name: str) -> bool:
    """Whether a signature was made with this name, as far as this server can open it.

    Spelling is compared as it is stored, without regard to upper and lower case. Where the case is
    sealed nothing is known, and the second signer's own word is all there is.
    """
    person = person_of(site, signature, petition)
    return person is not None and person.name.casefold() == clean_name(name).casefold()

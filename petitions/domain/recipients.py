"""To whom a petition's bundles go: each official with the part in the petition that makes it one.

Embassies stand in place of their rule. An addressee that was taken off a published petition gets no
further bundle; what was frozen for it stays as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from petitions.errors import NotFound
from petitions.extensions import db
from petitions.models import Accreditation, Addressee, Bundle, Official, Petition


@dataclass(frozen=True, slots=True)
class Recipient:
    """An official with the part in the petition that makes it one. `countries` empty means all.

    `since_last` narrows what they get to what stood in no bundle for them yet.
    """

    addressee: Addressee
    official: Official
    countries: tuple[str, ...] = ()
    since_last: bool = False

    @property
    def names_go(self) -> bool:
        """Whether names go there: never where the official takes none, whatever is ticked."""
        return self.addressee.names_go and not self.official.never_names


def recipients_of(petition: Petition) -> list[Recipient]:
    """Return all officials a petition is addressed to now, embassies in place of their rule."""
    query = (
        select(Addressee)
        .where(Addressee.petition_id == petition.id, Addressee.removed_at.is_(None))
        .order_by(Addressee.position)
    )
    found: list[Recipient] = []
    for addressee in db.session.execute(query).scalars():
        if addressee.official_id is not None:
            found.append(Recipient(addressee, db.session.get_one(Official, addressee.official_id)))
        else:
            found.extend(_embassies(addressee))
    return found


def recipient_named(petition: Petition, name: str) -> Recipient:
    """Return the recipient whose official has this slug or number. Raises NotFound."""
    for recipient in recipients_of(petition):
        if name in {recipient.official.slug, str(recipient.official.id)}:
            return recipient
    raise NotFound(
        f"{name!r} is no official of this petition: "
        f"`petitions officials {petition.slug}` lists them"
    )


def recipient_to(petition: Petition, official_id: int) -> Recipient:
    """Return the recipient whose official has this id. Raises NotFound."""
    for recipient in recipients_of(petition):
        if recipient.official.id == official_id:
            return recipient
    raise NotFound("no addressee of this petition")


def recipient_of(bundle: Bundle) -> Recipient:
    """Return the recipient that a frozen bundle was made for, also one taken off since."""
    addressee = db.session.get_one(Addressee, bundle.addressee_id)
    official = db.session.get_one(Official, bundle.official_id)
    countries = _accredited_to(official) if addressee.embassies_of else ()
    return Recipient(addressee, official, countries)


def _embassies(addressee: Addressee) -> list[Recipient]:
    query = select(Official).where(Official.represents == addressee.embassies_of)
    officials: Sequence[Official] = (
        db.session.execute(query.order_by(Official.slug)).scalars().all()
    )
    return [Recipient(addressee, official, _accredited_to(official)) for official in officials]


def _accredited_to(official: Official) -> tuple[str, ...]:
    query = select(Accreditation.country).where(Accreditation.official_id == official.id)
    return tuple(db.session.execute(query.order_by(Accreditation.country)).scalars())

"""How many confirmed signatures each office of a petition may get, counted once for all offices.

The rules are those of `eligibility`, which asks for one office at a time. A page that shows several
offices, or several texts, goes through the signatures once and shares them out here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from petitions.domain.eligibility import in_a_bundle_for
from petitions.domain.recipients import Recipient
from petitions.extensions import db
from petitions.models import (
    Appearance,
    ConsentOffice,
    ConsentVersion,
    Signature,
    SignatureState,
    TextVersion,
    Verification,
)


@dataclass(frozen=True, slots=True)
class Group:
    """How many confirmed by e-mail in one country, of one text and one consent, appear so."""

    text_version_id: int
    consent_version_id: int
    country: str
    appearance: Appearance
    number: int


@dataclass(frozen=True, slots=True)
class Confirmed:
    """All groups of a petition; whether names go to an addressee, by consent that names it."""

    groups: Sequence[Group]
    named: Mapping[tuple[int, int], bool]

    def by_country(
        self, recipient: Recipient, version: TextVersion
    ) -> dict[str, dict[Appearance, int]]:
        """Return what `eligibility.counts_by_country` tells, by country and appearance."""
        found: dict[str, dict[Appearance, int]] = {}
        for group in self._living_there(recipient):
            names_go = self.named.get((group.consent_version_id, recipient.addressee.id))
            if names_go is None or group.text_version_id != version.id:
                continue
            withheld = recipient.names_go and not names_go
            appearance = Appearance.COUNTED if withheld else group.appearance
            numbers = found.setdefault(group.country, {})
            numbers[appearance] = numbers.get(appearance, 0) + group.number
        return found

    def not_named(self, recipient: Recipient) -> int:
        """Return how many an office does not get, because their consent did not name it."""
        return sum(
            group.number
            for group in self._living_there(recipient)
            if (group.consent_version_id, recipient.addressee.id) not in self.named
        )

    def _living_there(self, recipient: Recipient) -> list[Group]:
        if not recipient.addressee.embassies_of:
            return list(self.groups)
        return [group for group in self.groups if group.country in recipient.countries]


def confirmed(petition_id: int, *, since_last: Recipient | None = None) -> Confirmed:
    """Count the confirmed signatures of a petition; `since_last`: those in no bundle for it yet."""
    kinds = (
        Signature.text_version_id,
        Signature.consent_version_id,
        Signature.country,
        Signature.appearance,
    )
    query = select(*kinds, func.count()).where(
        Signature.petition_id == petition_id,
        Signature.state == SignatureState.CONFIRMED,
        Signature.verified_by == Verification.EMAIL,
    )
    if since_last is not None:
        query = query.where(~in_a_bundle_for(since_last))
    groups = [Group(*row) for row in db.session.execute(query.group_by(*kinds))]
    offices = select(ConsentOffice).join(
        ConsentVersion, ConsentVersion.id == ConsentOffice.consent_version_id
    )
    rows = db.session.execute(offices.where(ConsentVersion.petition_id == petition_id)).scalars()
    named = {(row.consent_version_id, row.addressee_id): row.names_go for row in rows}
    return Confirmed(groups, named)

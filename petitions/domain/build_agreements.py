"""Bundles of a sealed case need two organisers: one asks, with a reason, and another one agrees.

What was agreed to is good for a day: for the offices, or the bundle, that it names, also where a
build is interrupted or its file cannot be opened any more. Whoever then begins the build unlocks
the case (`unlocked_builds`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from petitions.domain import audit
from petitions.domain.builds import refuse_destroyed
from petitions.domain.case_keys import is_sealed
from petitions.domain.recipients import recipients_of
from petitions.domain.site import Site
from petitions.errors import CannotOpen, NotFound, Refused
from petitions.extensions import db
from petitions.models import AuditEntry, BuildAgreement, Bundle, Petition

ASKED, AGREED, DECLINED, WITHDRAWN = "asked", "agreed", "declined", "withdrawn"
WAITS_FOR = timedelta(days=3)
"""How long a second organiser may think about it."""
GOOD_FOR = timedelta(days=1)
"""How long one may build with what was agreed to."""
_ASKED = "bundles of a sealed case asked for"


def ask(
    site: Site,
    petition: Petition,
    official_ids: Sequence[int],
    *,
    language: str | None,
    since_last: bool = False,
    reason: str,
    organiser_id: int,
    now: datetime,
) -> BuildAgreement:
    """Ask a second organiser to agree to bundles for some officials.

    Raises Refused: "not sealed", "nobody chosen", "not addressed", "reason needed", "destroyed".
    """
    chosen = list(dict.fromkeys(official_ids))
    if not chosen:
        raise Refused("nobody chosen", "officials")
    if not {recipient.official.id for recipient in recipients_of(petition)}.issuperset(chosen):
        raise Refused("not addressed", "officials")
    asked = BuildAgreement(
        petition_id=petition.id, official_ids=chosen, language=language, since_last=since_last
    )
    return _ask(site, asked, reason, organiser_id, now)


def ask_again(
    site: Site, bundle: Bundle, *, reason: str, organiser_id: int, now: datetime
) -> BuildAgreement:
    """Ask a second organiser to agree to writing the file of a frozen bundle.

    Raises Refused: "not sealed", "reason needed".
    """
    asked = BuildAgreement(petition_id=bundle.petition_id, bundle_ids=[bundle.id])
    return _ask(site, asked, reason, organiser_id, now)


def answer(agreement: BuildAgreement, *, agrees: bool, organiser_id: int, now: datetime) -> None:
    """Agree or decline as the second organiser.

    Raises Refused: "same organiser" for whoever asked, "over" where it was answered or is too old.
    """
    _locked(agreement)
    if not waits(agreement, now):
        raise Refused("over")
    if agreement.asked_by == organiser_id:
        raise Refused("same organiser")
    agreement.state = AGREED if agrees else DECLINED
    agreement.answered_by, agreement.answered_at = organiser_id, now
    db.session.flush()
    _record(f"bundles of a sealed case {agreement.state}", agreement, organiser_id, now)


def withdraw(agreement: BuildAgreement, *, organiser_id: int, now: datetime) -> None:
    """Take back what was asked for, as the one who asked, as long as nobody has answered.

    Raises Refused: "another organiser", "over".
    """
    _locked(agreement)
    if agreement.asked_by != organiser_id:
        raise Refused("another organiser")
    if agreement.state != ASKED:
        raise Refused("over")
    agreement.state, agreement.answered_at = WITHDRAWN, now
    db.session.flush()
    _record("bundles of a sealed case not asked for any more", agreement, organiser_id, now)


def waits(agreement: BuildAgreement, now: datetime) -> bool:
    """Whether a second organiser may answer."""
    return agreement.state == ASKED and now < agreement.asked_at + WAITS_FOR


def is_good(agreement: BuildAgreement, now: datetime) -> bool:
    """Whether one may build with it."""
    if agreement.state != AGREED or agreement.answered_at is None:
        return False
    return now < agreement.answered_at + GOOD_FOR


def agreement_numbered(agreement_id: int) -> BuildAgreement:
    """Return what was asked for. Raises NotFound."""
    found = db.session.get(BuildAgreement, agreement_id)
    if found is None:
        raise NotFound("no such agreement")
    return found


def agreement_of(build_id: int) -> BuildAgreement | None:
    """Return what a build was begun with, as long as no other one was begun with it."""
    query = select(BuildAgreement).where(BuildAgreement.build_id == build_id)
    return db.session.execute(query).scalars().first()


def open_agreements(now: datetime, petition_id: int | None = None) -> list[BuildAgreement]:
    """Return what waits for a second organiser or may be built, oldest first."""
    query = select(BuildAgreement).where(BuildAgreement.state.in_((ASKED, AGREED)))
    if petition_id is not None:
        query = query.where(BuildAgreement.petition_id == petition_id)
    recent = query.where(BuildAgreement.asked_at > now - WAITS_FOR - GOOD_FOR)
    found = db.session.execute(recent.order_by(BuildAgreement.id)).scalars()
    return [one for one in found if waits(one, now) or is_good(one, now)]


def reason_of(site: Site, agreement: BuildAgreement) -> str:
    """Return why it was asked for; empty where that was wiped."""
    query = select(AuditEntry).where(
        AuditEntry.subject == subject_of(agreement), AuditEntry.action == _ASKED
    )
    entry = db.session.execute(query.order_by(AuditEntry.id)).scalars().first()
    try:
        return audit.reason_of(entry, site.keyring) if entry else ""
    except CannotOpen:
        return ""


def subject_of(agreement: BuildAgreement) -> str:
    """Return how the audit trail calls what was asked for."""
    return f"build agreement {agreement.id}"


def _ask(
    site: Site, asked: BuildAgreement, reason: str, organiser_id: int, now: datetime
) -> BuildAgreement:
    if not is_sealed(db.session.get_one(Petition, asked.petition_id).case_id):
        raise Refused("not sealed")
    refuse_destroyed(asked.petition_id)
    if not reason:
        raise Refused("reason needed", "reason")
    asked.official_ids, asked.bundle_ids = asked.official_ids or [], asked.bundle_ids or []
    asked.state, asked.asked_by, asked.asked_at = ASKED, organiser_id, now
    db.session.add(asked)
    db.session.flush()
    _record(_ASKED, asked, organiser_id, now, reason=reason, site=site)
    return asked


def _locked(agreement: BuildAgreement) -> None:
    db.session.refresh(agreement, with_for_update=True)


def _record(
    action: str,
    agreement: BuildAgreement,
    organiser_id: int,
    now: datetime,
    *,
    reason: str = "",
    site: Site | None = None,
) -> None:
    detail = {
        "petition": agreement.petition_id,
        "officials": agreement.official_ids,
        "bundles": agreement.bundle_ids,
    }
    keyring = site.keyring if site else None
    actor = f"organiser {organiser_id}"
    audit.record(actor, action, subject_of(agreement), detail, now, reason=reason, keyring=keyring)

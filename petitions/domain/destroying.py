"""Destroying: names whose time is over, and then the keys of their case.

What counts stays: rows without persons, numbers, commitments, manifests, signatures, the chain of
the audit trail. A seal that is empty and a look-up key that is chance stand where the database
asks for some. Key files go after the commit (`clear_key_ring`): a crash in between leaves a file
that the next turn removes.
"""

import os
from datetime import datetime

from sqlalchemy import exists, func, or_, select, update

from petitions.domain import audit, batch_reasons, outbox, outgoing, paper_scans
from petitions.domain.builds import open_build
from petitions.domain.custodians import forget_custodians
from petitions.domain.expiry import unconfirmed
from petitions.domain.held_questions import forget_questions
from petitions.domain.names_terms import OVER, due_at
from petitions.domain.petitions import petition_for_writing
from petitions.domain.privacy import subject_of
from petitions.domain.site import Site
from petitions.extensions import db
from petitions.models import (
    ACTIVE,
    WIPED,
    Bundle,
    BundleProof,
    CaseKey,
    DataKey,
    NamesTerm,
    Petition,
    Signature,
)

OVER_WORD = "the time of names is over"


def petitions_due(site: Site, now: datetime) -> list[Petition]:
    """Return the petitions whose names are to be destroyed from now on, oldest first."""
    query = (
        select(NamesTerm, Petition)
        .join(Petition, Petition.id == NamesTerm.petition_id)
        .where(NamesTerm.destroyed_at.is_(None), Petition.state.in_(OVER))
        .order_by(Petition.id)
    )
    return [
        petition
        for term, petition in db.session.execute(query)
        if due_at(term, site.terms) <= now and open_build(petition.id) is None
    ]


def begin(site: Site, petition_id: int, now: datetime, *, actor: str) -> bool:
    """End the time of a petition's names: from the commit on nothing brings it back.

    Return whether it was still to be ended. The rows follow, part by part (`destroy_names`).
    """
    petition_for_writing(petition_id)  # nobody opens it again, or puts it off, meanwhile
    if petition_id not in {petition.id for petition in petitions_due(site, now)}:
        return False
    term = db.session.get_one(NamesTerm, petition_id)
    term.destroyed_at = now
    db.session.flush()
    outgoing.let_go_of_files_of(petition_id, now)
    batch_reasons.wipe_of_petition(petition_id)
    paper_scans.forget_of_petition(petition_id)
    audit.record(actor, "names destroyed", f"petition {petition_id}", {}, now)
    return True


def destroy_names(now: datetime, most: int = 500) -> int:
    """Wipe at most `most` signatures of petitions whose names' time is over; return how many.

    Fewer than that means that none are left. Who has not confirmed yet keeps their own, shorter
    term.
    """
    rows = _sealed(most)
    if rows:
        _wipe(rows, now)
    return len(rows)


def names_left(petition_id: int) -> int:
    """Return how many signatures of a petition hold something of a person that was confirmed."""
    query = select(func.count()).where(
        Signature.petition_id == petition_id, Signature.data_key_id.is_not(None), ~unconfirmed()
    )
    return db.session.execute(query).scalar_one()


def cases_soon(site: Site, now: datetime) -> list[int]:
    """Return the cases whose keys go once the names that are due now are destroyed."""
    due = {petition.id for petition in petitions_due(site, now)}
    over = select(NamesTerm.petition_id).where(NamesTerm.destroyed_at.is_not(None))
    due.update(db.session.execute(over).scalars())
    query = (
        select(CaseKey.case_id, Petition.id)
        .join(Petition, Petition.case_id == CaseKey.case_id)
        .where(CaseKey.destroyed_at.is_(None))
    )
    petitions: dict[int, set[int]] = {}
    for case_id, petition_id in db.session.execute(query):
        petitions.setdefault(case_id, set()).add(petition_id)
    return sorted(case_id for case_id, ids in petitions.items() if ids <= due)


def cases_due() -> list[CaseKey]:
    """Return the keys of cases of which no petition, and no row, needs them any more."""
    over = exists().where(NamesTerm.petition_id == Petition.id, NamesTerm.destroyed_at.is_not(None))
    sealed = exists().where(
        Signature.petition_id == Petition.id, Signature.data_key_id.is_not(None)
    )
    needed = exists().where(Petition.case_id == CaseKey.case_id, or_(~over, sealed))
    begun = exists().where(Petition.case_id == CaseKey.case_id)
    query = select(CaseKey).where(CaseKey.destroyed_at.is_(None), begun, ~needed)
    return list(db.session.execute(query.order_by(CaseKey.case_id)).scalars())


def destroy_keys(key: CaseKey, now: datetime, *, actor: str) -> None:
    """Destroy what opened the rows of a case: data keys, nonces of bundles, custodians' copies.

    The caller commits, then clears the key ring. Nothing more can be sealed in this case.
    """
    db.session.refresh(key, with_for_update=True)
    of_case = select(Bundle.id).join(Petition, Petition.id == Bundle.petition_id)
    of_case = of_case.where(Petition.case_id == key.case_id)
    proofs = update(BundleProof).where(BundleProof.bundle_id.in_(of_case))
    data_keys = update(DataKey).where(DataKey.case_id == key.case_id)
    for statement in (proofs.values(nonce_sealed=WIPED), data_keys.values(sealed_key=WIPED)):
        db.session.execute(statement.execution_options(synchronize_session=False))
    forget_custodians(key.case_id, now)
    key.destroyed_at = now
    db.session.flush()
    audit.record(actor, "case keys destroyed", f"case {key.case_id}", {}, now)


def clear_key_ring(site: Site) -> int:
    """Remove from the key ring what belongs to destroyed cases; return how many files it were."""
    query = select(CaseKey.ref).where(CaseKey.destroyed_at.is_not(None))
    found = [ref for ref in db.session.execute(query).scalars() if site.keyring.has_case(ref)]
    for ref in found:
        site.keyring.destroy_case(ref)
    return len(found)


def _sealed(most: int) -> list[Signature]:
    over = (
        select(NamesTerm.petition_id)
        .join(Petition, Petition.id == NamesTerm.petition_id)
        .join(CaseKey, CaseKey.case_id == Petition.case_id)
        .where(NamesTerm.destroyed_at.is_not(None), CaseKey.destroyed_at.is_(None))
    )
    query = (
        select(Signature)
        .where(
            Signature.petition_id.in_(db.session.execute(over).scalars().all()),
            Signature.data_key_id.is_not(None),
            ~unconfirmed(),
        )
        .limit(most)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(db.session.execute(query).scalars())


def _wipe(rows: list[Signature], now: datetime) -> None:
    ids = [row.id for row in rows]
    for row in rows:
        counts = row.state in ACTIVE
        row.person_sealed = WIPED if counts else None
        row.lookup = os.urandom(32) if counts else None
        row.address_sealed = row.data_key_id = None
        if row.news and row.confirmed_at is not None:
            row.news_ended_at = now
        row.news = False
    db.session.flush()
    forget_questions(ids)
    outbox.cancel_about(ids, OVER_WORD, now)
    audit.wipe_reasons([subject_of(number) for number in ids])

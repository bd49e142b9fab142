"""The end of names: said, put off, taken back, destroyed; and what still stands afterwards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions.documents.verify import verify_bundle
from petitions.domain import (
    audit,
    builds,
    bundles,
    destroying,
    names_terms,
    petitions,
    privacy,
    retention,
    reviewing,
    signing,
)
from petitions.domain.bundle_files import write_file
from petitions.domain.case_keys import case_key
from petitions.domain.counting import numbers_of
from petitions.domain.presenting import own_page
from petitions.domain.signatures_shown import Shelf, page_of
from petitions.domain.signing_keys import ensure_signing_key, public_key
from petitions.domain.site import Site
from petitions.errors import BundleRefused, KeysDestroyed, NamesDestroyed, Refused
from petitions.models import (
    Bundle,
    BundleProof,
    CaseKey,
    DataKey,
    Delivery,
    NamesTerm,
    Organiser,
    PetitionState,
    Signature,
)
from tests.domain.cast import Cast, form, publish
from tests.domain.test_bundles import written

BY: dict[str, Any] = {"actor": "organiser 1"}
TERM = timedelta(days=90)
S = PetitionState


@pytest.fixture
def organiser_id(database: SQLAlchemy, now: datetime) -> int:
    made = Organiser(email="d@example.org", fs_uniquifier="d", created_at=now)
    database.session.add(made)
    database.session.flush()
    return made.id


@dataclass(frozen=True)
class Play:
    """All that the longer tests need."""

    database: SQLAlchemy
    site: Site
    cast: Cast
    organiser_id: int


@pytest.fixture
def play(database: SQLAlchemy, site: Site, cast: Cast, organiser_id: int) -> Play:
    return Play(database, site, cast, organiser_id)


def sign(database: SQLAlchemy, site: Site, cast: Cast, now: datetime, *names: str) -> list[int]:
    """Let people sign and confirm; the first wants news."""
    for number, name in enumerate(names):
        typed = form(f"{name.lower()}@example.org", name=name, news=not number)
        signing.sign(site, cast.petition, typed, now)
    ids = list(database.session.execute(select(Signature.id).order_by(Signature.id)).scalars())
    for signature_id in ids[-len(names) :]:
        signing.confirm(cast.petition, signature_id, now)
    return ids


def close(cast: Cast, organiser_id: int, now: datetime) -> None:
    petitions.move(cast.petition, S.CLOSED, now, **BY)
    names_terms.say_all_delivered(cast.petition, organiser_id=organiser_id, now=now, **BY)


def delete_all(database: SQLAlchemy, site: Site, now: datetime, most: int = 500) -> int:
    """Do what the worker does in its turns; return how many turns it took."""
    turns = 1
    while retention.delete_part(site, now, actor="worker", most=most).more:
        turns += 1
        database.session.commit()
    database.session.commit()
    destroying.clear_key_ring(site)
    return turns


# The word of an organiser.


def test_a_term_begins_with_a_word_and_ends_with_another(
    site: Site, cast: Cast, organiser_id: int, now: datetime
) -> None:
    said = {"organiser_id": organiser_id, "now": now, **BY}
    with pytest.raises(Refused, match="not over"):
        names_terms.say_all_delivered(cast.petition, **said)
    petitions.move(cast.petition, S.CLOSED, now, **BY)
    assert names_terms.standing_of(cast.petition, site.terms).due_at is None
    assert names_terms.say_all_delivered(cast.petition, **said)
    assert not names_terms.say_all_delivered(cast.petition, **said)
    assert names_terms.standing_of(cast.petition, site.terms).due_at == now + TERM
    assert names_terms.take_back(cast.petition, now=now, **BY)
    assert not names_terms.take_back(cast.petition, now=now, **BY)
    assert names_terms.standing_of(cast.petition, site.terms).due_at is None
    told = [entry.action for entry in audit.entries()]
    assert told[-2:] == ["all handed over", "all handed over: taken back"]


def test_what_is_handed_over_later_lets_the_term_begin_later(
    database: SQLAlchemy, site: Site, cast: Cast, organiser_id: int, now: datetime
) -> None:
    sign(database, site, cast, now, "Ada")
    [bundle] = bundles.freeze(cast.petition, bundles.recipients_of(cast.petition)[0], now)
    close(cast, organiser_id, now)
    later = now + timedelta(days=20)
    done = {"state": "done", "channel": "post", "outcome": "posted", "recorded_at": later}
    for at in (later, now - timedelta(days=400)):
        database.session.add(Delivery(bundle_id=bundle.id, attempted_at=at, **done))
    database.session.flush()
    assert names_terms.standing_of(cast.petition, site.terms).due_at == later + TERM


def test_names_are_put_off_with_a_reason_and_never_back(
    site: Site, cast: Cast, organiser_id: int, now: datetime
) -> None:
    def put_off(until: date | None, reason: str = "Ada testifies in court") -> datetime:
        return names_terms.put_off(site, cast.petition, until, reason=reason, now=now, **BY)

    with pytest.raises(Refused, match="no term"):
        put_off(now.date())
    close(cast, organiser_id, now)
    day = (now + TERM + timedelta(days=30)).date()
    for until, reason, word in (
        (None, "x", "day needed"),
        (now.date(), "x", "not later"),
        (date(2036, 1, 1), "x", "too far"),
        (day, "", "reason needed"),
    ):
        with pytest.raises(Refused, match=word):
            put_off(until, reason)
    end = put_off(day)
    assert end == cast.petition.end_of(day)
    assert names_terms.standing_of(cast.petition, site.terms).due_at == end
    entry = audit.entries()[-1]
    assert (entry.action, "Ada" in entry.detail) == ("names kept longer", False)
    assert audit.reason_of(entry, site.keyring) == "Ada testifies in court"
    assert destroying.petitions_due(site, end - timedelta(seconds=1)) == []
    assert destroying.petitions_due(site, end) == [cast.petition]


def test_terms_are_the_operators(site: Site, cast: Cast, organiser_id: int, now: datetime) -> None:
    close(cast, organiser_id, now)
    short = replace(site, terms=replace(site.terms, names=timedelta(days=1)))
    assert destroying.petitions_due(short, now + timedelta(days=1)) == [cast.petition]
    assert destroying.petitions_due(site, now + timedelta(days=89)) == []


def test_a_petition_that_opens_again_has_no_term(
    site: Site, cast: Cast, organiser_id: int, now: datetime
) -> None:
    close(cast, organiser_id, now)
    petitions.move(cast.petition, S.OPEN, now, **BY)
    assert names_terms.standing_of(cast.petition, site.terms).said_at is None
    petitions.move(cast.petition, S.CLOSED, now, **BY)
    assert destroying.petitions_due(site, now + timedelta(days=4000)) == []


# Destroying.


def test_when_the_term_is_over_names_go_then_keys_and_what_counts_stays(
    play: Play, now: datetime, tmp_path: Path
) -> None:
    database, site, cast = play.database, play.site, play.cast
    ensure_signing_key(site.keyring)
    ids = sign(database, site, cast, now, "Ada", "Berta", "Clara", "Dora")
    [bundle] = bundles.freeze(cast.petition, bundles.recipients_of(cast.petition)[0], now)
    database.session.commit()
    path = written(site, bundle, tmp_path, now)
    database.session.commit()
    privacy.withdraw(ids[1], now)
    reviewing.set_aside(
        site, cast.petition, ids[2:3], ground="other", reason="Clara?", now=now, **BY
    )
    before = numbers_of(cast.petition.id)
    close(cast, play.organiser_id, now)
    database.session.commit()
    over = now + TERM
    ref = case_key(cast.case.id).ref
    assert delete_all(database, site, over - timedelta(seconds=1)) == 1
    assert database.session.get_one(Signature, ids[0]).holds_person
    due = [(one.what, one.subject, one.number) for one in retention.due(site, over)]
    assert due == [("names", "petition 1", 4), ("keys", "case 1", 1)]
    assert delete_all(database, site, over, most=3) == 2
    assert retention.due(site, over) == []
    database.session.expire_all()
    for row in database.session.execute(select(Signature)).scalars():
        assert not row.holds_person
        assert (row.address_sealed, row.data_key_id, row.news) == (None, None, False)
    assert privacy.signatures_of(site, "ada@example.org") == []
    assert {key.sealed_key for key in database.session.execute(select(DataKey)).scalars()} == {b""}
    proof = database.session.get_one(BundleProof, bundle.id)
    assert (proof.nonce_sealed, bool(proof.commitments)) == (b"", True)
    assert database.session.get_one(CaseKey, cast.case.id).destroyed_at == over
    assert not site.keyring.has_case(ref)
    # What stands.
    assert numbers_of(cast.petition.id) == before
    assert verify_bundle(path, public_key(site.keyring)).signer == "trusted"
    assert audit.first_broken() is None
    told = [(entry.actor, entry.action) for entry in audit.entries()][-2:]
    assert told == [("worker", "names destroyed"), ("worker", "case keys destroyed")]
    assert not any(entry.reason_sealed for entry in audit.entries())


@pytest.fixture
def ended(play: Play, now: datetime) -> list[int]:
    """Signatures of a case whose keys are destroyed."""
    ids = sign(play.database, play.site, play.cast, now, "Ada", "Berta")
    bundles.freeze(play.cast.petition, bundles.recipients_of(play.cast.petition)[0], now)
    close(play.cast, play.organiser_id, now)
    play.database.session.commit()
    delete_all(play.database, play.site, now + TERM)
    return ids


def test_afterwards_all_is_answered_and_nothing_opens(
    play: Play, ended: list[int], now: datetime, tmp_path: Path
) -> None:
    database, site, cast = play.database, play.site, play.cast
    petition, office = cast.petition, bundles.recipients_of(cast.petition)[0]
    assert [line.person for line in page_of(site, petition, Shelf.CONFIRMED).lines] == [None, None]
    [line, _] = own_page(site, ended, ["en"]).lines
    assert (line.name, line.confirmed) == (None, True)
    with pytest.raises(NamesDestroyed):
        petitions.move(petition, S.OPEN, now, **BY)
    database.session.rollback()
    with pytest.raises(BundleRefused, match="destroyed"):
        bundles.freeze(petition, office, now)
    bundle = database.session.execute(select(Bundle)).scalar_one()
    with pytest.raises(KeysDestroyed):
        write_file(site, bundle, tmp_path)
    assert office.addressee.official_id
    with pytest.raises(Refused, match="destroyed"):
        builds.request(
            petition, [office.addressee.official_id], language=None,
            organiser_id=play.organiser_id, now=now,
        )  # fmt: skip
    with pytest.raises(Refused, match="destroyed"):
        names_terms.take_back(petition, now=now, **BY)
    with pytest.raises(Refused, match="destroyed"):
        names_terms.put_off(site, petition, date(2027, 1, 1), reason="x", now=now, **BY)
    privacy.withdraw(ended[0], now)
    assert numbers_of(petition.id).confirmed == 1


def test_a_new_petition_of_such_a_case_cannot_be_opened(
    database: SQLAlchemy, cast: Cast, ended: list[int], now: datetime
) -> None:
    from petitions.models import Petition

    late = Petition(case_id=cast.case.id, slug="late", state=S.DRAFT, created_at=now)
    database.session.add(late)
    database.session.flush()
    with pytest.raises(NamesDestroyed):
        petitions.move(late, S.OPEN, now, **BY)


def test_keys_stay_while_another_petition_of_the_case_is_not_over(
    database: SQLAlchemy, site: Site, cast: Cast, organiser_id: int, now: datetime
) -> None:
    from petitions.models import Petition

    sign(database, site, cast, now, "Ada")
    close(cast, organiser_id, now)
    other = Petition(
        case_id=cast.case.id, slug="other", state=S.CLOSED, created_at=now, published_at=now
    )
    database.session.add(other)
    database.session.commit()
    elsewhere = publish(site, now, slug="boris-c")
    delete_all(database, site, now + TERM)
    assert case_key(cast.case.id).destroyed_at is None
    names_terms.say_all_delivered(other, organiser_id=organiser_id, now=now, **BY)
    delete_all(database, site, now + TERM)
    with pytest.raises(KeysDestroyed):
        case_key(cast.case.id)
    assert case_key(elsewhere.case.id).destroyed_at is None


def test_what_a_killed_worker_left_of_a_key_goes_in_the_next_turn(
    database: SQLAlchemy, site: Site, cast: Cast, organiser_id: int, now: datetime
) -> None:
    close(cast, organiser_id, now)
    retention.delete_part(site, now + TERM, actor="worker")
    database.session.commit()  # and here it is killed
    ref = database.session.get_one(CaseKey, cast.case.id).ref
    assert site.keyring.has_case(ref)
    delete_all(database, site, now + TERM)
    assert not site.keyring.has_case(ref)


def test_who_confirms_after_the_term_is_forgotten_in_the_next_turn(
    database: SQLAlchemy, site: Site, cast: Cast, organiser_id: int, now: datetime
) -> None:
    """Somebody signed in the last hour; names go at once; a link in a mail still confirms."""
    signing.sign(site, cast.petition, form(), now)
    close(cast, organiser_id, now)
    database.session.commit()
    short = replace(site, terms=replace(site.terms, names=timedelta(hours=1)))
    later = now + timedelta(hours=2)
    delete_all(database, short, later)
    row = database.session.execute(select(Signature)).scalar_one()
    assert row.holds_person
    assert case_key(cast.case.id).destroyed_at is None
    signing.confirm(cast.petition, row.id, later)
    database.session.commit()
    delete_all(database, short, later)
    database.session.refresh(row)
    assert not row.holds_person
    with pytest.raises(KeysDestroyed):
        case_key(cast.case.id)


def test_custodians_of_a_sealed_case_hold_nothing_any_more(
    database: SQLAlchemy, site: Site, cast: Cast, organiser_id: int, now: datetime
) -> None:
    from petitions.models import Custodian
    from tests.domain.sealing_cast import sealed

    sealed(site, cast.case.id, now)
    close(cast, organiser_id, now)
    database.session.commit()
    delete_all(database, site, now + TERM)
    held = database.session.execute(select(Custodian.wrapped_key)).scalars().all()
    assert held == [None, None]
    term = database.session.get_one(NamesTerm, cast.petition.id)
    assert term.destroyed_at == now + TERM

"""What a signer may do with their own signature, and what is left of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions.domain import outbox, privacy, signing
from petitions.domain.presenting import proof_of
from petitions.domain.site import Site
from petitions.errors import ShowsMore, TokenExpired
from petitions.models import Appearance, Mail, MailState, Signature, SignatureState
from tests.domain.cast import Cast, form, publish


def one(database: SQLAlchemy) -> Signature:
    return database.session.execute(select(Signature)).scalars().one()


@pytest.fixture
def confirmed(database: SQLAlchemy, site: Site, cast: Cast, now: datetime) -> Signature:
    signing.sign(site, cast.petition, form(news=True), now)
    signature = signing.confirm(cast.petition, one(database).id, now)
    database.session.commit()
    return signature


def test_a_signer_sees_what_is_held(site: Site, confirmed: Signature) -> None:
    own = privacy.own_signature(site, confirmed.id)
    assert own.person is not None
    assert (own.person.name, own.person.place) == ("Ada Lovelace", "London")
    assert "Ada" not in repr(own)


def test_without_the_private_half_the_rest_is_shown(site: Site, confirmed: Signature) -> None:
    from petitions.domain.case_keys import case_key

    site.keyring.destroy_case(case_key(1).ref)
    own = privacy.own_signature(site, confirmed.id)
    assert own.person is None
    assert own.signature.country == "GB"


def test_signatures_are_found_over_all_cases_by_any_spelling(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    other = publish(site, now, slug="boris-c")
    signing.sign(site, cast.petition, form("a.b@gmail.com"), now)
    signing.sign(site, other.petition, form("AB+x@googlemail.com"), now)
    assert len(privacy.signatures_of(site, "ab@gmail.com")) == 2
    assert privacy.signatures_of(site, "somebody@example.org") == []
    keys = [row.lookup for row in database.session.execute(select(Signature)).scalars()]
    assert keys[0] != keys[1]  # not to be joined across cases


def test_showing_less_is_allowed_and_showing_more_refused(confirmed: Signature) -> None:
    privacy.show_less(confirmed.id, Appearance.INITIALS)
    with pytest.raises(ShowsMore):
        privacy.show_less(confirmed.id, Appearance.FULL)
    assert confirmed.appearance is Appearance.INITIALS


def test_withdrawing_wipes_and_frees_the_address(
    database: SQLAlchemy, site: Site, cast: Cast, confirmed: Signature, now: datetime
) -> None:
    privacy.withdraw(confirmed.id, now)
    privacy.withdraw(confirmed.id, now)  # repeating changes nothing
    assert confirmed.state is SignatureState.WITHDRAWN
    assert (confirmed.person_sealed, confirmed.address_sealed, confirmed.lookup) == (None,) * 3
    with pytest.raises(TokenExpired):
        privacy.own_signature(site, confirmed.id)
    signing.sign(site, cast.petition, form(appearance=Appearance.FULL), now)
    states = database.session.execute(select(Signature.state).order_by(Signature.id)).scalars()
    assert list(states) == [SignatureState.WITHDRAWN, SignatureState.PENDING]


def test_not_me_ends_the_signature_and_all_later_mail(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    signing.sign(site, cast.petition, form(), now)
    key = outbox.suppression_key(site, "signer+other@example.org")
    privacy.not_me(one(database).id, key, now)
    privacy.not_me(one(database).id, key, now)
    signing.sign(site, cast.petition, form(), now)
    asked = select(Mail).where(Mail.kind == "signing").order_by(Mail.id)
    mails = database.session.execute(asked).scalars().all()
    assert [(mail.state, mail.outcome) for mail in mails][1] == (MailState.WITHHELD, "suppressed")
    assert mails[1].address_sealed is None


def test_ending_news_wipes_the_address_and_keeps_that_it_was_agreed_to(
    confirmed: Signature, database: SQLAlchemy, now: datetime
) -> None:
    assert confirmed.address_sealed is not None
    for _ in range(2):
        privacy.stop_news(confirmed.id, now)
    database.session.expire_all()
    assert (confirmed.news, confirmed.address_sealed) == (False, None)
    proof = proof_of(confirmed)
    assert (proof.news_agreed, proof.news_ended_at) == (True, now)


def test_consent_is_proved_for_each_purpose(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    later = now + timedelta(minutes=5)
    signing.sign(site, cast.petition, form(news=True), now)
    signing.sign(site, cast.petition, form("other@example.org", news=True), now)
    first, other = database.session.execute(select(Signature.id).order_by(Signature.id)).scalars()
    signing.confirm(cast.petition, first, later)
    declined = proof_of(signing.confirm(cast.petition, other, later, no_news=True))
    proof = proof_of(database.session.get_one(Signature, first))
    assert (proof.text_number, proof.consent_number, proof.language) == (1, 1, "en")
    assert (proof.agreed_at, proof.confirmed_at, proof.verified_by) == (now, later, "e-mail")
    assert proof.words is not None
    assert (proof.words.risk, proof.words.consent, proof.words.news) == ("Risk", "C", "N")
    told = [(one.office, one.embassies_of, one.names_go) for one in proof.offices]
    assert told == [
        ("minister-anna-b", None, True),
        ("agency-anna-b", None, False),
        ("", "UZ", False),
    ]
    assert (proof.news_agreed, proof.news_ended_at) == (True, None)
    assert (declined.news_agreed, declined.news_ended_at) == (False, None)


def test_ending_news_before_confirming_keeps_the_address_until_then(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    signing.sign(site, cast.petition, form(news=True), now)
    privacy.stop_news(one(database).id, now)
    database.session.expire_all()
    assert one(database).address_sealed is not None
    signing.confirm(cast.petition, one(database).id, now)
    assert one(database).address_sealed is None

"""Notices per country: who may write them, what they hold, and what closing a form does."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask_sqlalchemy import SQLAlchemy

from petitions.domain import audit_reading, signing
from petitions.domain.country_notices import (
    LONGEST,
    MOST_COUNTRIES,
    Notice,
    notice_for,
    notices_of,
    save_notice,
)
from petitions.domain.fingerprints import fingerprint
from petitions.domain.presenting import petition_page
from petitions.domain.rights import Right
from petitions.domain.site import Site
from petitions.errors import ChangedMeanwhile, CountryClosed, Refused
from petitions.i18n import countries
from petitions.models import CountryNotice, PetitionState, Signature
from tests.domain.cast import Cast, form

ALL = frozenset(Right)


def save(
    cast: Cast,
    now: datetime,
    text: str = "Listed abroad, you may be asked about it at home.",
    *,
    country: str = "UZ",
    language: str = "en",
    closed: bool = False,
    rights: frozenset[Right] = ALL,
    seen: str = "",
) -> bool:
    new = Notice(country, closed, {language: text})
    return save_notice(cast.petition, new, language, rights=rights, seen=seen, author=1, now=now)


def test_notice_is_kept_by_language_and_written_down(
    database: SQLAlchemy, cast: Cast, now: datetime
) -> None:
    assert save(cast, now)
    assert save(cast, now, "Осторожно.", language="ru")
    assert not save(cast, now, "Осторожно.", language="ru")
    assert notice_for(cast.petition.id, "UZ").texts["ru"] == "Осторожно."
    (newest, _) = audit_reading.page_of(audit_reading.Wanted()).entries
    assert newest.action == "country notice changed"
    assert '"text": "Осторожно."' in newest.detail


def test_notice_without_words_is_none(database: SQLAlchemy, cast: Cast, now: datetime) -> None:
    save(cast, now)
    save(cast, now, "")
    assert notices_of(cast.petition.id) == []
    assert database.session.execute(database.select(CountryNotice)).all() == []


def test_closed_form_takes_nobody_from_there_and_says_so_before_anything_is_stored(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    save(cast, now, closed=True)
    with pytest.raises(CountryClosed):
        signing.sign(site, cast.petition, form(country="UZ"), now)
    assert database.session.execute(database.select(Signature)).all() == []
    signing.sign(site, cast.petition, form(country="GB"), now)
    save(cast, now, closed=False)
    signing.sign(site, cast.petition, form("other@example.org", country="UZ"), now)


def test_pending_signature_is_confirmed_where_the_form_was_closed_since(
    database: SQLAlchemy, site: Site, cast: Cast, now: datetime
) -> None:
    signing.sign(site, cast.petition, form(country="UZ"), now)
    save(cast, now, closed=True)
    (row,) = database.session.execute(database.select(Signature)).scalars()
    assert signing.confirm(cast.petition, row.id, now).confirmed_at == now


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"country": "ZZ"}, "unknown country"),
        ({"text": "a" * (LONGEST + 1)}, "notice too long"),
        ({"text": "", "closed": True}, "closed without a reason"),
        ({"language": "ru", "closed": True}, "closed without a reason"),
        ({"rights": frozenset({Right.WRITE_TEXTS})}, "needs an editor"),
        ({"rights": frozenset({Right.EDIT}), "closed": True}, "needs a publisher"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_notice_against_a_rule_is_refused(
    cast: Cast, now: datetime, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        save(cast, now, **changes)  # type: ignore[arg-type]  # a test's keyword soup
    assert refused.value.reason == reason
    assert notices_of(cast.petition.id) == []


def test_translator_writes_while_it_is_a_draft(
    database: SQLAlchemy, cast: Cast, now: datetime
) -> None:
    cast.petition.state = PetitionState.DRAFT
    assert save(cast, now, rights=frozenset({Right.WRITE_TEXTS}))


def test_somebody_elses_notice_is_not_overwritten_unseen(cast: Cast, now: datetime) -> None:
    seen = fingerprint(notice_for(cast.petition.id, "UZ").values("en"))
    save(cast, now)
    with pytest.raises(ChangedMeanwhile):
        save(cast, now, "Mine.", seen=seen)


def test_page_has_no_more_notices_than_it_can_carry(cast: Cast, now: datetime) -> None:
    for country in countries()[:MOST_COUNTRIES]:
        save(cast, now, country=country)
    with pytest.raises(Refused, match="too many countries"):
        save(cast, now, country="UZ")


def test_reader_gets_the_notice_in_their_language_or_the_source(cast: Cast, now: datetime) -> None:
    save(cast, now, "Beware.")
    save(cast, now, "Осторожно.", language="ru")
    page = petition_page(cast.petition, cast.case, ["ru"], now, country="UZ")
    assert page.notice is not None
    # The page is in English, the only language it can be signed in: so is what stands beside it.
    assert (page.words.language, page.notice.text) == ("en", "Beware.")
    assert petition_page(cast.petition, cast.case, ["en"], now, country="GB").notice is None


@pytest.mark.parametrize(
    ("country", "expected"), [("UZ", True), ("GB", False), (None, False)]
)  # the text is in English, which is no official language of Uzbekistan
def test_only_counting_comes_first_in_a_state_addressed(
    cast: Cast, now: datetime, country: str | None, *, expected: bool
) -> None:
    page = petition_page(cast.petition, cast.case, ["en"], now, country=country)
    assert page.counted_first is expected

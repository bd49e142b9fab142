"""Letters that signers write: asked for when, in which languages, to whom; and what is reported."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from petitions.domain.appeals import (
    OWN,
    LetterChannel,
    addressee_named,
    letter_languages,
    newest_text,
    report,
    takes_letters,
)
from petitions.domain.counting import numbers_of
from petitions.domain.presenting.letters import letter_page, letters_page
from petitions.errors import NotFound, PetitionClosed, Refused
from petitions.extensions import db
from petitions.models import (
    AfterDeadline,
    Appeal,
    LetterLanguage,
    Official,
    PetitionState,
    TextVersion,
)
from tests.domain.cast import Cast, embassy, publish

MINISTER = "minister-anna-b"


def offer(cast: Cast, *languages: str) -> None:
    """Let the organiser name exactly these letter languages."""
    for row in db.session.execute(select(LetterLanguage)).scalars().all():
        db.session.delete(row)
    db.session.flush()
    for position, language in enumerate(languages):
        db.session.add(
            LetterLanguage(petition_id=cast.petition.id, language=language, position=position)
        )
    db.session.flush()


@pytest.mark.parametrize("state", [state for state in PetitionState if state != "open"])
def test_letters_are_asked_for_while_the_petition_is_open(
    cast: Cast, now: datetime, state: PetitionState
) -> None:
    assert takes_letters(cast.petition, now)
    cast.petition.stop_reason = "She is free."
    cast.petition.state = state
    assert not takes_letters(cast.petition, now)
    with pytest.raises(PetitionClosed):
        report(cast.petition, MINISTER, "post", "en", now)


@pytest.mark.parametrize("rule", AfterDeadline)
def test_after_the_last_day_the_petition_s_rule_decides(
    site: Any, database: object, now: datetime, rule: AfterDeadline
) -> None:
    yesterday = now.date() - timedelta(days=1)
    petition = publish(site, now, deadline_on=yesterday, after_deadline=rule).petition
    assert takes_letters(petition, now) is (rule is not AfterDeadline.CLOSE)
    assert takes_letters(petition, now - timedelta(days=1))


@pytest.mark.parametrize(
    ("named", "complete", "offered"),
    [
        (["ru", "en"], ["en", "ru"], ("ru", "en")),
        (["ru"], ["en", "ru"], ("ru",)),
        (["ru", OWN], ["en", "fr", "ru"], ("ru", "en", "fr", OWN)),
        ([OWN], [], (OWN,)),
        (["ru"], ["en"], ("en",)),
        ([], ["fr", "en"], ("en", "fr")),
        (["ru"], [], (OWN,)),
    ],
)
def test_languages_are_those_named_that_exist_and_never_none(
    cast: Cast, named: list[str], complete: list[str], offered: tuple[str, ...]
) -> None:
    offer(cast, *named)
    assert letter_languages(cast.petition.id, complete) == offered


def test_draft_of_the_text_is_not_what_signers_write(cast: Cast, now: datetime) -> None:
    db.session.add(TextVersion(petition_id=cast.petition.id, number=2, created_at=now))
    db.session.flush()
    assert newest_text(cast.petition.id) == cast.text.id


def test_letters_go_to_named_officials_and_to_embassies_of_the_rule_alone(cast: Cast) -> None:
    embassy("uz-paris", "FR")
    embassy("ru-paris", "FR", represents="RU")
    assert addressee_named(cast.petition, MINISTER).addressee == cast.minister
    assert addressee_named(cast.petition, "uz-paris").addressee == cast.embassies
    for slug in ("ru-paris", "nobody", ""):
        with pytest.raises(NotFound):
            addressee_named(cast.petition, slug)


def test_embassy_that_is_named_for_itself_is_that_addressee(cast: Cast) -> None:
    paris = embassy("uz-paris", "FR")
    cast.border_agency.official_id = paris.id
    assert addressee_named(cast.petition, "uz-paris").addressee == cast.border_agency


def test_embassies_shown_are_those_accredited_to_the_country(cast: Cast, now: datetime) -> None:
    embassy("uz-paris", "FR", "MC")
    embassy("uz-berlin", "DE")

    def shown(country: str | None) -> list[list[str]]:
        page = letters_page(cast.petition, cast.case, ["en"], now, country=country)
        return [[one.slug for one in found.officials] for found in page.embassies]

    assert shown("MC") == [["uz-paris"]]
    assert shown("IS") == [[]]
    assert shown(None) == []


def test_letter_is_in_a_language_that_its_writer_reads(cast: Cast, now: datetime) -> None:
    offer(cast, "en", OWN)

    def page(*wishes: str, language: str | None = None) -> Any:
        return letter_page(cast.petition, cast.case, MINISTER, wishes, now, language=language)

    assert page("en").language == page("fr").language == page("fr", language="xx").language == "en"
    own = page("fr", language=OWN)
    assert own.model is None
    assert own.notes.language == "en"
    assert own.salutations == (("en", "Dear Minister"),)
    assert page("en").model.text == (
        "Dear Minister\n\nAnna B is reported missing.\n\nI urge you to say where she is"
        "\n\nYours sincerely"
    )


def test_what_is_reported_holds_office_way_language_and_day_alone(
    cast: Cast, now: datetime
) -> None:
    late = now.replace(hour=22)  # past midnight in Moscow
    for channel in LetterChannel:
        report(cast.petition, MINISTER, channel, "en", late)
    rows = db.session.execute(select(Appeal).order_by(Appeal.id)).scalars().all()
    assert [row.channel for row in rows] == ["post", "fax", "e-mail", "web form"]
    official = db.session.execute(select(Official).where(Official.slug == MINISTER)).scalar_one()
    assert {(row.official_id, row.language, row.reported_on) for row in rows} == {
        (official.id, "en", date(2026, 3, 15))
    }
    assert set(Appeal.__table__.columns.keys()) == {
        "id", "petition_id", "official_id", "channel", "language", "reported_on"
    }  # fmt: skip
    numbers = numbers_of(cast.petition.id)
    assert (numbers.appeals, numbers.confirmed) == (4, 0)


@pytest.mark.parametrize(
    ("channel", "language", "reason"),
    [
        ("", "en", "no channel"),
        ("pigeon", "en", "no channel"),
        ("post", "xx", "no such language"),
        ("post", "x" * 50, "no such language"),
    ],
)
def test_report_that_no_page_of_ours_sends_is_refused(
    cast: Cast, now: datetime, channel: str, language: str, reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        report(cast.petition, MINISTER, channel, language, now)
    assert db.session.execute(select(func.count()).select_from(Appeal)).scalar_one() == 0


def test_report_to_an_official_of_another_petition_is_refused(
    cast: Cast, site: Any, now: datetime
) -> None:
    other = publish(site, now, slug="other")
    with pytest.raises(NotFound):
        report(other.petition, MINISTER, "post", "en", now)

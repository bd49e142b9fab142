"""News to signers: written, counted, started; and whom it reaches."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from petitions.domain import case_hiding, news, news_sending, organiser_mail, privacy, reviewing
from petitions.domain.fingerprints import fingerprint
from petitions.domain.news_audience import LeftOut, audience_of
from petitions.domain.site import Site
from petitions.errors import ChangedMeanwhile, NotFound, Refused
from petitions.models import (
    AuditEntry,
    CaseUpdate,
    Mail,
    MailState,
    News,
    NewsState,
    NewsText,
    Organisation,
    Organiser,
    PetitionState,
    UpdateKind,
    UpdateText,
)
from tests.domain.cast import Cast
from tests.newsroom import drafted, mails_of, organiser, reader, started


@pytest.fixture
def author(database: SQLAlchemy, now: datetime) -> Organiser:
    return organiser(now)


def refused(news_id: int, author: Organiser, now: datetime, seen: str = "") -> str:
    """The reason why news does not start."""
    with pytest.raises(Refused) as refusal:
        news_sending.start(news_id, seen=seen, organiser=author, now=now)
    return refusal.value.reason


def test_audience_is_told_by_language_and_everybody_else_by_reason(
    *, database: SQLAlchemy, site: Site, cast: Cast, author: Organiser, now: datetime
) -> None:
    petition = cast.petition
    for who in ("a", "b"):
        reader(site, petition, who, now)
    reader(site, petition, "c", now, language="ru")
    reader(site, petition, "d", now, language="ky")
    reader(site, petition, "plain", now, news=False)
    reader(site, petition, "pending", now, confirms=False)
    gone = reader(site, petition, "gone", now)
    aside = reader(site, petition, "aside", now)
    left = reader(site, petition, "left", now)
    privacy.withdraw(gone.id, now)
    privacy.stop_news(left.id, now)
    reviewing.set_aside(
        site, petition, [aside.id], ground="automatic", reason="bot", actor="organiser 1", now=now
    )
    database.session.commit()
    one = drafted(petition, author, now, fallback="en", en="Home", ru="Дома")
    found = audience_of(one)
    assert {(p.language, p.text_language, p.number) for p in found.parts} == {
        ("en", "en", 2), ("ru", "ru", 1), ("ky", "en", 1),
    }  # fmt: skip
    assert found.number == 4
    assert found.left_out == {
        LeftOut.NOT_ASKED: 1, LeftOut.PENDING: 1, LeftOut.WITHDRAWN: 1, LeftOut.ENDED: 1,
        LeftOut.SET_ASIDE: 1,
    }  # fmt: skip
    one.fallback_language = None
    assert audience_of(one).left_out[LeftOut.NO_TEXT] == 1
    total = sum(audience_of(one).left_out.values()) + audience_of(one).number
    assert total == 9, "everybody who ever signed stands in one number"


def test_news_may_begin_with_the_words_of_a_published_update(
    *, database: SQLAlchemy, cast: Cast, author: Organiser, now: datetime
) -> None:
    case_id = cast.case.id
    told = CaseUpdate(
        case_id=case_id, position=1, kind=UpdateKind.INITIAL, published_at=now, written_by=[7]
    )
    draft = CaseUpdate(case_id=case_id, position=2, kind=UpdateKind.OUTCOME, written_by=[])
    database.session.add_all([told, draft])
    database.session.flush()
    for language in ("en", "ru"):
        database.session.add(
            UpdateText(update_id=told.id, language=language, title=language, text="Text.")
        )
    database.session.commit()
    begun = news.begin(cast.petition, author, now, told.id)
    assert {tag: text.title for tag, text in news.texts_of(begun.id).items()} == {
        "en": "en", "ru": "ru",
    }  # fmt: skip
    assert begun.written_by == [7], "whoever wrote the update wrote the news"
    with pytest.raises(NotFound):
        news.begin(cast.petition, author, now, draft.id)


def test_start_needs_a_text_that_was_looked_at_and_somebody_who_wants_it(
    *, database: SQLAlchemy, site: Site, cast: Cast, author: Organiser, now: datetime
) -> None:
    empty = news.begin(cast.petition, author, now)
    assert refused(empty.id, author, now) == "nothing written"
    one = drafted(cast.petition, author, now, en="Home")
    assert refused(one.id, author, now) == "nobody wants it"
    reader(site, cast.petition, "a", now)
    with pytest.raises(ChangedMeanwhile):
        news_sending.start(one.id, seen="other words", organiser=author, now=now)
    seen = fingerprint(news.shown_texts(one.id))
    assert news_sending.start(one.id, seen=seen, organiser=author, now=now).state == "sending"
    database.session.commit()
    assert refused(one.id, author, now, seen) == "sent already"
    other = drafted(cast.petition, author, now, en="Again")
    assert refused(other.id, author, now) == "another goes out"
    with pytest.raises(Refused):
        news.write_text(one.id, "en", title="Other", text="T", seen="", organiser=author, now=now)
    actions = set(database.session.execute(select(AuditEntry.action)).scalars())
    assert {"news begun", "news written", "news started"} <= actions


def test_who_wrote_news_may_not_send_it_where_the_organisation_says_so(
    *, database: SQLAlchemy, site: Site, cast: Cast, author: Organiser, now: datetime
) -> None:
    reader(site, cast.petition, "a", now)
    one = drafted(cast.petition, author, now, en="Home")
    database.session.get_one(Organisation, 1).authors_publish = False
    database.session.commit()
    assert refused(one.id, author, now) == "own text"
    other = organiser(now, 2)
    assert news_sending.start(one.id, seen="", organiser=other, now=now).started_by == other.id


def test_news_of_a_draft_or_a_hidden_case_does_not_go_out(
    *, database: SQLAlchemy, site: Site, cast: Cast, author: Organiser, now: datetime
) -> None:
    reader(site, cast.petition, "a", now)
    one = drafted(cast.petition, author, now, en="Home")
    case_hiding.hide(cast.case.id, "in danger", "organiser 1", now, site.keyring)
    assert refused(one.id, author, now) == "hidden"
    cast.petition.state = PetitionState.DRAFT
    database.session.flush()
    with pytest.raises(Refused, match="not published"):
        news.begin(cast.petition, author, now)


def test_text_without_words_is_taken_out_and_half_a_text_is_refused(
    *, database: SQLAlchemy, cast: Cast, author: Organiser, now: datetime
) -> None:
    one = drafted(cast.petition, author, now, en="Home", ru="Дома")

    def write(title: str, text: str) -> None:
        news.write_text(one.id, "en", title=title, text=text, seen="", organiser=author, now=now)

    with pytest.raises(Refused, match="no text"):
        write("Title", "")
    with pytest.raises(Refused, match="no title"):
        write("", "Text")
    write("", "")
    assert list(news.texts_of(one.id)) == ["ru"]
    assert one.fallback_language is None, "nobody gets a text that is gone"


def test_pace_may_be_changed_while_it_goes_out_and_is_held_to_its_bounds(
    *, site: Site, cast: Cast, author: Organiser, now: datetime
) -> None:
    reader(site, cast.petition, "a", now)
    one = started(cast.petition, author, now)
    by = {"actor": "organiser 1", "now": now}
    news.set_up(one.id, per_hour=60, fallback_language=None, **by)
    assert (one.per_hour, one.fallback_language) == (60, "en"), "who gets it is settled"
    for pace in (0, 100_001):
        with pytest.raises(Refused, match="pace"):
            news.set_up(one.id, per_hour=pace, fallback_language="en", **by)


def test_discarded_draft_leaves_nothing_but_its_trace(
    *, database: SQLAlchemy, site: Site, cast: Cast, author: Organiser, now: datetime
) -> None:
    one = drafted(cast.petition, author, now, en="Home")
    organiser_mail.try_news(site, one, author, "en", now)
    news.discard(one.id, "organiser 1", now)
    database.session.commit()
    for table in (News, NewsText):
        assert database.session.execute(select(func.count()).select_from(table)).scalar() == 0
    mail = database.session.execute(select(Mail)).scalar_one()
    assert (mail.state, mail.address_sealed) == (MailState.CANCELLED, None)
    reader(site, cast.petition, "a", now)
    sent = started(cast.petition, author, now)
    with pytest.raises(Refused, match="sent already"):
        news.discard(sent.id, "organiser 1", now)


def test_database_itself_holds_each_signature_to_one_mail_of_each_news(
    *, database: SQLAlchemy, site: Site, cast: Cast, author: Organiser, now: datetime
) -> None:
    row = reader(site, cast.petition, "a", now)
    one = started(cast.petition, author, now)
    values = {
        "kind": "news", "state": "sent", "petition_id": cast.petition.id, "signature_id": row.id,
        "news_id": one.id, "language": "en", "created_at": now, "not_before": now,
        "attempts": 1, "final_at": now,
    }  # fmt: skip
    database.session.execute(insert(Mail).values(message_id="<1@x>", **values))
    with pytest.raises(IntegrityError):
        database.session.execute(insert(Mail).values(message_id="<2@x>", **values))


def test_stop_cancels_what_waits_and_is_for_good(
    *, database: SQLAlchemy, site: Site, cast: Cast, author: Organiser, now: datetime
) -> None:
    from petitions.worker.news import feed_once

    for who in "abc":
        reader(site, cast.petition, who, now)
    one = started(cast.petition, author, now)
    feed_once(site, one.id, now + timedelta(seconds=2))
    assert [mail.state for mail in mails_of(one)] == ["waiting", "waiting"]
    news_sending.stop(one.id, "organiser 1", now)
    database.session.commit()
    assert [(m.state, m.address_sealed) for m in mails_of(one)] == [("cancelled", None)] * 2
    assert not feed_once(site, one.id, now + timedelta(hours=2))
    with pytest.raises(Refused, match="not paused"):
        news_sending.resume(one.id, "organiser 1", now)
    assert news_sending.stop(one.id, "organiser 1", now).state is NewsState.STOPPED

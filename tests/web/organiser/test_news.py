"""The console's pages of news, from an empty page to the report."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from petitions import clock
from petitions.domain import news_sending
from petitions.models import AuditEntry, Mail, MailState, News, NewsState, Organisation, Role
from petitions.web.organiser.mailing import child
from petitions.worker.news import feed_once
from tests.domain.cast import Cast, publish
from tests.domain.sealing_cast import MAJA, sealed
from tests.newsroom import reader
from tests.web.organiser.conftest import OrganisersClient

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

SignedIn = Callable[..., OrganisersClient]


@pytest.fixture
def cast(database: SQLAlchemy, site: Any) -> Cast:
    made = publish(site, clock.now())
    database.session.commit()
    for who in ("a", "b"):
        reader(site, made.petition, who, clock.now())
    reader(site, made.petition, "c", clock.now(), language="ru")
    reader(site, made.petition, "d", clock.now(), news=False)
    return made


def begun(client: OrganisersClient, cast: Cast, **texts: str) -> str:
    """Write news in some languages; return the address of its page."""
    answer = client.post_form(f"/organiser/news/new/{cast.petition.id}")
    assert answer.status_code == 303
    url = answer.location.partition("/text/")[0]
    for language, title in texts.items():
        page = client.get(f"{url}/text/{language}")
        answer = client.post_form(
            f"{url}/text/{language}",
            {"title": title, "text": f"{title}. *All* of it.", "seen": seen_in(page.text)},
        )
        assert answer.location == url
    return url


def seen_in(html: str) -> str:
    return html.split('name="seen" type="hidden" value="')[1].split('"', maxsplit=1)[0]


def start(client: OrganisersClient, url: str) -> Any:
    page = client.get(url).text
    seen = page.split('name="seen" value="')[1].split('"')[0]
    return client.post_form(f"{url}/start", {"seen": seen})


def state(database: SQLAlchemy) -> NewsState:
    database.session.rollback()
    return database.session.execute(select(News.state)).scalar_one()


def test_news_is_written_previewed_tried_and_sent(
    signed_in: SignedIn, cast: Cast, database: SQLAlchemy, site: Any
) -> None:
    client = signed_in(Role.CAMPAIGNER)
    assert "Write news" in client.get("/organiser/news/").text
    url = begun(client, cast, en="Anna is home", ru="Анна дома")
    page = client.get(url).text
    assert "3 signers will get it." in page
    assert "did not ask for news" in page
    preview = client.get(f"{url}/preview/ru").text
    assert "Watch: есть новости" in preview
    assert "Анна дома" in preview
    mail = preview.split('id="page"')[0]
    assert "Анна" not in mail.split("<h2")[1], "the mail names nobody"
    client.post_form(f"{url}/try", {"language": "ru", "from": "preview"})
    tried = database.session.execute(select(Mail).where(Mail.organiser_id.is_not(None)))
    assert [mail.language for mail in tried.scalars()] == ["ru"]
    assert client.post_form(f"{url}/try", {"language": "xx"}).status_code == 404
    assert start(client, url).status_code == 303
    sending = client.get(url)
    assert "going out" in sending.text
    assert sending.headers["Refresh"] == "5"
    assert "Anna is home" in sending.text
    actions = list(database.session.execute(select(AuditEntry.action)).scalars())
    assert actions[-1] == "news started"


def test_words_that_changed_since_they_were_looked_at_do_not_go_out(
    signed_in: SignedIn, cast: Cast, database: SQLAlchemy
) -> None:
    client, other = signed_in(Role.CAMPAIGNER), signed_in(Role.CAMPAIGNER)
    url = begun(client, cast, en="Anna is home")
    page = client.get(url).text
    seen = page.split('name="seen" value="')[1].split('"')[0]
    text = other.get(f"{url}/text/en").text
    other.post_form(f"{url}/text/en", {"title": "Other", "text": "T", "seen": seen_in(text)})
    client.post_form(f"{url}/start", {"seen": seen})
    assert "changed it meanwhile" in client.get(url).text
    client.post_form(f"{url}/start")
    assert state(database) is NewsState.DRAFT, "who saw nothing sends nothing"
    old = client.post_form(f"{url}/text/en", {"title": "Mine", "text": "M", "seen": seen_in(text)})
    assert old.status_code == 409
    assert "Other" in old.text
    assert "Mine" in old.text


def test_half_a_text_and_a_wild_pace_are_refused_beside_their_fields(
    signed_in: SignedIn, cast: Cast
) -> None:
    client = signed_in(Role.CAMPAIGNER)
    url = begun(client, cast, en="Anna is home")
    seen = seen_in(client.get(f"{url}/text/fr").text)
    half = client.post_form(f"{url}/text/fr", {"title": "Titre", "text": "", "seen": seen})
    assert half.status_code == 422
    assert "Write a text." in half.text
    for pace in ("0", "many", "1000000"):
        wild = client.post_form(f"{url}/set-up", {"per_hour": pace, "fallback_language": "en"})
        assert wild.status_code == 422
        assert "Between 1 and 100,000" in wild.text
    gone = client.post_form(f"{url}/set-up", {"per_hour": "60", "fallback_language": "de"})
    assert gone.status_code == 422
    client.post_form(f"{url}/set-up", {"per_hour": "1", "fallback_language": ""})
    page = client.get(url).text
    assert "2 signers will get it." in page
    assert "have a language in which nothing is written" in page
    assert "about 2 hours" in page
    assert client.get(f"{url}/write?tag=ky").location == f"{url}/text/ky"
    assert client.get(f"{url}/write?tag=nonsense").location == url


def test_pause_go_on_stop_and_the_report(
    signed_in: SignedIn, cast: Cast, database: SQLAlchemy, site: Any
) -> None:
    client = signed_in(Role.CAMPAIGNER)
    url = begun(client, cast, en="Anna is home")
    client.post_form(f"{url}/set-up", {"per_hour": "60", "fallback_language": "en"})
    start(client, url)
    number = int(url.rpartition("/")[2])
    database.session.rollback()
    assert feed_once(site, number, clock.now().replace(year=2030))
    client.post_form(f"{url}/pause")
    page = client.get(url).text
    assert "paused" in page
    assert "in the outbox" in page
    client.post_form(f"{url}/pause")
    assert "does not go out now" in client.get(url).text
    client.post_form(f"{url}/resume")
    assert state(database) is not NewsState.PAUSED
    assert "Stop this news for good?" in client.get(f"{url}/stop").text
    client.post_form(f"{url}/stop")
    assert state(database) is NewsState.STOPPED
    ended = database.session.execute(select(Mail.state).where(Mail.news_id == number))
    assert set(ended.scalars()) == {MailState.CANCELLED}
    assert "not sent: the news was stopped" in client.get(url).text
    assert "stopped" in client.get("/organiser/news/").text


def test_draft_is_thrown_away_after_a_question(signed_in: SignedIn, cast: Cast) -> None:
    client = signed_in(Role.CAMPAIGNER)
    url = begun(client, cast, en="Anna is home")
    assert "Throw this draft away?" in client.get(f"{url}/discard").text
    assert client.post_form(f"{url}/discard").location == "/organiser/news/"
    assert client.get(url).status_code == 404


def test_who_may_only_write_neither_sends_nor_pauses(
    signed_in: SignedIn, cast: Cast, database: SQLAlchemy
) -> None:
    writer = signed_in(Role.TRANSLATOR)
    url = begun(writer, cast, en="Anna is home")
    page = writer.get(url).text
    assert "Send it to" not in page
    assert writer.post_form(f"{url}/start").status_code == 403
    database.session.get_one(Organisation, 1).authors_publish = False
    database.session.commit()
    both = signed_in(Role.CAMPAIGNER)
    own = begun(both, cast, en="Mine")
    start(both, own)
    assert "You wrote it yourself" in both.get(own).text
    assert start(both, url).status_code == 303
    assert database.session.get_one(News, int(url.rpartition("/")[2])).state == "sending"


def test_sealed_case_asks_for_a_passphrase_and_hands_the_key_to_a_process(
    signed_in: SignedIn,
    cast: Cast,
    database: SQLAlchemy,
    site: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handed: list[Any] = []
    monkeypatch.setattr(child, "start", lambda _app, given: handed.append(given))
    client = signed_in(Role.CAMPAIGNER)
    url = begun(client, cast, en="Anna is home")
    sealed(site, cast.case.id, clock.now())
    start(client, url)
    assert state(database) is NewsState.PAUSED
    assert "Unlock the case and go on" in client.get(url).text
    wrong = client.post_form(f"{url}/resume", {"unlocking_password": "wrong horse battery"})
    assert wrong.status_code == 422
    assert "passphrase of no custodian" in wrong.text
    client.post_form(f"{url}/resume", {"unlocking_password": MAJA})
    assert state(database) is NewsState.SENDING
    [given] = handed
    assert MAJA not in client.get(url).text
    told = {
        row.action: row.detail for row in database.session.execute(select(AuditEntry)).scalars()
    }
    assert f'"for": "news {given.news_id}"' in told["case unlocked"]
    child._end(client.application, given.news_id, given.worker)
    database.session.rollback()
    news = database.session.get_one(News, given.news_id)
    assert (news.state, news.paused_because) == (NewsState.PAUSED, news_sending.INTERRUPTED)
    assert "The process that had the key is gone" in client.get(url).text

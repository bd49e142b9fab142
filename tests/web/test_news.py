"""News behind the link in a mail: for a week, for nobody's eyes in particular, hidden at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from petitions.logs import masked
from petitions.models import News, NewsState, NewsText
from tests.pages import CheckingClient
from tests.web.conftest import Loaded

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

Signed = Callable[..., Any]
Link = Callable[..., str]


def test_news_stands_in_the_readers_language_with_its_petition(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded, signed: Signed, link: Link
) -> None:
    url = link("news", signed())
    database.session.add(NewsText(news_id=1, language="ru", title="Его видели", text="Жив."))
    database.session.commit()
    english = client.get(url)
    assert english.status_code == 200
    assert "<h1>Mirsobir is seen</h1>" in english.text
    assert "seen</em>" in english.text
    assert "More (https://elsewhere.example/x)" in english.text, "written out, not linked"
    assert 'href="https://elsewhere' not in english.text
    assert "Его видели" in client.get(f"{url}?lang=ru").text
    assert client.get(f"{url}?lang=uz").status_code == 200
    assert client.post(url).status_code == 405


def test_news_that_is_old_stopped_or_gone_is_not_shown(
    *,
    client: CheckingClient,
    database: SQLAlchemy,
    loaded: Loaded,
    signed: Signed,
    link: Link,
    now: Any,
) -> None:
    row = signed()
    url = link("news", row)
    assert client.get(link("news", row, now - timedelta(days=8))).status_code == 410
    news = database.session.get_one(News, 1)
    news.state, news.started_at, news.finished_at = NewsState.STOPPED, now, now
    database.session.commit()
    gone = client.get(url)
    assert gone.status_code == 410
    assert "Mirsobir" not in gone.text
    assert client.get("/news/nonsense").status_code == 404
    token = link("unsubscribe", row).rpartition("/")[2]
    assert client.get(f"/news/{token}").status_code == 404, "another purpose's token"


def test_link_is_masked_in_logs_and_pages_of_the_console_are_not() -> None:
    line = 'GET /news/WzFd.abc.def?lang=ru "-" /organiser/news/17/start'
    assert masked(line) == 'GET /news/[token]?lang=ru "-" /organiser/news/17/start'

"""Kept pages: the same as the house makes them, for as long as they may be shown and no longer."""

from __future__ import annotations

import gzip
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from petitions import create_app
from petitions.domain import case_hiding
from petitions.extensions import db
from petitions.models import AfterDeadline, Petition, PetitionState
from petitions.web.page_cache import layer, page_cache_of, wanted
from tests.web.conftest import OPEN, PAST, Loaded, only_sqlite, stamp_in
from tests.web.guarded import assert_guarded
from tests.web.proved import BUNDLE, publish_a_proof
from tests.web.test_headers import KEPT_BY_CACHES

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

    from petitions.config import Settings

PAGE = f"/petitions/{OPEN}"


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at

    def pass_by(self, seconds: float) -> None:
        self.at += seconds


def another(settings: Settings, clock: Clock | None = None, **changes: Any) -> Flask:
    """One more process's application on the same database, with kept pages."""
    made = create_app(replace(settings, page_cache_mb=8, **changes))
    cache = page_cache_of(made)
    assert cache is not None
    if clock is not None:
        cache._watch.seconds = clock
    return made


def close(app: Flask) -> None:
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def passing() -> Clock:
    return Clock()


@pytest.fixture
def keeping(settings: Settings, loaded: Loaded, passing: Clock) -> Iterator[Flask]:
    made = another(settings, passing)
    yield made
    close(made)


@pytest.fixture
def made(keeping: Flask) -> Iterator[list[str]]:
    """The addresses that the house behind was asked for."""
    asked: list[str] = []

    @keeping.before_request
    def note() -> None:
        from flask import request

        asked.append(request.full_path.rstrip("?"))

    return asked


def get(app: Flask, address: str, method: str = "GET", **headers: str) -> Any:
    with app.app_context():
        answer = FlaskClient(app).open(address, method=method, headers=headers)
        answer.get_data()
    answer.close()
    return answer


def test_page_is_made_once_and_given_to_all(keeping: Flask, made: list[str]) -> None:
    first = get(keeping, PAGE)
    others = [get(keeping, PAGE) for _ in range(5)]
    assert made == [PAGE]
    assert {answer.data for answer in others} == {first.data}
    assert stamp_in(first.text)


def test_kept_answers_differ_in_nothing_that_guards(
    *, keeping: Flask, app: Flask, pictured: int, database: SQLAlchemy, site: Any, now: Any
) -> None:
    """Each page for caches, as the house makes it and as it is kept: bytes and headers."""
    publish_a_proof(database, site, now)
    database.session.commit()
    values = {
        "petition": OPEN, "case": OPEN, "position": 1, "width": 320,
        "filename": "site.css", "key": "nothing", "bundle": BUNDLE,
        "official": "ru-investigation-committee-chairman",
    }  # fmt: skip
    walked = set()
    for rule in keeping.url_map.iter_rules():
        if rule.endpoint not in KEPT_BY_CACHES:
            continue
        with keeping.test_request_context():
            address = keeping.url_for(rule.endpoint, **{a: values[a] for a in rule.arguments})
        plain = get(app, address)
        for _ in range(2):
            kept = get(keeping, address)
            assert kept.status_code == plain.status_code == 200, address
            assert kept.data == plain.data, address
            framed = rule.endpoint == "reading.embed"
            shared = framed or rule.endpoint.startswith("api.")
            assert_guarded(kept.headers, address, framed=framed, shared=shared)
            own = {"ETag", "Vary", "Content-Length", "Last-Modified", "Date"}
            for name, value in plain.headers.items():
                assert name in own or kept.headers.getlist(name) == [value], (address, name)
            asked = {part.strip() for part in plain.headers.get("Vary", "").split(",") if part}
            given = {part.strip() for part in kept.headers["Vary"].split(",")}
            assert given == asked, address
            assert "Accept-Encoding" in given, address
        walked.add(rule.endpoint)
    assert walked == KEPT_BY_CACHES


def test_nothing_private_is_kept(
    keeping: Flask, made: list[str], signed: Callable[..., Any], link: Callable[..., str]
) -> None:
    private = [
        link("confirm", signed()),
        f"{PAGE}/check-your-email",
        "/healthz",
        "/organiser/login",
    ]
    for address in private * 2:
        assert get(keeping, address).headers["Cache-Control"] == "no-store"
    assert sorted(made) == sorted(private * 2)
    cache = page_cache_of(keeping)
    assert cache is not None
    assert not cache._shelf
    assert not cache._reader._wanted, "addresses with tokens are not remembered"


def test_cookies_and_networks_of_a_reader_do_not_reach_the_page(keeping: Flask) -> None:
    seen: list[dict[str, Any]] = []

    @keeping.before_request
    def note() -> None:
        from flask import request

        seen.append(dict(request.environ))

    get(keeping, PAGE, Cookie="session=x", Referer="https://elsewhere.example/", X_A="b")
    assert {name for name in seen[0] if name.startswith("HTTP_")} == {"HTTP_HOST"}
    assert "REMOTE_ADDR" not in seen[0]


# Languages and countries.


@pytest.mark.parametrize("page", ["/", PAGE, f"/cases/{OPEN}", f"/embed/{OPEN}", f"{PAGE}/letters"])
def test_each_reader_gets_their_languages(keeping: Flask, app: Flask, page: str) -> None:
    for _ in range(2):
        for wishes in (
            "",
            "ru",
            "uz,ru;q=0.5",
            "de, en;q=0.7",
            "de",
            "RU-ru,ru;q=0.9",
            "*",
            "ar;q=0",
        ):
            plain = get(app, page, **{"Accept-Language": wishes})
            kept = get(keeping, page, **{"Accept-Language": wishes})
            assert kept.text == plain.text, wishes
            assert "Accept-Language" in kept.headers["Vary"]
        for query in ("?lang=ru", "?lang=xx", "?lang=ru&country=UZ", "?country=UZ", "?country=XX"):
            kept = get(keeping, page + query)
            assert kept.text == get(app, page + query).text, query
            assert ("Accept-Language" in kept.headers["Vary"]) is ("lang" not in query)


def test_wishes_for_what_nobody_offers_make_no_further_page(
    keeping: Flask, made: list[str]
) -> None:
    get(keeping, PAGE)
    made.clear()
    for wishes in ("ru", "ru;q=0.9", "RU", "ru, de;q=0.3", "ru,xx-YY;q=0.2,tlh"):
        get(keeping, PAGE, **{"Accept-Language": wishes})
    assert len(made) == 1


def test_what_is_added_to_an_address_makes_no_further_page(keeping: Flask, made: list[str]) -> None:
    first = get(keeping, PAGE)
    for added in ("?utm_source=x", "?fbclid=1234", "?a=b&c=d", "?v=3"):
        assert get(keeping, PAGE + added).data == first.data
    assert made == [PAGE]


def test_made_up_languages_and_countries_fill_no_memory(keeping: Flask) -> None:
    get(keeping, PAGE)
    cache = page_cache_of(keeping)
    assert cache is not None
    before = len(cache._shelf)
    for odd in ("lang=xx", "lang=RU", "country=XX", "country=uz", "lang=ru&country=%00"):
        assert get(keeping, f"{PAGE}?{odd}").status_code == 200
    assert len(cache._shelf) == before


def test_public_pages_read_nothing_else_of_an_address() -> None:
    """A new argument belongs into petitions/web/page_cache/wanted.py, or pages are mixed up."""
    root = Path(wanted.__file__).parents[1]
    read = set()
    for file in [*root.glob("*.py"), *root.glob("public/*.py"), *root.glob("api/*.py")]:
        text = file.read_text(encoding="utf-8")
        read |= set(re.findall(r"""request\.args\.get\(["'](\w+)""", text))
        read |= set(re.findall(r"""["'](\w+)["'] in request\.args""", text))
    assert read - {"done", "whose"} <= wanted.READ  # those two are on a signer's own page


def test_foreign_host_gets_no_kept_page(keeping: Flask) -> None:
    assert get(keeping, PAGE).status_code == 200
    for host in ("evil.example", "localhost.evil.example", "[", ""):
        assert get(keeping, PAGE, Host=host).status_code == 400
    assert get(keeping, PAGE, Host="127.0.0.1:8000").status_code == 200


# What HTTP says.


def test_page_is_packed_as_the_reader_takes_it(keeping: Flask) -> None:
    plain = get(keeping, PAGE)
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress}
    for accepted, encoding in (
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("gzip;q=1.0, br;q=0.1", "gzip"),
        ("*", "br"),
        ("identity", None),
        ("br;q=x", None),
        ("", None),
    ):
        answer = get(keeping, PAGE, **{"Accept-Encoding": accepted})
        assert answer.headers.get("Content-Encoding") == encoding, accepted
        assert unpack.get(encoding or "", bytes)(answer.data) == plain.data
        assert int(answer.headers["Content-Length"]) == len(answer.data)
        assert not encoding or len(answer.data) < len(plain.data) / 2


def test_picture_is_not_packed(keeping: Flask, pictured: int) -> None:
    answer = get(keeping, f"/cases/{OPEN}/pictures/1", **{"Accept-Encoding": "br"})
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("encoding", ["", "gzip", "br"])
def test_who_has_the_page_is_told_so(keeping: Flask, encoding: str) -> None:
    accept = {"Accept-Encoding": encoding}
    page = get(keeping, PAGE, **accept)
    tag = page.headers["ETag"]
    assert tag.startswith('"'), "each encoding has a strong tag of its own"
    for known in (tag, f"W/{tag}", f'"other", {tag}', f'W/"a",W/{tag}', "*"):
        for method in ("GET", "HEAD"):
            answer = get(keeping, PAGE, method, **accept, **{"If-None-Match": known})
            assert answer.status_code == 304, known
            assert answer.data == b""
            for name in ("ETag", "Vary", "Cache-Control", "Content-Security-Policy"):
                assert answer.headers[name] == page.headers[name]
    for other in ('"other"', tag.strip('"'), f'"{tag}"', '""', ""):
        assert get(keeping, PAGE, **accept, **{"If-None-Match": other}).status_code == 200, other


def test_tags_of_encodings_differ_and_tags_of_processes_do_not(
    keeping: Flask, settings: Settings
) -> None:
    second = another(settings)
    tags = {
        (at, encoding): get(app, PAGE, **{"Accept-Encoding": encoding}).headers["ETag"]
        for at, app in enumerate((keeping, second))
        for encoding in ("", "gzip", "br")
    }
    close(second)
    assert len(set(tags.values())) == 3
    assert all(tags[0, encoding] == tags[1, encoding] for encoding in ("", "gzip", "br"))


def test_head_is_the_page_without_its_body(keeping: Flask) -> None:
    for _ in range(2):
        head = get(keeping, PAGE, "HEAD", **{"Accept-Encoding": "br"})
        page = get(keeping, PAGE, **{"Accept-Encoding": "br"})
        assert head.data == b""
        assert dict(head.headers) == dict(page.headers)


def test_caches_of_others_ask_each_time_unless_a_setting_says_how_long(
    keeping: Flask, settings: Settings
) -> None:
    assert get(keeping, PAGE).headers["Cache-Control"] == "public, no-cache"
    shared = another(settings, shared_cache_seconds=1)
    told = get(shared, PAGE).headers["Cache-Control"]
    assert told == "public, max-age=0, s-maxage=1, must-revalidate"
    assert get(shared, f"{PAGE}/check-your-email").headers["Cache-Control"] == "no-store"
    close(shared)


def test_switched_off_there_is_no_layer(app: Flask, loaded: Loaded) -> None:
    assert page_cache_of(app) is None
    assert "Content-Encoding" not in get(app, PAGE, **{"Accept-Encoding": "br"}).headers


# Time.


def test_change_shows_within_five_seconds(
    keeping: Flask, database: SQLAlchemy, passing: Clock
) -> None:
    get(keeping, PAGE)
    row = database.session.execute(select(Petition).where(Petition.slug == OPEN)).scalar_one()
    row.goal = 123_456
    database.session.commit()
    passing.pass_by(layer.FRESH - 0.1)
    assert "123,456" not in get(keeping, PAGE).text
    passing.pass_by(0.2)
    assert "123,456" in get(keeping, PAGE).text
    assert layer.LONGEST + 1 <= 5


def test_public_number_is_right_within_five_seconds(
    keeping: Flask, database: SQLAlchemy, passing: Clock, site: Any, now: Any
) -> None:
    from petitions.domain.petitions import petition_named
    from petitions.domain.samples import add_samples

    address = f"/api/v1/petitions/{OPEN}"
    assert get(keeping, address).json["numbers"]["confirmed"] == 0
    add_samples(petition_named(OPEN), 7, site.keyring, now)
    database.session.commit()
    passing.pass_by(layer.LONGEST)
    assert get(keeping, address).json["numbers"]["confirmed"] == 7


def test_one_reader_has_the_page_remade_and_the_others_get_the_one_before(
    keeping: Flask, passing: Clock
) -> None:
    """While it is being remade nobody waits, up to four seconds; then everybody does."""
    entered, let_go = threading.Event(), threading.Event()
    rendered: list[int] = []
    let_go.set()

    @keeping.before_request
    def hold() -> None:
        rendered.append(1)
        entered.set()
        assert let_go.wait(30)

    get(keeping, PAGE)
    get(keeping, PAGE)
    for event in (entered, let_go):
        event.clear()
    rendered.clear()
    passing.pass_by(layer.FRESH + 0.01)
    cache = page_cache_of(keeping)
    assert cache is not None
    cache._watch.look()
    maker = threading.Thread(target=get, args=(keeping, PAGE))
    maker.start()
    assert entered.wait(30)
    for _ in range(5):
        assert get(keeping, PAGE).status_code == 200
    assert len(rendered) == 1
    passing.pass_by(layer.LONGEST - layer.FRESH)
    cache._watch.look()
    late = [threading.Thread(target=get, args=(keeping, PAGE)) for _ in range(5)]
    for one in late:
        one.start()
    let_go.set()
    for one in (maker, *late):
        one.join(30)
    assert len(rendered) <= 2, "those who waited got what was made meanwhile"


def test_page_that_takes_long_to_make_is_kept_longer_and_hidden_as_fast(
    *, keeping: Flask, database: SQLAlchemy, passing: Clock, site: Any, now: Any
) -> None:
    """Under overload the number slows; nobody waits again and again for a page that is late."""
    takes = [3.0]

    @keeping.before_request
    def take() -> None:
        passing.pass_by(takes[0])

    get(keeping, PAGE)
    get(keeping, PAGE)
    takes[0] = 0.0
    old = get(keeping, PAGE)
    passing.pass_by(layer.SHARE * 3 - 4)
    row = database.session.execute(select(Petition).where(Petition.slug == OPEN)).scalar_one()
    row.goal = 123_456
    database.session.commit()
    assert get(keeping, PAGE).data == old.data
    case_hiding.hide(row.case_id, "asked by the family", "a test", now, site.keyring)
    database.session.commit()
    passing.pass_by(0.99)
    assert get(keeping, PAGE).status_code == 410


@pytest.mark.parametrize("took", [0.0, 0.01, 0.3, 0.4, 1.0, 6.0, 60.0])
def test_pages_that_are_made_in_time_show_changes_within_five_seconds(took: float) -> None:
    fresh, longest = layer.times_of(took)
    assert layer.FRESH <= fresh <= layer.SLOWEST
    assert fresh < longest <= 2 * layer.SLOWEST
    if took <= 0.4:
        assert (fresh, longest) == (layer.FRESH, layer.LONGEST)


def test_a_page_that_everybody_wants_at_once_is_made_once(keeping: Flask, made: list[str]) -> None:
    readers = [threading.Thread(target=get, args=(keeping, PAGE)) for _ in range(12)]
    for one in readers:
        one.start()
    for one in readers:
        one.join(30)
    assert made.count(PAGE) <= 2  # the first look at the languages of texts has it made once more


@pytest.mark.parametrize("how", ["hidden", "paused", "closed", "stopped"])
def test_hiding_and_closing_reach_every_process_within_a_second(
    *, how: str, settings: Settings, loaded: Loaded, database: SQLAlchemy, site: Any, now: Any
) -> None:
    """One process changes it; another one, with kept pages, knows within a second of its clock."""
    clock = Clock()
    reading = another(settings, clock)
    addresses = ("/", PAGE, f"/embed/{OPEN}", f"/api/v1/petitions/{OPEN}", f"/cases/{OPEN}")
    before = {address: get(reading, address) for address in addresses}
    row = database.session.execute(select(Petition).where(Petition.slug == OPEN)).scalar_one()
    if how == "hidden":
        case_hiding.hide(row.case_id, "asked by the family", "a test", now, site.keyring)
    else:
        row.state = PetitionState(how)
        row.stop_reason = "He is free." if how == "stopped" else None
    database.session.commit()
    clock.pass_by(0.99)
    for address, old in before.items():
        answer = get(reading, address, **{"If-None-Match": old.headers["ETag"]})
        if how == "hidden" and address != "/":
            assert (answer.status_code, answer.headers["Cache-Control"]) == (410, "no-store")
        elif address != f"/cases/{OPEN}" or how == "stopped":
            assert answer.status_code == 200
            assert answer.data != old.data, address
    assert "stamp" not in get(reading, PAGE).text
    close(reading)


def test_closing_for_a_country_is_seen_within_a_second(
    keeping: Flask, database: SQLAlchemy, passing: Clock
) -> None:
    from petitions.models import CountryNotice, CountryNoticeText

    address = f"{PAGE}?country=UZ"
    old = get(keeping, address)
    row = database.session.execute(select(Petition).where(Petition.slug == OPEN)).scalar_one()
    notice = CountryNotice(petition_id=row.id, country="UZ", closed=True)
    database.session.add(notice)
    database.session.flush()
    database.session.add(CountryNoticeText(notice_id=notice.id, language="en", text="Not safe."))
    database.session.commit()
    passing.pass_by(0.99)
    assert "Not safe." in get(keeping, address).text
    assert "Not safe." not in old.text


@pytest.mark.parametrize("rule", [*AfterDeadline])
def test_no_kept_page_outlives_the_last_day(
    *,
    rule: AfterDeadline,
    settings: Settings,
    loaded: Loaded,
    database: SQLAlchemy,
    frozen_time: Any,
    now: Any,
) -> None:
    """At the first moment after it page, form and interface agree, whatever is kept."""
    row = database.session.execute(select(Petition).where(Petition.slug == OPEN)).scalar_one()
    row.deadline_on, row.after_deadline, row.time_zone = date(2026, 3, 20), rule, "Asia/Tashkent"
    database.session.commit()
    end = row.deadline_at()
    assert end is not None
    reading = another(settings, shared_cache_seconds=5)
    frozen_time.move_to(end - timedelta(seconds=1))
    before = get(reading, PAGE)
    assert before.headers["Cache-Control"] == "public, no-cache", "no cache may keep it longer"
    address = f"/api/v1/petitions/{OPEN}"
    assert get(reading, address).json["takes_signatures"] is True
    frozen_time.move_to(end)
    after = get(reading, PAGE, **{"If-None-Match": before.headers["ETag"]})
    goes_on = rule is not AfterDeadline.CLOSE
    assert after.status_code == 200
    assert after.data != before.data
    assert ("stamp" in after.text) is goes_on
    assert get(reading, address).json["takes_signatures"] is goes_on
    close(reading)


def test_database_that_does_not_answer_stops_kept_pages(
    keeping: Flask, passing: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody could know whether a page was hidden meanwhile."""
    from sqlalchemy.exc import OperationalError

    def fail() -> Any:
        raise OperationalError("SELECT", {}, Exception("gone"))

    cache = page_cache_of(keeping)
    assert cache is not None
    assert get(keeping, PAGE).status_code == 200
    monkeypatch.setattr(cache._watch, "_look", fail)
    passing.pass_by(0.9)
    assert cache._find(cache._reader.wanted("http", PAGE, "", ""), {}) is None  # type: ignore[arg-type]  # never looked at


# Memory.


def test_memory_is_bounded_and_what_is_asked_for_stays(
    settings: Settings, loaded: Loaded, passing: Clock
) -> None:
    made = another(settings, passing)
    cache = page_cache_of(made)
    assert cache is not None
    cache._most_bytes = 600_000
    from petitions.i18n import countries

    for code in countries()[:40]:
        passing.pass_by(0.01)
        get(made, PAGE)
        get(made, f"{PAGE}?country={code}")
        assert cache._size <= cache._most_bytes
        assert cache._size == sum(kept.size for kept in cache._shelf.values())
    assert any(one.path == PAGE and not one.query for one in cache._shelf)
    assert 3 < len(cache._shelf) < 40
    close(made)


@only_sqlite
def test_https_pages_are_kept_apart(keeping: Flask) -> None:
    plain = FlaskClient(keeping).get(PAGE)
    secure = FlaskClient(keeping).get(PAGE, base_url="https://localhost")
    assert "Strict-Transport-Security" in secure.headers
    assert "Strict-Transport-Security" not in plain.headers
    assert "Strict-Transport-Security" not in FlaskClient(keeping).get(PAGE).headers


def test_past_petition_is_kept_too(keeping: Flask, made: list[str]) -> None:
    for _ in range(3):
        assert get(keeping, f"/petitions/{PAST}").status_code == 200
    assert len(made) <= 2


def test_page_behind_a_mailed_link_shares_what_all_signed_and_nothing_of_a_signer(
    *, keeping: Flask, app: Flask, signed: Any, link: Any, database: SQLAlchemy, site: Any, now: Any
) -> None:
    first = link("confirm", signed(name="Sevara Umarova", email="one@example.org"))
    second = link("confirm", signed(name="Timur Nazarov", email="two@example.org", country="UZ"))
    database.session.commit()
    for address, own, other in (
        (first, "Sevara Umarova", "Timur Nazarov"),
        (second, "Timur Nazarov", "Sevara Umarova"),
    ):
        plain = get(app, address).text
        for _ in range(2):
            kept = get(keeping, address).text
            assert own in kept
            assert other not in kept
            assert without_tokens(kept) == without_tokens(plain)
    russian = get(keeping, f"{first}?lang=ru").text
    assert without_tokens(russian) == without_tokens(get(app, f"{first}?lang=ru").text)
    row = database.session.execute(select(Petition).where(Petition.slug == OPEN)).scalar_one()
    case_hiding.hide(row.case_id, "danger", "organiser 1", now, site.keyring)
    database.session.commit()
    assert get(keeping, first).status_code == 410


def without_tokens(html: str) -> str:
    return re.sub(r"/not-me/[^\"]+", "/not-me/…", html)

"""No answer tells whether an address has signed; reading changes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from petitions.domain import blocks, outbox
from petitions.mail.compose import compose
from petitions.models import BlockKind, Signature, Suppression
from tests.pages import CheckingClient
from tests.web.conftest import ANNA, OPEN, Loaded, stamp_in
from tests.web.test_pages import PAGES

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy


@pytest.fixture
def in_each_state(
    *,
    client: CheckingClient,
    database: SQLAlchemy,
    site: Any,
    loaded: Loaded,
    signed: Callable[..., Any],
    link: Callable[..., str],
    now: Any,
) -> dict[str, str]:
    """An address in each state that an address may have here."""
    from petitions.domain.outbox import suppression_key

    addresses = {
        state: f"{state}@example.org"
        for state in ("new", "pending", "confirmed", "withdrawn", "suppressed")
    }
    signed(email=addresses["pending"])
    client.post(link("confirm", signed(email=addresses["confirmed"])))
    withdrawn = signed(email=addresses["withdrawn"])
    client.post(
        link("my-signature", withdrawn), data={"signature": withdrawn.id, "action": "withdraw"}
    )
    key = suppression_key(site, addresses["suppressed"])
    database.session.add(Suppression(key=key, reason="not me", created_at=now))
    database.session.commit()
    return addresses


def test_signing_answers_every_address_alike(
    client: CheckingClient, in_each_state: dict[str, str]
) -> None:
    stamp = stamp_in(client.get(f"/petitions/{OPEN}").text)
    answers = set()
    for email in in_each_state.values():
        form = {**ANNA, "stamp": stamp, "email": email}
        answer = client.post(f"/petitions/{OPEN}/sign", data=form)
        answers.add((answer.status, tuple(answer.headers.items()), answer.data))
    assert len(answers) == 1


def test_asking_for_a_link_answers_every_address_alike(
    client: CheckingClient, in_each_state: dict[str, str]
) -> None:
    answers = set()
    for email in in_each_state.values():
        answer = client.post("/my-signature", data={"email": email})
        answers.add((answer.status, tuple(answer.headers.items()), answer.data))
    assert len(answers) == 1
    assert next(iter(answers))[0].startswith("303")


def test_signing_writes_as_many_rows_for_every_address(
    client: CheckingClient,
    in_each_state: dict[str, str],
    counted: Callable[[], dict[str, int]],
) -> None:
    stamp = stamp_in(client.get(f"/petitions/{OPEN}").text)
    written = []
    for state in ("pending", "confirmed"):
        before = counted()
        form = {**ANNA, "stamp": stamp, "email": in_each_state[state]}
        client.post(f"/petitions/{OPEN}/sign", data=form)
        written.append({table: n - before[table] for table, n in counted().items()})
    assert written[0] == written[1]
    assert written[0]["mail"] == 2  # with the reminder, though there is nothing to remind of


class Way:
    """The whole way of one signer, each answer without what differs for everybody."""

    def __init__(self, client: CheckingClient, database: SQLAlchemy, site: Any, now: Any) -> None:
        self.client, self.database, self.site, self.now = client, database, site, now
        self.seen: list[tuple[str, object]] = []

    def look(self, what: str, answer: Any, *secrets: str) -> None:
        text = f"{answer.status} {list(answer.headers.items())} {answer.text}"
        for secret in secrets:
            text = text.replace(secret, "SECRET")
        each = r'"(signature|place_in_order|salt_of_commitments)": ?[^,]+,'
        text = re.sub(each, "EACH", text)  # numbers and salts of the row
        text = re.sub(r"/not-me/[^\"?]+|'(ETag|Content-Length)', '[^']+'", "EACH", text)
        self.seen.append((what, text))

    def signs(self, email: str, stamp: str, counted: Callable[[], dict[str, int]]) -> Signature:
        before = counted()
        form = {**ANNA, "stamp": stamp, "email": email}
        self.look("form", self.client.post(f"/petitions/{OPEN}/sign", data=form))
        written = {table: n - before[table] for table, n in counted().items()}
        written.pop("set_aside_address")  # where a caught one's address waits
        self.seen.append(("rows", written))
        newest = select(Signature).order_by(Signature.id.desc()).limit(1)
        return self.database.session.execute(newest).scalar_one()

    def reads_the_mail(self, email: str) -> None:
        (mail,) = outbox.claim(self.site, "worker", self.now)
        settings = self.client.application.extensions["petitions.mail"]
        message = compose(self.site, settings, mail, self.now)
        text = str(message.get_body(("plain",))).replace(email, "ADDRESS")
        self.seen.append(("mail", re.sub(r"/(confirm|not-me)/\S+", r"/\1/TOKEN", text)))
        outbox.mark_sent([mail.id], "worker", self.now)
        self.database.session.commit()

    def looks_at_their_own(self, url: str, number: int, email: str) -> None:
        token = url.rpartition("/")[2]
        ours = [token, f'value="{number}"', f"title-{number}", f"appearance-{number}", email]
        self.look("own page", self.client.get(url), *ours)
        self.look("download", self.client.get(f"{url}/download"), *ours)

    def confirms(self, url: str) -> None:
        token = url.rpartition("/")[2]
        self.look("confirm page", self.client.get(url), token)
        for appearance in ("initials", "full"):
            self.look(appearance, self.client.post(url, data={"appearance": appearance}), token)
        self.look("confirmed page", self.client.get(url), token)
        self.look("thank-you page", self.client.get(f"/petitions/{OPEN}/thank-you"))


def test_caught_signers_see_and_get_exactly_what_others_do(
    *,
    client: CheckingClient,
    database: SQLAlchemy,
    site: Any,
    loaded: Loaded,
    counted: Callable[[], dict[str, int]],
    link: Callable[..., str],
    now: Any,
) -> None:
    blocks.add(
        site, BlockKind.DOMAIN, "evil.example", allow=False, reason="x", actor="command", now=now
    )
    database.session.commit()
    stamp = stamp_in(client.get(f"/petitions/{OPEN}").text)
    Way(client, database, site, now).signs("first@example.org", stamp, counted)  # makes keys
    outbox.claim(site, "worker", now)
    database.session.commit()
    ways, states = [], []
    for email in ("bot@mail.evil.example", "somebody@mail.good.example"):
        way = Way(client, database, site, now)
        signature = way.signs(email, stamp, counted)
        way.reads_the_mail(email)
        way.looks_at_their_own(link("my-signature", signature), signature.id, email)
        way.confirms(link("confirm", signature))
        way.looks_at_their_own(link("my-signature", signature), signature.id, email)
        states.append(database.session.get_one(Signature, signature.id).state.value)
        ways.append(way.seen)
    assert states == ["set aside", "confirmed"]
    caught, others = ways
    differing = [what for what, text in caught if (what, text) not in others]
    assert [what for what, _ in caught] == [what for what, _ in others]
    assert differing in ([], ["thank-you page"]), "that page says how many have confirmed"


def test_stranger_cannot_show_more_of_somebody_who_signed(
    client: CheckingClient, database: SQLAlchemy, loaded: Loaded, signed: Any, sign: Any
) -> None:
    row = signed(appearance="counted")
    sealed = bytes(row.person_sealed)
    assert sign(appearance="full", name="Somebody Else").status_code == 303
    rows = database.session.execute(select(Signature)).scalars().all()
    assert [(r.appearance, bytes(r.person_sealed)) for r in rows] == [("counted", sealed)]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_reading_any_page_changes_nothing(
    *,
    client: CheckingClient,
    database: SQLAlchemy,
    loaded: Loaded,
    signed: Callable[..., Any],
    link: Callable[..., str],
    counted: Callable[[], dict[str, int]],
    method: str,
) -> None:
    signature = signed(news="yes")
    links = [
        link(p, signature)
        for p in ("confirm", "not-me", "also-sign", "my-signature", "news", "unsubscribe")
    ]
    links += [link("my-signature", signature) + "/download"]
    rows, before = counted(), _everything(database)
    for page in (*PAGES, *links, "/healthz", "/readyz", "/api/v1/petitions", "/sitemap.xml"):
        assert client.open(page, method=method).status_code == 200, page
    assert counted() == rows
    assert _everything(database) == before


def test_old_links_and_bad_ones_change_nothing(
    *,
    client: CheckingClient,
    loaded: Loaded,
    signed: Callable[..., Any],
    link: Callable[..., str],
    counted: Callable[[], dict[str, int]],
    now: Any,
) -> None:
    signature = signed()
    rows = counted()
    for purpose in ("confirm", "not-me", "also-sign", "my-signature", "unsubscribe"):
        old = link(purpose, signature, now - timedelta(days=500))
        assert client.get(old).status_code == 410
        assert client.post(old).status_code == 410
        assert client.get(f"/{purpose}/nonsense").status_code == 404
        assert client.post(f"/{purpose}/nonsense").status_code == 404
        wrong = link("confirm" if purpose != "confirm" else "not-me", signature)
        token = wrong.rpartition("/")[2]
        assert client.post(f"/{purpose}/{token}").status_code == 404, "another purpose's token"
    assert counted() == rows


def _everything(database: SQLAlchemy) -> list[Any]:
    tables = database.metadata.sorted_tables
    return [sorted(map(repr, database.session.execute(select(t)).all())) for t in tables]

"""Posts that another site makes a reader's browser send, at every door that takes one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from werkzeug.routing import IntegerConverter

from petitions import clock
from tests.abuse.attacker.client import FORM, Attacker
from tests.abuse.attacker.crowd import by_a_few
from tests.abuse.attacker.ledger import Attack
from tests.abuse.target import CASE, Target
from tests.journeys.staging import somebody
from tests.journeys.visiting import new_network

Begin = Callable[..., Attack]
EXEMPT = {"news.unsubscribe"}
"""One-click unsubscribing is posted by mail providers; a token is all that it goes by."""


@dataclass(frozen=True)
class Door:
    """A route that takes a POST."""

    endpoint: str
    path: str


@pytest.fixture(scope="module")
def doors(targets: Callable[[str], Target]) -> list[Door]:
    """Every route that takes a POST, with values for what stands in its address."""
    return targets("sqlite").inside(_doors)


@pytest.fixture(scope="module")
def cookie(targets: Callable[[str], Target]) -> str:
    """The cookie of an admin who has signed in, with the second step."""
    return targets("sqlite").inside(_signed_in)


def _doors(_: Any) -> list[Door]:
    from flask import current_app

    urls = current_app.url_map.bind("localhost")
    found = []
    for rule in current_app.url_map.iter_rules():
        if "POST" in (rule.methods or ()):
            numbers = (IntegerConverter,)
            values: dict[str, Any] = {
                name: 1 if isinstance(rule._converters[name], numbers) else CASE
                for name in rule.arguments
            }
            found.append(Door(rule.endpoint, urls.build(rule.endpoint, values)))
    return found


def _signed_in(_: Any) -> str:
    from flask import current_app

    from petitions.domain import sign_ins
    from petitions.extensions import begin_write, db
    from petitions.models import Organiser, OrganiserRole, Role

    begin_write()
    organiser = Organiser(
        email="admin@signers.example", name="Admin", password="$argon2id$no hash",
        fs_uniquifier="u" * 64, created_at=clock.now(), tf_primary_method="authenticator",
        tf_totp_secret="a secret that nobody opens", mf_recovery_codes=[],
    )  # fmt: skip
    db.session.add(organiser)
    db.session.flush()
    db.session.add(OrganiserRole(organiser_id=organiser.id, role=Role.ADMIN))
    key = sign_ins.begin(organiser, "Firefox, Linux", clock.now())
    kept = {
        "_user_id": organiser.fs_uniquifier, "_fresh": True, "console": key,
        "fs_paa": clock.now().timestamp(), "csrf_token": "the raw token",
    }  # fmt: skip
    db.session.commit()
    sessions: Any = current_app.session_interface
    signed = sessions.get_signing_serializer(current_app).dumps(kept)
    return f"{current_app.config['SESSION_COOKIE_NAME']}={signed}"


def foreign(target: Target) -> Iterator[dict[str, str]]:
    """What browsers say of a post that another site's page has sent."""
    own, port = target.url, target.site.port
    origins = (
        "https://evil.example", "null", "", "http://evil.example", f"https://127.0.0.1:{port}",
        f"http://127.0.0.1:{port + 1}", "http://127.0.0.1", f"http://localhost:{port}",
        f"{own}.evil.example", f"http://evil.example/{own}", f"http://127.0.0.1.evil.example:{port}",
        f"http://127.0.0.1:{port}@evil.example", f"http://evil.example#{own}", "file://",
        "chrome-extension://abc", f"http://[::1]:{port}", f"http://0x7f.1:{port}", f"{own}, null",
        f"null, {own}", f"{own} https://evil.example", f"http://2130706433:{port}", "about:blank",
    )  # fmt: skip
    for origin in origins:
        yield {"Origin": origin}
        yield {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
    for site in ("cross-site", "same-site", "CROSS-SITE", "nonsense", "same-origin, cross-site"):
        yield {"Sec-Fetch-Site": site}
        yield {"Origin": own, "Sec-Fetch-Site": site}
        yield {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Referer": f"{own}/"}


def rows(target: Target) -> dict[str, list[str]]:
    """The database, without the traces that refusing leaves."""
    return {name: one for name, one in target.settled().items() if name != "audit_entry"}


def test_posts_from_other_sites_at_every_door(
    target: Target, doors: list[Door], cookie: str, attack: Begin
) -> None:
    tried = attack("cross-site posts", "origins and fetch sites of all kinds, at every door")
    attacker = Attacker(target.url)
    public = [door for door in doors if not door.path.startswith("/organiser")]
    private = [door for door in doors if door.path.startswith("/organiser")]
    assert len(public) > 5
    assert len(private) > 50
    headers = list(foreign(target))
    pairs = [(door, one) for door, one in product(public, headers) if door.endpoint not in EXEMPT]
    pairs += [(door, headers[n % len(headers)]) for n, door in enumerate(private)]
    form = {"stamp": attacker.stamp(CASE)} | somebody().typed()
    before = rows(target)

    def post(one: tuple[Door, dict[str, str]]) -> int:
        door, said = one
        return attacker.post(
            door.path, form, {**said, "Cookie": cookie}, network=new_network()
        ).status

    for (door, said), status in zip(pairs, by_a_few(post, pairs), strict=True):
        tried.check(status == 403, f"{door.endpoint} {said}: {status}")
    tried.check(rows(target) == before, "something changed")
    tried.failed()


@pytest.mark.parametrize("token", ["none", "made up", "of another session"])
def test_the_console_without_its_token(
    target: Target, doors: list[Door], cookie: str, attack: Begin, token: str
) -> None:
    tried = attack("cross-site posts", "the console's forms with a good session and no good token")
    attacker, before = Attacker(target.url), rows(target)
    form = {"name": "Changed", "reason": "Because I say so", "sure": "yes", "email": "x@y.example"}
    form |= {"made up": {"csrf_token": "x"}, "none": {}}.get(token) or {
        "csrf_token": target.inside(_token_of_another)
    }
    private = [door for door in doors if door.path.startswith("/organiser")]

    def post(door: Door) -> int:
        return attacker.post(door.path, form, {"Cookie": cookie}, network=new_network()).status

    for door, status in zip(private, by_a_few(post, private), strict=True):
        tried.check(status in {403, 404}, f"{door.endpoint}: {status}")
    tried.check(rows(target) == before, "something changed")
    tried.failed()


def _token_of_another(_: Any) -> str:
    from flask import current_app
    from itsdangerous import URLSafeTimedSerializer

    key = current_app.secret_key
    assert isinstance(key, str)
    return str(URLSafeTimedSerializer(key, salt="wtf-csrf-token").dumps("another raw token"))


def test_the_session_is_good_and_a_form_with_its_token_is_taken(
    target: Target, cookie: str
) -> None:
    """Otherwise what is refused above would show nothing."""
    page = Attacker(target.url).get("/organiser/account/", {"Cookie": cookie})
    assert page.status == 200
    form = page.values('//form[.//input[@name="name"]]') | {"name": "Admin Anew"}
    answer = Attacker(target.url).post("/organiser/account/", form, {"Cookie": cookie})
    assert answer.status in {302, 303}


def test_the_cookie_is_for_this_site_alone(target: Target, attack: Begin) -> None:
    tried = attack("cross-site posts", "the session cookie's reach")
    answer = Attacker(target.url).get("/organiser/login")
    said = (answer.headers["Set-Cookie"] or "").lower()
    for word in ("httponly", "samesite=lax", "path=/"):
        tried.check(word in said, f"no {word}")
    tried.check("domain=" not in said, "a domain")
    for path in ("/", f"/petitions/{CASE}", f"/embed/{CASE}", "/my-signature"):
        page = Attacker(target.url).get(path)
        tried.check(page.headers["Set-Cookie"] is None, f"{path} sets a cookie")
        tried.check("Access-Control-Allow-Origin" not in page.headers, f"{path} may be read")
    tried.failed()


def test_frames_on_other_sites(target: Target, attack: Begin) -> None:
    tried = attack("cross-site posts", "pages in a frame of another site")
    attacker = Attacker(target.url)
    framed = attacker.get(f"/embed/{CASE}").headers["Content-Security-Policy"] or ""
    assert "frame-ancestors *" in framed
    pages = ["/", f"/petitions/{CASE}", "/my-signature", "/organiser/login", "/confirm/x", "/about"]
    for path in pages:
        policy = attacker.get(path).headers["Content-Security-Policy"] or ""
        tried.check("frame-ancestors 'none'" in policy, path)
    tried.failed()


def test_one_click_unsubscribing_needs_its_token_alone(target: Target, attack: Begin) -> None:
    tried = attack("cross-site posts", "one-click unsubscribing, from mail providers and others")
    from petitions.tokens import UNSUBSCRIBE

    attacker, signer = Attacker(target.url), somebody()
    attacker.signs(CASE, signer.typed(news="yes"))
    confirm = target.links_of(signer)["confirm"]
    attacker.post(confirm)
    number = target.row_of(confirm)["id"]
    forged = f"/unsubscribe/{target.token(UNSUBSCRIBE, [number])[:-2]}"
    said = {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site", "Content-Type": FORM}
    tried.check(attacker.post(forged, {}, said).status == 404, "a forged token")
    assert target.row_of(confirm)["news"]
    good = f"/unsubscribe/{target.token(UNSUBSCRIBE, [number])}"
    one_click = {"List-Unsubscribe": "One-Click"}
    assert attacker.post(good, one_click, said).status == 200
    row = target.row_of(confirm)
    assert not row["news"]
    tried.check(row["state"] == "confirmed", "more than the news ended")
    tried.failed()

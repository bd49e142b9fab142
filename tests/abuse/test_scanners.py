"""Mail scanners, link previews and prefetching browsers: they open everything, some run scripts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from petitions.tokens import MY_SIGNATURE, UNSUBSCRIBE
from tests.abuse.attacker.client import Attacker
from tests.abuse.attacker.crowd import by_a_few
from tests.abuse.attacker.ledger import Attack
from tests.abuse.target import CASE, Target
from tests.journeys.staging import somebody
from tests.journeys.visiting import new_network, path_of
from tests.servers.smtp import ReceivedMail

Begin = Callable[..., Attack]
DRESSES: tuple[dict[str, str], ...] = (
    {},
    {"User-Agent": "Mozilla/5.0 (compatible; MailScanner/1.0)"},
    {"Sec-Purpose": "prefetch"},
    {"Sec-Purpose": "prefetch;prerender", "Purpose": "prefetch"},
    {"X-Moz": "prefetch"},
    {"Accept": "application/json"},
    {"X-HTTP-Method-Override": "POST", "X-Method-Override": "POST"},
    {"If-None-Match": "*", "Range": "bytes=0-10"},
)
METHODS = ("GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "PUT", "PATCH", "DELETE", "REPORT")
TAILS = ("", "?lang=ru", "?utm_source=mail", "?_method=POST&confirm=1&appearance=counted&sure=yes")


@pytest.fixture(scope="module")
def mails(targets: Callable[[str], Target]) -> list[ReceivedMail]:
    """The mails to somebody pending, somebody confirmed, somebody who asked for their link, and
    to a mailbox whose form came twice.
    """
    target = targets("sqlite")
    attacker, pending, done = Attacker(target.url), somebody(), somebody()
    attacker.signs(CASE, pending.typed(news="yes"))
    attacker.signs(CASE, done.typed(news="yes"))
    assert attacker.post(target.links_of(done)["confirm"]).status == 303
    attacker.post("/my-signature", {"email": done.email}, network=new_network())
    shared = somebody()
    attacker.signs(CASE, shared.typed())
    target.mail_to(shared.email)
    attacker.signs(CASE, shared.typed(name="Somebody Else"))
    found = [
        target.mail_to(pending.email),
        target.mail_to(done.email),
        target.mail_to(done.email, 2),
        target.mail_to(shared.email, 2),
    ]
    target.settled()
    return found


@pytest.fixture(scope="module")
def links(targets: Callable[[str], Target], mails: list[ReceivedMail]) -> list[str]:
    """Every link in any part or header of the mails, and the one that news would hold."""
    target = targets("sqlite")
    found = [path_of(url) for mail in mails for url in _urls(mail) if url.startswith(target.url)]
    confirmed = next(path for path in _urls(mails[1]) if "/confirm/" in path)
    number = target.row_of(confirmed)["id"]
    found.append(f"/unsubscribe/{target.token(UNSUBSCRIBE, [number])}")
    found.append(f"/my-signature/{target.token(MY_SIGNATURE, [number])}/download")
    kinds = {path.strip("/").split("/")[0] for path in found}
    assert {"confirm", "not-me", "also-sign", "my-signature", "unsubscribe"} <= kinds
    return sorted(set(found))


def _urls(mail: ReceivedMail) -> list[str]:
    texts = [str(value) for value in mail.message.values()]
    texts += [str(p.get_content()) for p in mail.message.walk() if not p.is_multipart()]
    return re.findall(r"https?://[^\s<>\"']+", "\n".join(texts))


def test_every_link_in_every_way_that_is_no_post(
    target: Target, links: list[str], attack: Begin
) -> None:
    tried = attack("scanners", "every link of every mail, by all methods but POST, prefetched")
    attacker, before = Attacker(target.url), target.settled()
    asked = [
        (method, link + tail, dress)
        for link in links
        for method in METHODS
        for tail in TAILS
        for dress in (DRESSES if method == "GET" else DRESSES[:1])
    ]

    def ask(one: tuple[str, str, dict[str, str]]) -> int:
        return attacker.send(one[0], one[1], headers=one[2]).status

    answers = by_a_few(ask, asked)
    tried.tries(len(answers))
    assert {status for status in answers if status >= 500} == set()
    after = target.settled()
    tried.through += [name for name in before if before[name] != after[name]]
    tried.failed()


@pytest.mark.browser
def test_a_browser_with_scripts_on_every_link(
    target: Target, links: list[str], browser: Browser, attack: Begin
) -> None:
    tried = attack("scanners", "every link in a browser that runs scripts, hovers and scrolls")
    before = target.settled()
    context = browser.new_context(extra_http_headers={"X-Forwarded-For": new_network()})
    page = context.new_page()
    methods: list[str] = []
    page.on("request", lambda request: methods.append(request.method))
    for link in [link for link in links if not link.endswith("/download")]:
        assert page.goto(target.url + link) is not None
        page.mouse.move(200, 300)
        page.mouse.wheel(0, 2000)
        for button in page.get_by_role("button").all():
            button.hover()
        page.wait_for_load_state("networkidle")
        tried.tries()
    context.close()
    tried.through += [f"a {method} was sent" for method in methods if method != "GET"]
    after = target.settled()
    tried.through += [name for name in before if before[name] != after[name]]
    tried.failed()

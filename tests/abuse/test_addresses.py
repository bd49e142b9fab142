"""Hosts, paths, methods and places to be led to, as an attacker writes them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from urllib.parse import quote, urlsplit

from tests.abuse.attacker.client import Attacker
from tests.abuse.attacker.crowd import by_a_few
from tests.abuse.attacker.ledger import Attack
from tests.abuse.attacker.raw import Reply, say
from tests.abuse.target import CASE, Target
from tests.journeys.staging import links_in, somebody
from tests.journeys.visiting import new_network
from tests.settings import SECRET_KEY

Begin = Callable[..., Attack]
EVIL = "evil.example"


def bare(target: Target, path: str, *, method: str = "GET", host: str = "") -> Reply:
    """A request as it is written here, with whatever stands in its path."""
    line = f"{method} {path} HTTP/1.1\r\nHost: {host or urlsplit(target.url).netloc}\r\n"
    return say(target.url, f"{line}Content-Length: 0\r\n\r\n".encode())


def text_of(reply: Reply) -> str:
    return reply.data.decode(errors="replace")


def test_hosts_that_are_not_ours(target: Target, attack: Begin) -> None:
    tried = attack("addresses", "host headers and absolute addresses of other sites")
    own = target.url.removeprefix("http://")
    hosts = [
        EVIL, f"{EVIL}:{target.site.port}", f"{own}.{EVIL}", f"{EVIL}#{own}", f"{EVIL}/{own}",
        f"{own}@{EVIL}", f"{EVIL}?{own}", f"127.0.0.1.{EVIL}", "[::ffff:127.0.0.2]", "127.0.0.1:x",
        "a" * 5_000, "127.0.0.1\tevil", "xn--", "[::", "'; --", "localhost.",
    ]  # fmt: skip
    for host in hosts:
        for path in ("/", f"/petitions/{CASE}", "/sitemap.xml", "/organiser/", "/my-signature"):
            reply = bare(target, path, host=host)
            tried.check(reply.status in {0, 400, 431}, f"{host} {path}: {reply.status}")
            tried.looks_for([EVIL], text_of(reply), f"{host} {path}")
    tried.looks_for([EVIL], text_of(bare(target, f"http://{EVIL}/")), "an absolute address")
    tried.failed()


def test_mails_lead_here_whatever_host_was_asked(target: Target, attack: Begin) -> None:
    tried = attack("addresses", "hosts that would stand in the links of mails")
    attacker = Attacker(target.url)
    for headers in ({"X-Forwarded-Host": EVIL}, {"Host": f"localhost:{target.site.port}"}):
        signer = somebody()
        attacker.signs(CASE, signer.typed(), headers)
        for link in links_in(target.mail_to(signer.email)):
            tried.check(link.startswith(target.url), link)
        attacker.post("/my-signature", {"email": signer.email}, headers, network=new_network())
        for link in links_in(target.mail_to(signer.email, 2)):
            tried.check(link.startswith(target.url), link)
    tried.failed()


def test_being_led_elsewhere(target: Target, attack: Begin) -> None:
    tried = attack("addresses", "redirects to other sites, by path and by ?next=")
    places = [
        f"//{EVIL}", f"https://{EVIL}", f"/\\{EVIL}", f"\\\\{EVIL}", f"/%2f{EVIL}", f"/%5c{EVIL}",
        f"///{EVIL}", f"////{EVIL}/%2e%2e", f"/.//{EVIL}", f"https:{EVIL}", f"http:/{EVIL}",
        f"/%09/{EVIL}", "/\t//" + EVIL, f"javascript:alert('{EVIL}')", f"{target.url}@{EVIL}",
        f"{target.url}.{EVIL}", f"/organiser/..//{EVIL}", f"%0d%0aLocation: https://{EVIL}",
    ]  # fmt: skip
    words = ("next", "url", "lang", "return_to")
    doors = ["/organiser/login", "/organiser/", "/organiser/verify", "/organiser/logout", "/"]
    doors += [f"/petitions/{CASE}/sign"]
    asked = [f"{d}?{word}={quote(to, safe='%')}" for d in doors for word in words for to in places]
    asked += [to for to in places if to.startswith("/") and "\t" not in to]
    for path, reply in zip(asked, by_a_few(partial(bare, target), asked), strict=True):
        found = re.search(r"(?im)^location: *(\S+)", text_of(reply).partition("\r\n\r\n")[0])
        to = found[1] if found else "/"
        inside = to.startswith("/") and not to.startswith(("//", "/\\"))
        tried.check(inside or to.startswith(f"{target.url}/"), f"{path} leads to {to}")
    tried.failed()


def test_paths_out_of_the_house(target: Target, attack: Begin) -> None:
    tried = attack("addresses", "paths that climb, in slugs and static files")
    ups = ("../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%5c", "..%c0%af", "%252e%252e%252f", "....//")
    files = ("etc/passwd", "secret.key", "data/secret.key", "petitions/config.py", "wsgi.py")
    starts = ("/static/", "/static/js/", "/petitions/", "/cases/", f"/cases/{CASE}/pictures/", "/")
    asked = [start + up * 6 + file for start in starts for up in ups for file in files]
    static = ["", ".", "..", "%00", "js", "js/", "nul", "/etc/passwd", "site.css%00.txt", "..;/x"]
    slugs = ["%00", "..", ".", "a" * 300, "%F0%9F%92%A9", "a/b", "%2e", "a%0d%0ab", "*", "1;2"]
    asked += [f"/static/{name}" for name in static] + [f"/petitions/{name}" for name in slugs]
    for path, reply in zip(asked, by_a_few(partial(bare, target), asked), strict=True):
        tried.check(reply.status in {0, 301, 302, 308, 400, 404}, f"{path}: {reply.status}")
        tried.looks_for(["root:x:", SECRET_KEY, "from petitions"], text_of(reply), path)
    tried.failed()


def test_methods_in_disguise(target: Target, attack: Begin) -> None:
    tried = attack("addresses", "methods in disguise and methods that nobody knows")
    attacker, signer = Attacker(target.url), somebody()
    attacker.signs(CASE, signer.typed())
    links = target.links_of(signer)
    before = target.settled()
    names = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")
    for link in links.values():
        for name in names:
            for method in ("POST", "DELETE", "PUT"):
                answer = attacker.get(f"{link}?_method={method}&_METHOD={method}", {name: method})
                tried.check(answer.status == 200, f"{method} by {name}: {answer.status}")
        for method in ("PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "FOO", "PROPFIND", "G" * 300):
            reply = bare(target, link, method=method)
            tried.check(reply.status in {0, 400, 404, 405}, f"{method}: {reply.status}")
    tried.check(target.settled() == before, "something changed")
    tried.failed()

"""Pages that are kept and given to all: what one reader sends must reach no other."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

from tests.abuse.attacker.client import Attacker
from tests.abuse.attacker.ledger import Attack
from tests.abuse.target import CASE, Target
from tests.journeys.visiting import Answer, new_network

Begin = Callable[..., Attack]
MARK = "qzxjvw"
PAGES = (
    "/", f"/petitions/{CASE}", f"/embed/{CASE}", f"/cases/{CASE}", f"/petitions/{CASE}/share",
    "/api/v1/petitions", "/sitemap.xml",
)  # fmt: skip
HEADERS = (
    {"Cookie": f"organiser={MARK}; lang={MARK}"}, {"X-Forwarded-Host": f"{MARK}.example"},
    {"X-Forwarded-Prefix": f"/{MARK}"}, {"X-Original-URL": f"/organiser/{MARK}"},
    {"X-Forwarded-Proto": MARK}, {"Forwarded": f"host={MARK}.example;proto=https"},
    {"Accept-Language": f"{MARK}, en;q=0.1"}, {"Accept-Language": f"ru-{MARK}"},
    {"Accept-Encoding": MARK}, {"If-None-Match": f'"{MARK}"'}, {"Range": "bytes=0-9"},
    {"Origin": f"https://{MARK}.example"}, {"Referer": f"https://{MARK}.example/"},
    {"User-Agent": MARK}, {"Authorization": f"Bearer {MARK}"}, {"Host": f"localhost:{7 * 7777}"},
)  # fmt: skip
QUERIES = (
    f"utm_source={MARK}", f"lang={MARK}", f"lang=en&lang={MARK}", f"country={MARK}",
    f"country=GB&country={MARK}", f"paper={MARK}", f"v={MARK}", f"language={MARK}", f"{MARK}",
    f"lang=ar%00{MARK}", f"lang[]={MARK}", f"LANG={MARK}", f"country=gb;{MARK}", "lang=ar;lang=en",
)  # fmt: skip


def _seen(answer: Answer) -> tuple[int, str, str]:
    body = re.sub(r'name="stamp" value="[^"]*"', "", answer.text)  # has its time in it
    return answer.status, str(answer.headers["Content-Type"]), body


def test_what_one_reader_sends_is_in_nobody_elses_page(target: Target, attack: Begin) -> None:
    tried = attack("kept pages", "headers and queries of one reader, looked for by the next")
    for page in PAGES:
        before = _seen(Attacker(target.url).get(page))
        assert before[0] == 200, page
        sent = [(page, headers) for headers in HEADERS]
        sent += [(f"{page}?{query}", {}) for query in QUERIES]
        for address, headers in sent:
            Attacker(target.url).get(address, headers)
            next_one = Attacker(target.url, network=new_network()).get(page)
            tried.check(_seen(next_one) == before, f"{address} {headers}: another page")
            told = f"{next_one.headers}{next_one.text}"
            tried.looks_for([MARK, "54439"], told, f"{address} {headers}")
    tried.failed()


def test_requests_hidden_in_the_body_of_a_kept_page(target: Target, attack: Begin) -> None:
    """A second request is in the body of the first: only the third is answered beside that."""
    tried = attack("kept pages", "requests hidden in the body of a page that is kept")
    host = f"Host: {urlsplit(target.url).netloc}\r\n"
    hidden = f"GET /robots.txt HTTP/1.1\r\n{host}\r\n"
    last = f"GET /healthz HTTP/1.1\r\n{host}Connection: close\r\n\r\n"
    chunk = f"{len(hidden):x}\r\n{hidden}\r\n0\r\n\r\n"
    bodies = {
        "a length": f"Content-Length: {len(hidden)}\r\n\r\n{hidden}",
        "chunks": f"Transfer-Encoding: chunked\r\n\r\n{chunk}",
        "chunks and a length": f"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}",
        "a length and chunks": f"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n{chunk}",
    }
    for path in PAGES[:4]:
        assert Attacker(target.url).get(path).status == 200  # kept from here on
        for method in ("GET", "HEAD"):
            for what, rest in bodies.items():
                said = _all_of(target.url, f"{method} {path} HTTP/1.1\r\n{host}{rest}{last}")
                statuses = said.count(b"HTTP/1.1 ")
                harmless = b"User-agent" not in said and statuses in {1, 2}
                tried.check(harmless, f"{method} {path}, {what}: {statuses} answers")
    tried.failed()


def _all_of(url: str, sent: str) -> bytes:
    """Return all that is answered until the site closes, or hangs up in the middle."""
    site, said = urlsplit(url), b""
    with socket.create_connection((site.hostname or "", site.port or 80), 20) as connection:
        connection.sendall(sent.encode())
        try:
            while part := connection.recv(65536):
                said += part
        except ConnectionResetError:
            pass
    return said

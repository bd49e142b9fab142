"""Requests that are too large, broken, or lie about themselves: refused soon, without a trace."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from tests.abuse.attacker.client import FORM, Attacker
from tests.abuse.attacker.crowd import at_once, by_a_few
from tests.abuse.attacker.ledger import Attack
from tests.abuse.attacker.raw import Reply, say
from tests.abuse.target import CASE, Target
from tests.journeys.staging import somebody
from tests.journeys.visiting import Answer, new_network

Begin = Callable[..., Attack]
SIGN = f"/petitions/{CASE}/sign"
CANARY = "Quetzalimbrox"
"""Stands in everything that is sent, to be looked for in the log and in the database."""
SOON = 15.0
"""Seconds within which the site must answer or hang up."""
_MANY = 20_000


def multipart(*parts: tuple[str, bytes], boundary: str = "xYzZY") -> tuple[bytes, str]:
    """A body of such parts, each with its own head, and its content type."""
    body = b"".join(
        f"--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode("latin-1")
        + content
        + b"\r\n"
        for head, content in parts
    )
    return body + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def good_form(target: Target, **changes: str) -> dict[str, str]:
    stamp = Attacker(target.url).stamp(CASE)
    return {"stamp": stamp} | somebody(name=f"{CANARY} Ó").typed(**changes)


def bodies(target: Target) -> dict[str, tuple[bytes, str]]:
    """Bodies by what is wrong with them, with their content types."""
    good = good_form(target)
    plain = urlencode(good).encode()
    word = CANARY.encode()
    name = b"name=" + word
    one_part, _ = multipart(('name="name"', word))
    return {
        "thousands of fields": (b"&".join([name] * _MANY), FORM),
        "thousands of empty fields": (b"&" * _MANY + plain[:1], FORM),
        "one long field": (name * 30_000, FORM),
        "one long name of a field": (word * 10_000 + b"=1", FORM),
        "a megabyte": (name + b"x" * 1_000_000, FORM),
        "deep brackets": (b"a" + b"[x]" * 10_000 + b"=" + word, FORM),
        "percent signs": (b"name=" + b"%" * 30_000, FORM),
        "half an escape": (b"name=%e&email=%zz&stamp=%u0041", FORM),
        "no UTF-8": (b"name=%ff%fe&email=%c0%af&country=%ed%a0%80", FORM),
        "NUL": (urlencode(good | {"name": f"{CANARY}\0x", "email": "\0@b.example"}).encode(), FORM),
        "UTF-16": (plain.decode().encode("utf-16"), FORM),
        "another charset": (name, f"{FORM}; charset=utf-7"),
        "an unknown charset": (name, f"{FORM}; charset=nothing"),
        "JSON": (json.dumps(good).encode(), "application/json"),
        "deep JSON": (b"[" * 50_000 + b"]" * 50_000, "application/json"),
        "XML with an entity": (
            b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
            "application/xml",
        ),
        "plain text": (plain, "text/plain"),
        "no type": (plain, ""),
        "two types": (plain, f"{FORM}, application/json"),
        "a type without end": (plain, "a" * 5_000),
        "pickle": (b"cos\nsystem\n(S'id'\ntR.", "application/x-python-serialize"),
        "many parts": multipart(*[('name="name"', word)] * 2_000),
        "a file": multipart(('name="name"; filename="../../x.py"', word)),
        "a large file": multipart(('name="name"; filename="x"', word * 100_000)),
        "a part without a name": multipart(("", word), ("name", word)),
        "a part with a long head": multipart((f'name="{CANARY * 5_000}"', word)),
        "a part in base64": multipart(('name="name"\r\nContent-Transfer-Encoding: base64', word)),
        "an empty boundary": (one_part, "multipart/form-data; boundary="),
        "no boundary": (one_part, "multipart/form-data"),
        "a boundary without end": (b"--" + b"x" * 60_000, "multipart/form-data; boundary=x"),
        "a nested multipart": multipart(("x\r\nContent-Type: multipart/mixed; boundary=b", word)),
        "an unfinished multipart": (one_part[:-9], "multipart/form-data; boundary=xYzZY"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "path",
    [
        SIGN,
        "/my-signature",
        f"/petitions/{CASE}/letters/minister-{CASE}",
        "/organiser/login",
        "/confirm/x",
        "/unsubscribe/x",
    ],
)
def test_bodies_that_are_no_form(target: Target, attack: Begin, path: str) -> None:
    tried = attack("bodies", "oversized and malformed bodies, at each kind of form")
    attacker, rows = Attacker(target.url), target.how_many()
    for what, (body, kind) in bodies(target).items():
        headers = {"Content-Type": kind} if kind else {}
        answer = _sent(attacker, path, body, headers)
        tried.check(400 <= answer.status < 500, f"{what} at {path}: {answer.status}")
    tried.check(target.how_many() == rows, "something was stored")
    tried.looks_for([CANARY], target.log(), "the log")
    tried.failed()


def _sent(
    attacker: Attacker, path: str, body: bytes, headers: dict[str, str], *, network: str = ""
) -> Answer | Reply:
    """Send it; a site that hangs up in the middle of a body has answered as well."""
    try:
        return attacker.send("POST", path, body, headers, network=network or new_network())
    except (BrokenPipeError, ConnectionResetError):
        return Reply(413, 0.0, b"")


def test_fields_that_are_there_twice(target: Target, attack: Begin) -> None:
    """The first of them counts, in the check and in what is stored."""
    tried, attacker = attack("bodies", "fields that are there twice"), Attacker(target.url)
    for name, first, second in (
        ("appearance", "counted", "full"),
        ("email", "one.twice@signers.example", "two.twice@signers.example"),
        ("name", "One Twice", "Two Twice"),
        ("country", "IS", "UZ"),
        ("stamp", "bad", attacker.stamp(CASE)),
    ):
        form = {"stamp": attacker.stamp(CASE)} | somebody(appearance="counted").typed()
        form[name] = first
        pairs = [*form.items(), (name, second)]
        answer = attacker.post(SIGN, pairs, network=new_network())
        expected = 422 if name == "stamp" else 303
        tried.check(answer.status == expected, f"{name}: {answer.status}")
        if expected == 303:
            appearance, country = target.newest("appearance, country")
            tried.check((appearance, country) == ("counted", "IS"), f"{name}: the second counted")
    target.settled()
    tried.check(target.mails_to("two.twice@signers.example") == [], "the second got a mail")
    tried.check(len(target.mails_to("one.twice@signers.example")) == 1, "the first got none")
    tried.failed()


def heads(target: Target) -> dict[str, tuple[bytes, ...]]:
    """Requests that HTTP does not allow, or allows and nobody sends, in parts as they are sent."""
    host = target.url.removeprefix("http://").encode()
    body = urlencode(good_form(target)).encode()
    post = b"POST " + SIGN.encode() + b" HTTP/1.1\r\nHost: " + host + b"\r\n"
    get = b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n"
    form = b"Content-Type: " + FORM.encode() + b"\r\n"
    length = b"Content-Length: %d\r\n"
    word = CANARY.encode()
    chunked = b"Transfer-Encoding: chunked\r\n"
    chunked_post = post + form + chunked + b"\r\n"
    return {
        "nothing but noise": (bytes(range(256)) * 4 + b"\r\n\r\n",),
        "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 200,),
        "HTTP/2 at once": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",),
        "another version": (b"GET / HTTP/9.9\r\nHost: " + host + b"\r\n\r\n",),
        "no host": (b"GET / HTTP/1.1\r\n\r\n",),
        "two hosts": (get + b"Host: evil.example\r\n\r\n",),
        "a space before the colon": (get + b"X-A : " + word + b"\r\n\r\n",),
        "NUL in a header": (get + b"X-A: a\0b\r\n\r\n",),
        "a bare LF in a header": (get + b"X-A: a\nX-B: b\r\n\r\n",),
        "a folded header": (get + b"X-A: a\r\n b\r\n\r\n",),
        "a huge header": (get + b"X-A: " + word * 20_000 + b"\r\n\r\n",),
        "a huge cookie": (get + b"Cookie: session=" + word * 4_000 + b"\r\n\r\n",),
        "thousands of headers": (get + (b"X-A: " + word + b"\r\n") * 2_000 + b"\r\n",),
        "a huge path": (b"GET /" + word * 20_000 + b" HTTP/1.1\r\nHost: " + host + b"\r\n\r\n",),
        "a huge query": (b"GET /?q=" + word * 9_000 + b" HTTP/1.1\r\nHost: " + host + b"\r\n\r\n",),
        "a negative length": (post + form + b"Content-Length: -1\r\n\r\n" + body,),
        "no number as length": (post + form + b"Content-Length: 0x10\r\n\r\n" + body,),
        "a length beyond all bounds": (post + form + length % (10**30) + b"\r\n" + body,),
        "two lengths": (post + form + length % 5 + length % len(body) + b"\r\n" + body,),
        "a length and chunks": (post + form + length % 5 + chunked + b"\r\n0\r\n\r\n" + body,),
        "chunks twice": (post + form + chunked * 2 + b"\r\n0\r\n\r\n",),
        "chunks in disguise": (post + form + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",),
        "a chunk of a wrong size": (chunked_post + b"zz\r\n" + body + b"\r\n0\r\n\r\n",),
        "a chunk beyond all bounds": (chunked_post + b"ffffffffffffffff\r\n" + body,),
        "many chunks": (chunked_post + b"1\r\nx\r\n" * 90_000 + b"0\r\n\r\n",),
        "a promise to go on": (post + form + length % 10**9 + b"Expect: 100-continue\r\n\r\n",),
        "half a body": (post + form + length % 1_000 + b"\r\n" + body[:100],),
        "an upgrade": (get + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",),
    }  # fmt: skip


def test_requests_that_are_no_http(target: Target, attack: Begin) -> None:
    tried = attack("bodies", "lies about lengths and chunks, broken and huge heads")
    rows = target.how_many()
    asked = heads(target)
    replies = by_a_few(lambda parts: say(target.url, *parts, patience=SOON), asked.values())
    for what, reply in zip(asked, replies, strict=True):
        fine = reply.status in {0, 200} or 400 <= reply.status < 500
        tried.check(fine, f"{what}: {reply.status}")
    tried.check(target.how_many() == rows, "something was stored")
    tried.looks_for([CANARY], target.log(), "the log")
    assert Attacker(target.url).get("/readyz").status == 200
    tried.failed()


def test_many_that_never_come_to_an_end(target: Target, attack: Begin) -> None:
    """More than the server has threads, and a head drop by drop: it answers others again soon."""
    tried = attack("bodies", "bodies and heads that never end, more than there are threads")
    host = target.url.removeprefix("http://")
    head = f"POST {SIGN} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {FORM}\r\n"
    body = (f"{head}Content-Length: 900\r\n\r\nname={CANARY}".encode(),)
    drops = (b"GET / HTTP/1.1\r\n", *[b"X-A: a\r\n"] * 60)
    asked = [drops, *[body] * 20]
    patience = 3 * SOON
    for reply in at_once(lambda one: say(target.url, *one, pause=0.25, patience=patience), asked):
        tried.check(reply.status in {0, 400, 408, 429, 503}, f"{reply.status}")
    assert Attacker(target.url).get(f"/petitions/{CASE}").status == 200
    tried.looks_for([CANARY], target.log(), "the log")
    tried.failed()


def test_oversized_bodies_from_a_network_that_must_wait(target: Target, attack: Begin) -> None:
    """The page that says so shows what was typed, and must not fail over it."""
    tried = attack("bodies", "oversized bodies from a network over its limit")
    attacker, limit = Attacker(target.url), 30
    path = f"/petitions/{CASE}/letters/minister-{CASE}"
    by_a_few(lambda _: attacker.post(path, {"name": ""}), range(limit))
    for what, (body, kind) in bodies(target).items():
        answer = _sent(attacker, path, body, {"Content-Type": kind}, network=attacker.network)
        tried.check(400 <= answer.status < 500, f"{what}: {answer.status}")
    tried.failed()

"""Pretending to be many: forwarding headers that nobody asked for, and the room of IPv6."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from tests.abuse.attacker.client import Attacker, new_source
from tests.abuse.attacker.ledger import Attack
from tests.abuse.target import CASE, Target, other_doors
from tests.servers.site import LiveSite

Begin = Callable[..., Attack]
LIMIT = 4
"""Forms per network and day."""
_FORM = {"name": ""}
"""Refused with 422, but for the limit; the limit comes first."""


@pytest.fixture(scope="module")
def doors(targets: Callable[[str], Target]) -> Iterator[dict[int, LiveSite]]:
    """The same site, told that there are so many proxies in front of it."""
    limit = f"{LIMIT} per day"
    settings = {
        proxies: {"PETITIONS_TRUSTED_PROXIES": str(proxies), "PETITIONS_SIGN_LIMIT": limit}
        for proxies in (0, 1, 2)
    }
    with other_doors(targets("sqlite"), settings) as doors:
        yield doors


def one_network(attack: Attack, door: LiveSite, headers: list[dict[str, str]]) -> None:
    """All of these come from one network, whatever they say."""
    attacker, began = Attacker(door.url, source=new_source()), datetime.now(UTC).date()
    answers = [
        attacker.post(f"/petitions/{CASE}/sign", _FORM, {"X-Forwarded-For": "", **one}).status
        for one in headers
    ]
    days = (datetime.now(UTC).date() - began).days + 1
    attack.tries(len(answers))
    assert set(answers) <= {422, 429}, answers
    taken = answers.count(422)
    assert taken >= LIMIT, "the limit is on somebody else as well"
    attack.through += ["a form too many"] * max(0, taken - LIMIT * days)


def forwarded(value: str) -> dict[str, str]:
    return {"X-Forwarded-For": value}


def test_forwarding_headers_where_no_proxy_is_trusted(
    doors: dict[int, LiveSite], attack: Begin
) -> None:
    tried = attack("networks", "forwarding headers of all kinds, with no proxy trusted")
    names = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "True-Client-IP", "CF-Connecting-IP")
    names += ("X-Client-IP", "X-Cluster-Client-IP", "Fastly-Client-IP", "Via", "Client-IP")
    spoofed = [{name: f"for=203.0.113.{n}" if name == "Forwarded" else f"203.0.113.{n}"}
               for n, name in enumerate(names)]  # fmt: skip
    one_network(tried, doors[0], spoofed)
    one_network(tried, doors[0], [forwarded(f"10.0.0.{n}, 127.0.0.1") for n in range(9)])
    tried.failed()


@pytest.mark.parametrize("proxies", [1, 2])
def test_addresses_written_before_those_of_our_proxies(
    doors: dict[int, LiveSite], attack: Begin, proxies: int
) -> None:
    """Each of our proxies appends whom it saw; whatever stands before that is the client's word."""
    tried = attack("networks", f"addresses before the real one, with {proxies} proxies trusted")
    ours = ["192.0.2.50", *["192.0.2.1"] * (proxies - 1)]
    made_up = ["203.0.113.%d", "203.0.113.%d, 203.0.113.9", "::1, 10.0.0.%d", "unknown%d", "%d,,,"]
    one_network(
        tried,
        doors[proxies],
        [forwarded(", ".join([m % n, *ours])) for n in range(4) for m in made_up],
    )
    tried.failed()


def test_fewer_addresses_than_proxies(doors: dict[int, LiveSite], attack: Begin) -> None:
    """Whoever gets past a proxy, straight to the server, is whom the socket says."""
    tried = attack("networks", "fewer addresses than proxies, past one of them")
    one_network(tried, doors[2], [forwarded(f"203.0.113.{n}") for n in range(9)])
    tried.failed()


def test_one_ipv6_network_has_very_many_addresses(
    doors: dict[int, LiveSite], attack: Begin
) -> None:
    tried = attack("networks", "addresses of one IPv6 /64, in turn and in all spellings")
    low = [f"2001:db8:7:8:{n:x}:{n * 7:x}:0:{n + 1:x}" for n in range(1, 12)]
    ways = ["2001:0DB8:0007:0008::1", "[2001:db8:7:8::2]", "[2001:db8:7:8::3]:443"]
    ways += ["2001:db8:7:8::4%eth0", "2001:db8:7:8::192.0.2.1"]
    one_network(tried, doors[1], [forwarded(one) for one in [*low, *ways]])
    tried.failed()


def test_one_ipv4_address_written_as_ipv6(doors: dict[int, LiveSite], attack: Begin) -> None:
    tried = attack("networks", "one IPv4 address, mapped into IPv6 and written in all ways")
    ways = ["198.51.100.7", "::ffff:198.51.100.7", "::FFFF:c633:6407", "[::ffff:198.51.100.7]:9"]
    ways += ["198.51.100.7:1", "198.51.100.7:65535", "0:0:0:0:0:ffff:198.51.100.7"]
    ways += [f"2002:c633:6407:{n:x}::{n:x}" for n in range(1, 6)]
    one_network(tried, doors[1], [forwarded(one) for one in ways * 2])
    tried.failed()


def test_what_is_no_address_is_one_network(doors: dict[int, LiveSite], attack: Begin) -> None:
    tried = attack("networks", "words where an address should be")
    words = ["unknown", "_hidden", "127.0.0.1'", "1.2.3", "1.2.3.4.5", "::g", "a" * 999, "0x7f.1"]
    words += ["<b>", "999.1.1.1", "1.2.3.4/8", "localhost", "1.2.3.4;", "-"]
    one_network(tried, doors[1], [forwarded(one) for one in words])
    tried.failed()


def test_forwarded_scheme_and_host_are_not_believed(
    doors: dict[int, LiveSite], attack: Begin
) -> None:
    tried = attack("networks", "forwarded hosts, ports and prefixes")
    attacker = Attacker(doors[1].url)
    plain = attacker.get(f"/petitions/{CASE}").text
    for headers in (
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Port": "666"},
        {"X-Forwarded-Prefix": "/evil"},
        {"X-Forwarded-Server": "evil.example"},
        {"X-Original-URL": "/organiser/"},
        {"X-Rewrite-URL": "/organiser/"},
        {"Forwarded": "host=evil.example;proto=https"},
    ):
        answer = attacker.get(f"/petitions/{CASE}", headers)
        tried.check(answer.status == 200, f"{headers}: {answer.status}")
        tried.looks_for(["evil", "666"], answer.text + str(answer.headers), str(headers))
        assert len(answer.text) == len(plain)
    tried.failed()

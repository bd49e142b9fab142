"""One mailbox under many spellings, all at once: it signs once."""

from __future__ import annotations

from collections.abc import Callable

from tests.abuse.attacker.client import Attacker
from tests.abuse.attacker.crowd import at_once
from tests.abuse.attacker.ledger import Attack
from tests.abuse.target import CASE, PER_PETITION, Target, tokens_in
from tests.journeys.staging import somebody

Begin = Callable[..., Attack]
THREADS = 50


def spellings(tag: str) -> dict[str, list[str]]:
    """For each of four mailboxes, ways to write it."""
    name = f"mailbox{tag}"
    dotted = [f"{name[:n]}.{name[n:]}" for n in range(1, len(name))]
    gmail = [name, name.upper(), f"{name}+a", *dotted]
    local = [name, name.upper(), name.title(), *(f"{name}+{n}" for n in range(10))]
    idn = ("bücher.example", "BÜCHER.example", "xn--bcher-kva.example", "bu\u0308cher.example")
    return {
        "gmail": [f"{one}@{host}" for one in gmail for host in ("gmail.com", "GoogleMail.com")],
        "tags": [f"{one}@mail.example" for one in local],
        "domain": [f"{one}@{host}" for one in (name, f"{name}+x") for host in idn],
        "accents": [f"r{e}ne.{name}@mail.example" for e in ("é", "e\u0301")],
    }


def test_fifty_at_once_are_one_signature(both: Target, attack: Begin) -> None:
    tried = attack("parallel aliases", f"{THREADS} threads, spellings of one mailbox")
    attacker = Attacker(both.url)
    attacker.stamp(CASE)
    for kind, ways in spellings(str(id(both))).items():
        before, counted = both.how_many("lookup IS NOT NULL"), both.number(CASE)
        mails = len(both.smtp.mails)
        forms = [ways[n % len(ways)] for n in range(THREADS)]
        statuses = at_once(
            lambda email: attacker.signs(CASE, somebody(email=email).typed()).status, forms
        )
        tried.tries(len(statuses))
        assert set(statuses) == {303}, kind
        made = both.how_many("lookup IS NOT NULL") - before
        tried.through += [f"signature {n} of {kind}" for n in range(2, made + 1)]
        assert made, kind
        both.settled()
        links = {
            link
            for mail in both.smtp.mails[mails:]
            for link in tokens_in(mail.text)
            if link.startswith("/confirm/")
        }
        assert 1 <= len(links) <= PER_PETITION * 2
        at_once(lambda link: attacker.post(link).status, [*links] * 10)
        both.wait_for_number(counted + 1, CASE)
        tried.tries(len(links) * 10)
    tried.failed()

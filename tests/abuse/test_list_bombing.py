"""Using the forms to fill somebody's mailbox: what arrives there is counted at the SMTP server."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from petitions.vault import canonical_address
from tests.abuse.attacker.client import Attacker
from tests.abuse.attacker.crowd import at_once, by_a_few
from tests.abuse.attacker.ledger import Attack
from tests.abuse.target import CASE, OTHERS, PER_DAY, PER_PETITION, Target
from tests.journeys.staging import somebody
from tests.journeys.visiting import new_network

Begin = Callable[..., Attack]
PETITIONS = (CASE, *OTHERS)


def arrived(target: Target, address: str) -> int:
    """Mails in a mailbox, under whatever spelling they were sent there."""
    mailbox = canonical_address(address)
    sent = [one for mail in target.smtp.mails for one in mail.recipients]
    return sum(canonical_address(one) == mailbox for one in sent)


@contextmanager
def no_more_than(attack: Attack, budget: int, target: Target, address: str) -> Iterator[None]:
    """Once no mail waits, the mailbox got no more than the budget of each day that was touched."""
    began, before = datetime.now(UTC).date(), arrived(target, address)
    yield
    target.settled()
    days = (datetime.now(UTC).date() - began).days + 1
    came = arrived(target, address) - before
    assert budget == 0 or came, "the attack was none: not even one mail came"
    attack.through += [f"mail {n} of {came}" for n in range(budget * days + 1, came + 1)]


def test_one_mailbox_through_all_petitions(both: Target, attack: Begin) -> None:
    tried = attack("list bombing", "one mailbox, all petitions, many networks and spellings")
    attacker = Attacker(both.url)
    victim = f"v.ictim{id(both)}@gmail.com"
    name, _, _ = victim.partition("@")
    spellings = [victim, victim.upper(), f"{name}+x@gmail.com", f"{name}@googlemail.com"]
    spellings += [f"{name}+{n}@gmail.com" for n in range(6)]
    forms = list(itertools.product(PETITIONS, spellings))
    for petition in PETITIONS:
        attacker.stamp(petition)

    def form(one: tuple[str, str]) -> int:
        return attacker.signs(one[0], somebody(email=one[1]).typed()).status

    with no_more_than(tried, PER_DAY, both, victim):
        answers = by_a_few(form, forms, hands=12)
    tried.tries(len(answers))
    assert set(answers) == {303}, "the site was not there to send the mails"
    tried.failed()


def test_one_mailbox_through_one_petition_at_once(both: Target, attack: Begin) -> None:
    tried = attack("list bombing", "one mailbox, one petition, at the same moment")
    attacker, victim = Attacker(both.url), somebody()
    attacker.stamp(CASE)
    with no_more_than(tried, PER_PETITION, both, victim.email):
        answers = at_once(lambda _: attacker.signs(CASE, victim.typed()).status, range(30))
    tried.tries(len(answers))
    assert set(answers) == {303}
    tried.failed()


def test_one_mailbox_through_asking_for_links(both: Target, attack: Begin) -> None:
    tried = attack("list bombing", "one mailbox, asking for links to its signatures")
    attacker, victim = Attacker(both.url), somebody()

    def asks(_: int) -> int:
        form = {"email": victim.email}
        return attacker.post("/my-signature", form, network=new_network()).status

    with no_more_than(tried, PER_DAY, both, victim.email):
        answers = by_a_few(asks, range(30))
    tried.tries(len(answers))
    assert set(answers) == {303}
    tried.failed()


def test_mailbox_whose_owner_said_that_it_was_not_them(both: Target, attack: Begin) -> None:
    tried = attack("list bombing", "a mailbox whose owner pressed “this was not me”")
    attacker, victim = Attacker(both.url), somebody()
    attacker.signs(CASE, victim.typed())
    links = both.links_of(victim)
    assert attacker.post(links["not-me"]).status == 200
    with no_more_than(tried, 0, both, victim.email):
        for petition in PETITIONS * 2:
            tried.tries(2)
            assert attacker.signs(petition, victim.typed()).status == 303
            asked = attacker.post("/my-signature", {"email": victim.email}, network=new_network())
            assert asked.status == 303
    tried.failed()


def test_mail_goes_to_nobody_but_the_address_in_the_form(target: Target, attack: Begin) -> None:
    tried = attack("list bombing", "addresses that hold a second one, a header or a command")
    attacker, before = Attacker(target.url), len(target.smtp.mails)
    hostile = [
        "a@b.example,c@d.example", "a@b.example;c@d.example", "a@b.example c@d.example",
        "a@b.example\r\nBcc: c@d.example", "a@b.example%0d%0aBcc:c@d.example", "<a@b.example>",
        "a@b.example>\r\nRCPT TO:<c@d.example", '"a\r\nBcc: c@d.example"@b.example',
        "c%d.example@b.example@b.example", "c@d.example@b.example", "a@[127.0.0.1]", "a@127.0.0.1",
        "a@localhost", "a@b", "A <a@b.example>", "a(c@d.example)@b.example", "a@b.example.",
        "\u202ea@b.example", "a\x00@b.example", "a@b.example\x00", "a@" + "b" * 300 + ".example",
        "a" * 65 + "@b.example", "-f@b.example'", "|id@b.example", "a@b..example", "@b.example",
    ]  # fmt: skip
    for address in hostile:
        answer = attacker.signs(CASE, somebody(email=address).typed())
        tried.check(answer.status in {303, 422}, f"{address!r}: {answer.status}")
    target.settled()
    for mail in target.smtp.mails[before:]:
        one = len(mail.recipients) == 1 and mail.recipients[0].endswith("@b.example")
        tried.check(one and "Bcc" not in mail.message, f"a mail to {mail.recipients}")
        assert mail.message["To"] == mail.recipients[0]
    tried.failed()

"""Finding out who has signed, from what the site answers: content, status, headers, length.

That the same statements run whatever the address did is in tests/web/test_sameness.py; time is
measured by benchmarks/enumeration.py, since no test can rely on it.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from petitions.tokens import MY_SIGNATURE
from tests.abuse.attacker.client import Attacker
from tests.abuse.attacker.ledger import Attack
from tests.abuse.target import CASE, Target
from tests.journeys.staging import Signer, somebody
from tests.journeys.visiting import Answer, new_network

Begin = Callable[..., Attack]
PUBLIC = (
    "/", f"/cases/{CASE}", f"/petitions/{CASE}", f"/petitions/{CASE}/thank-you",
    f"/petitions/{CASE}/check-your-email", f"/petitions/{CASE}/letters", f"/embed/{CASE}",
    "/privacy", "/about", "/my-signature", "/my-signature/check-your-email", "/sitemap.xml",
    "/robots.txt", "/api/v1/petitions", f"/api/v1/petitions/{CASE}", "/api/v1/openapi.json",
    "/healthz", "/readyz",
)  # fmt: skip
_ACTION = {"withdrawn": "withdraw", "erased": "erase"}
_SET_ASIDE = """
    UPDATE signature SET state = 'set aside', set_aside_reason = 'automatic',
    set_aside_at = created_at WHERE id = :id
"""
_TELLS_TIME = {"date"}


@pytest.fixture(scope="module")
def people(targets: Callable[[str], Target]) -> dict[str, Signer]:
    """Somebody in each state that an address may have, all with addresses of the same length."""
    target = targets("sqlite")
    attacker = Attacker(target.url)
    states = ("new", "pending", "confirmed", "withdrawn", "erased", "refused", "set aside", "news")
    cast = {
        state: somebody(email=f"state.{number}@signers.example", name=f"Quillonaxe {number}Vrz")
        for number, state in enumerate(states)
    }
    for state, one in cast.items():
        if state != "new":
            assert attacker.signs(CASE, one.typed(news="yes" * (state == "news"))).status == 303
    for state in ("confirmed", "withdrawn", "erased", "set aside", "news"):
        confirm = target.links_of(cast[state])["confirm"]
        assert attacker.post(confirm).status == 303
        number = target.row_of(confirm)["id"]
        if state in {"withdrawn", "erased"}:
            form = {"signature": str(number), "action": _ACTION[state], "sure": "yes"}
            own = f"/my-signature/{target.token(MY_SIGNATURE, [number])}"
            assert attacker.post(own, form).status == 303
        if state == "set aside":
            target.execute(_SET_ASIDE, id=number)
    refused = target.links_of(cast["refused"])
    assert attacker.post(refused["not-me"]).status == 200
    return cast


def seen(answer: Answer, one: Signer) -> tuple[object, ...]:
    """All that a stranger sees of an answer, but for what they typed themselves."""
    headers = [(k.lower(), v) for k, v in answer.headers.items() if k.lower() not in _TELLS_TIME]
    body = answer.body.replace(one.email.encode(), b"-")
    return answer.status, tuple(headers), len(answer.body), body


def all_alike(attack: Attack, answers: dict[str, tuple[object, ...]]) -> None:
    for state, answer in answers.items():
        attack.tries()
        if answer != answers["new"]:
            attack.out.append(f"{state} is told from new: {answer[:3]} {answers['new'][:3]}")
    attack.failed()


@pytest.mark.parametrize(
    ("changes", "status"),
    [({}, 303), ({"consent": ""}, 422), ({"stamp": "old"}, 422), ({"country": "ZZ"}, 422)],
    ids=["valid", "no consent", "old stamp", "no country"],
)
def test_the_form_that_signs(
    target: Target,
    people: dict[str, Signer],
    attack: Begin,
    changes: dict[str, str],
    status: int,
) -> None:
    attacker = Attacker(target.url)
    typed = {"name": "A Stranger", "initials": "", "place": ""}
    answers = {}
    for state, one in people.items():
        answer = attacker.signs(CASE, one.typed(**typed) | changes)
        assert answer.status == status
        answers[state] = seen(answer, one)
    all_alike(attack("enumeration", "the form that signs, right and wrong"), answers)


def test_the_form_that_asks_for_a_link(
    target: Target, people: dict[str, Signer], attack: Begin
) -> None:
    attacker = Attacker(target.url)
    answers = {
        state: seen(
            attacker.post("/my-signature", {"email": one.email}, network=new_network()), one
        )
        for state, one in people.items()
    }
    all_alike(attack("enumeration", "the form that asks for a link"), answers)


def test_the_same_many_times(target: Target, people: dict[str, Signer], attack: Begin) -> None:
    """What is withheld after the day's budget must not be told either."""
    attacker = Attacker(target.url)
    answers = {}
    for state, one in people.items():
        for _ in range(5):
            answers[state] = seen(attacker.signs(CASE, one.typed()), one)
    all_alike(attack("enumeration", "the same address again and again"), answers)


def test_numbers_that_move_only_for_some(
    target: Target, people: dict[str, Signer], attack: Begin
) -> None:
    """Whether somebody has signed must not be told by what the public number does next."""
    tried, attacker = attack("enumeration", "public numbers after a form"), Attacker(target.url)
    before = target.number(CASE)
    for state, one in people.items():
        attacker.signs(CASE, one.typed())
        tried.check(target.number(CASE) == before, f"the number moved for {state}")
    tried.failed()


def test_public_pages_hold_nothing_of_a_signer(
    target: Target, people: dict[str, Signer], attack: Begin
) -> None:
    tried = attack("enumeration", "every public page, for what signers typed")
    attacker = Attacker(target.url)
    secrets = [text for one in people.values() for text in (one.name, one.email, one.place)]
    for path in PUBLIC:
        for variant in (path, f"{path}?lang=ru", f"{path}?all=1&page=2&format=json&q=state"):
            answer = attacker.get(variant)
            assert answer.status == 200, variant
            tried.tries()
            tried.looks_for(secrets, answer.text, variant)
            tried.looks_for(secrets, str(answer.headers), f"headers of {variant}")
    tried.failed()


def test_places_where_lists_might_be(target: Target, attack: Begin) -> None:
    """Addresses that other petition software has, and numbers one after the other."""
    tried, attacker = attack("enumeration", "addresses where a list might be"), Attacker(target.url)
    guesses = [
        f"/petitions/{CASE}/{word}{dot}"
        for word in ("signatures", "signers", "export", "supporters", "signatories", "list", "1")
        for dot in ("", ".csv", ".json", "/")
    ]
    guesses += [f"/api/v1/petitions/{CASE}/signatures", "/api/v1/signatures", "/api/v1/signers/1"]
    guesses += [f"/signatures/{n}" for n in range(1, 9)] + [f"/bundles/{n}" for n in range(1, 9)]
    guesses += ["/mailbox", "/mailbox/1", "/metrics", "/debug", "/admin", "/console", "/.env"]
    guesses += ["/instance/petitions.db", "/static/../instance/petitions.db", "/.git/config"]
    for path in guesses:
        answer = attacker.get(path)
        tried.check(answer.status in {401, 404}, f"{path}: {answer.status}")
    tried.failed()


def test_the_log_names_nobody(target: Target, people: dict[str, Signer], attack: Begin) -> None:
    tried, log = attack("enumeration", "the log of a site that was attacked"), target.log()
    for one in people.values():
        tried.tries()
        tried.looks_for([one.name, one.email, one.place], log, "the log")
    tried.failed()

"""Tokens that were stolen, used twice, turned to another purpose, cut, changed, kept too long."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from petitions.domain.second_signing import sealed_for_link
from petitions.tokens import (
    ANOTHER,
    CONFIRM,
    MY_SIGNATURE,
    NOT_ME,
    UNSUBSCRIBE,
    Purpose,
    Tokens,
    text_of,
)
from tests.abuse.attacker.client import Attacker
from tests.abuse.attacker.crowd import at_once, by_a_few
from tests.abuse.attacker.ledger import Attack
from tests.abuse.target import CASE, OTHERS, Target
from tests.journeys.staging import Signer, somebody
from tests.journeys.visiting import new_network
from tests.settings import SECRET_KEY

Begin = Callable[..., Attack]
PURPOSES = {
    "confirm": CONFIRM, "not-me": NOT_ME, "my-signature": MY_SIGNATURE, "unsubscribe": UNSUBSCRIBE,
    "also-sign": ANOTHER,
}  # fmt: skip
GUESSES_PER_MINUTE = 30


def signed(target: Target, **typed: str) -> tuple[Signer, str, dict[str, Any]]:
    """Somebody who has signed, the link that confirms, and the row."""
    signer = somebody()
    assert Attacker(target.url).signs(CASE, signer.typed(**typed)).status == 303
    confirm = target.links_of(signer)["confirm"]
    return signer, confirm, target.row_of(confirm)


def payloads(target: Target, number: int) -> dict[str, list[Any]]:
    pair = [number, text_of(b"k" * 32)]
    alone = {"my-signature": [number], "unsubscribe": [number]}
    return {
        "confirm": pair,
        "not-me": pair,
        "also-sign": [number, _sealed(target, number)],
        **alone,
    }


def _sealed(target: Target, number: int) -> str:
    """An address as it rides in the link for somebody else with the same mailbox."""
    known = (target.url, number)
    if known not in _links:
        address = "somebody@signers.example"
        sealed = target.inside(lambda site: sealed_for_link(site, number, address))
        _links[known] = text_of(sealed)
    return _links[known]


_links: dict[tuple[str, int], str] = {}


def minted(target: Target, number: int, age: timedelta = timedelta()) -> dict[str, str]:
    """A good token of each purpose, made so long ago."""
    found = payloads(target, number)
    return {name: target.token(PURPOSES[name], found[name], age=age) for name in PURPOSES}


def tampered(token: str) -> list[str]:
    """The token cut at every place, with every character changed, and dressed up."""
    cut = [token[:n] for n in range(1, len(token))] + [token[n:] for n in range(1, len(token))]
    flipped = [
        token[:n] + chr(ord(token[n]) ^ bit) + token[n + 1 :]
        for n in range(len(token))
        for bit in (1, 2)
        if chr(ord(token[n]) ^ bit).isalnum()
    ]
    dressed = [f"{token}=", f"{token}.", f".{token}", f"{token}%00", f"{token}%20", f"%20{token}"]
    return [*cut, *flipped, *dressed, token.swapcase(), token[::-1], token * 2]


def second_form(name: str = "") -> dict[str, str]:
    """What somebody else with the same mailbox would type, without the stamp."""
    typed = somebody().typed(another="yes")
    return {**typed, "name": name or typed["name"]}


def post_all(target: Target, paths: list[str]) -> list[int]:
    """Post to each from a network of its own, so that the limit on guessing does not help."""
    attacker = Attacker(target.url)

    def post(path: str) -> int:
        form = {"signature": "1", "action": "withdraw", "sure": "yes", **second_form()}
        return attacker.post(path, form, network=new_network()).status

    return by_a_few(post, paths)


def test_tokens_of_another_purpose(target: Target, attack: Begin) -> None:
    tried = attack("tokens", "a good token of one purpose at the door of another")
    _, confirm, row = signed(target, news="yes")
    good = minted(target, row["id"])
    doors = [*PURPOSES, "organiser/reset"]
    paths = [f"/{door}/{good[of]}" for of in good for door in doors if door != of]
    stamp = Attacker(target.url).stamp(CASE)
    paths += [f"/{door}/{stamp}" for door in PURPOSES]
    for path, status in zip(paths, post_all(target, paths), strict=True):
        tried.check(status in {302, 403, 404}, f"{path.split('/')[1]}: {status}")
    forms = [{"stamp": token} | somebody().typed() for token in good.values()]
    for form in forms:
        answer = Attacker(target.url).post(f"/petitions/{CASE}/sign", form)
        tried.check(answer.status == 422, f"as a stamp: {answer.status}")
    tried.check(target.row_of(confirm) == row, "the signature changed")
    tried.failed()


def test_tokens_that_were_changed(target: Target, attack: Begin) -> None:
    tried = attack("tokens", "cut at each place, each character changed, dressed up")
    _, confirm, row = signed(target)
    changed = tampered(minted(target, row["id"])["confirm"])
    paths = [f"/{door}/{token}" for door in ("confirm", "not-me") for token in changed[::2]]
    paths += [
        f"/my-signature/{token}" for token in tampered(minted(target, row["id"])["my-signature"])
    ]
    for path, status in zip(paths, post_all(target, paths), strict=True):
        tried.check(status == 404, f"{path}: {status}")
    tried.check(target.row_of(confirm) == row, "the signature changed")
    tried.failed()


def test_tokens_that_were_forged(target: Target, attack: Begin) -> None:
    tried = attack("tokens", "forged without the key, or with a part of it")
    _, confirm, row = signed(target)
    now = datetime.now(UTC)
    keys = ["", "secret", "changeme", SECRET_KEY[:-1], SECRET_KEY.upper(), "none", "\x00" * 32]
    forged = []
    held = payloads(target, row["id"])
    for key in keys:
        of = Tokens([key])
        forged += [f"/{name}/{of.mint(PURPOSES[name], held[name], now)}" for name in PURPOSES]
    salts = [Purpose("itsdangerous", timedelta(days=7)), Purpose("cookie-session", timedelta(7))]
    for salt in salts:
        token = Tokens([SECRET_KEY]).mint(salt, held["confirm"], now)
        forged.append(f"/confirm/{token}")
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    body = base64.urlsafe_b64encode(f"[{row['id']}]".encode()).rstrip(b"=").decode()
    forged += [f"/confirm/{head}.{body}.", f"/my-signature/{body}..", f"/my-signature/{body}"]
    forged += [f"/my-signature/{row['id']}", f"/confirm/{row['id']}", f"/confirm/[{row['id']}]"]
    for path, status in zip(forged, post_all(target, forged), strict=True):
        tried.check(status == 404, f"{path}: {status}")
    tried.check(target.row_of(confirm) == row, "the signature changed")
    tried.failed()


def test_tokens_that_were_kept_too_long(target: Target, attack: Begin) -> None:
    tried = attack("tokens", "after they have expired")
    _, confirm, row = signed(target, news="yes")
    before = target.settled()
    for name, purpose in PURPOSES.items():
        for beyond in (timedelta(seconds=2), timedelta(days=1), timedelta(days=3000)):
            token = minted(target, row["id"], purpose.lifetime + beyond)[name]
            for method in ("GET", "POST"):
                answer = Attacker(target.url).send(method, f"/{name}/{token}")
                tried.check(answer.status == 410, f"{method} {name}: {answer.status}")
    tried.check(target.settled() == before, "something changed")
    tried.check(target.row_of(confirm) == row, "the signature changed")
    tried.failed()


def test_tokens_of_a_signature_that_is_gone(both: Target, attack: Begin) -> None:
    tried = attack("tokens", "of a signature that was withdrawn, erased or refused")
    attacker = Attacker(both.url)
    for action in ("withdraw", "erase", "not-me"):
        signer, confirm, row = signed(both, news="yes")
        good = minted(both, row["id"])
        assert attacker.post(confirm).status == 303
        if action == "not-me":
            assert attacker.post(f"/not-me/{good['not-me']}").status == 200
        else:
            form = {"signature": str(row["id"]), "action": action, "sure": "yes"}
            assert attacker.post(f"/my-signature/{good['my-signature']}", form).status == 303
        gone = both.row_of(confirm)
        for name, token in good.items():
            for method in ("GET", "POST"):
                answer = attacker.send(method, f"/{name}/{token}")
                tried.check(
                    answer.status in ({410} if name == "confirm" else {200, 404, 410}),
                    f"{method} {name} after {action}: {answer.status}",
                )
                tried.looks_for([signer.name, signer.email, signer.place], answer.text, name)
        held = attacker.get(f"/my-signature/{good['my-signature']}/download").text
        tried.looks_for([signer.name, signer.email, signer.place], held, "the download")
        tried.check(both.row_of(confirm) == gone, f"it came back after {action}")
    tried.failed()


def test_tokens_that_are_used_again_at_once(both: Target, attack: Begin) -> None:
    tried = attack("tokens", "one link used by twenty at the same moment, and again")
    attacker = Attacker(both.url)
    _, confirm, row = signed(both)
    counted, rows = both.number(CASE), both.how_many()
    for _ in range(2):
        answers = at_once(lambda _: attacker.post(confirm), range(20))
        tried.tries(len(answers))
        seen = {(answer.status, answer.headers["Location"]) for answer in answers}
        assert len(seen) == 1
    both.wait_for_number(counted + 1, CASE)
    tried.check(both.how_many() == rows, "another row")
    once = both.row_of(confirm)
    attacker.post(confirm)
    tried.check(both.row_of(confirm) == once, "it was confirmed twice")
    other = minted(both, row["id"])["not-me"]
    answers = at_once(
        lambda n: attacker.post(confirm if n % 2 else f"/not-me/{other}").status, range(20)
    )
    tried.check(set(answers) <= {200, 303, 410}, f"{set(answers)}")
    tried.check(both.row_of(confirm)["state"] == "withdrawn", "refusing it did not win")
    both.wait_for_number(counted, CASE)
    tried.failed()


def test_link_for_a_second_person_used_by_many(both: Target, attack: Begin) -> None:
    tried = attack("tokens", "the link for a second person of a mailbox, by twenty at once")
    attacker = Attacker(both.url)
    signer, _, row = signed(both)
    again = Attacker(both.url).signs(CASE, signer.typed(name="Somebody Else"))
    assert again.status == 303
    link, rows = both.links_of(signer, 2)["also-sign"], both.how_many()
    tried.check(both.how_many("id = :id", id=row["id"]) == 1, "the first row is gone")
    stamp = attacker.stamp(CASE)

    def sign(number: int) -> int:
        form = second_form(f"Second Person {number}")
        return attacker.post(link, {"stamp": stamp, **form}, network=new_network()).status

    answers = at_once(sign, range(20))
    tried.tries(len(answers))
    tried.check(set(answers) <= {303, 409}, f"{set(answers)}")
    tried.check(both.how_many() == rows + 1, f"{both.how_many() - rows} rows for one mailbox")
    for path in (link, f"{link}?another=yes&consent=yes"):
        page = attacker.get(path)
        tried.looks_for([signer.name, signer.email, "Second Person"], page.text, path)
    other = both.links_of(signer, 2)["also-sign"].replace("/also-sign/", "/confirm/")
    tried.check(attacker.post(other).status == 404, "it confirms the first")
    tried.failed()


def test_stamps_of_another_petition(target: Target, attack: Begin) -> None:
    tried = attack("tokens", "the stamp of another petition's form, or an old one")
    attacker, before = Attacker(target.url), target.how_many()
    [(petition,)] = target.rows("SELECT id FROM petition WHERE slug = :slug", slug=CASE)
    stamp_of = Purpose("petitions.stamp", timedelta(days=1))
    stamps = [attacker.stamp(other) for other in OTHERS]
    old = timedelta(hours=26)
    stamps += [target.token(stamp_of, [petition, 1, 1, "en"], age=old), "", "x", "a.b.c"]
    stamps += tampered(attacker.stamp(CASE))[::9]
    for stamp in stamps:
        form = {"stamp": stamp} | somebody().typed()
        answer = attacker.post(f"/petitions/{CASE}/sign", form, network=new_network())
        tried.check(answer.status == 422, f"{stamp[:12]}: {answer.status}")
    tried.check(target.how_many() == before, "a signature was stored")
    tried.failed()


def test_guessing(target: Target, attack: Begin) -> None:
    tried = attack("tokens", "guessing from one network, at all doors")
    attacker = Attacker(target.url)
    began = time.time()
    paths = [f"/{name}/guess{n}" for n in range(60) for name in PURPOSES]
    answers = by_a_few(lambda path: attacker.send("POST", path).status, paths)
    minutes = int(time.time() // 60) - int(began // 60) + 1
    tried.tries(len(answers))
    assert set(answers) == {404, 429}
    heard = answers.count(404)
    tried.through += ["a guess too many"] * max(0, heard - GUESSES_PER_MINUTE * minutes)
    _, confirm, _ = signed(target)
    assert attacker.get(confirm).status == 200, "whoever has a good link is never kept waiting"
    tried.failed()

"""A stranger signs with somebody else's address, to show officials more than that person chose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from petitions.tokens import MY_SIGNATURE
from tests.abuse.attacker.client import Attacker
from tests.abuse.attacker.crowd import at_once
from tests.abuse.attacker.ledger import Attack
from tests.abuse.target import CASE, Target
from tests.journeys.staging import somebody

Begin = Callable[..., Attack]
MORE = {
    "name": "Written By A Stranger",
    "initials": "W. B.",
    "place": "Elsewhere",
    "country": "UZ",
    "appearance": "full",
    "news": "yes",
}
OF_THE_SIGNER = (
    "appearance", "person_sealed", "country", "news", "language", "text_version_id",
    "consent_version_id", "order_number", "data_key_id", "lookup", "created_at",
)  # fmt: skip


def chosen(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a signer has chosen and typed, as it is stored."""
    return {name: row[name] for name in OF_THE_SIGNER}


def shown(target: Target, number: int) -> str:
    """The signer's own page."""
    page = Attacker(target.url).get(f"/my-signature/{target.token(MY_SIGNATURE, [number])}")
    assert page.status == 200
    return page.text


@pytest.mark.parametrize("appearance", ["counted", "initials"])
@pytest.mark.parametrize("when", ["pending", "confirmed", "while it is confirmed"])
def test_stored_values_stay_as_the_signer_chose(
    both: Target, attack: Begin, appearance: str, when: str
) -> None:
    tried = attack("re-signing with more", f"somebody's signature, {when}")
    attacker, signer = Attacker(both.url), somebody(appearance=appearance, initials="Y. B.")
    attacker.signs(CASE, signer.typed())
    confirm = both.links_of(signer)["confirm"]
    before = both.row_of(confirm)
    if when == "confirmed":
        assert attacker.post(confirm).status == 303
    rows = both.how_many()

    def act(number: int) -> int:
        if when == "while it is confirmed" and number % 4 == 0:
            return attacker.post(confirm, {"appearance": appearance}).status
        return attacker.signs(CASE, signer.typed(**MORE)).status

    answers = at_once(act, range(24))
    tried.tries(len(answers))
    assert set(answers) == {303}
    after = both.row_of(confirm)
    for name, value in chosen(before).items():
        tried.check(chosen(after)[name] == value, f"{name} of a {appearance} signature {when}")
    tried.through += ["a second signature"] * (both.how_many() - rows)
    page = shown(both, before["id"])
    assert signer.name in page
    tried.looks_for([MORE["name"], MORE["place"]], page, "the signer's own page")
    tried.failed()


def test_confirming_shows_what_was_signed_and_cannot_show_more(both: Target, attack: Begin) -> None:
    tried = attack("re-signing with more", "the button that confirms, asked to show more")
    attacker, signer = Attacker(both.url), somebody(appearance="counted")
    attacker.signs(CASE, signer.typed())
    confirm = both.links_of(signer)["confirm"]
    before = both.row_of(confirm)
    forms: list[Any] = [
        {"appearance": "full"}, {"appearance": "initials"}, {"appearance": "FULL"},
        [("appearance", "counted"), ("appearance", "full")], {"name": "Another", "appearance": ""},
        {"news": "yes", "country": "UZ"}, {"appearance": "counted", "news": "yes"},
    ]  # fmt: skip
    for form in forms:
        attacker.post(confirm, form)
        row = both.row_of(confirm)
        tried.check(chosen(row) == chosen(before), f"{form}")
    tried.failed()


def test_own_link_cannot_show_more_or_reach_another(both: Target, attack: Begin) -> None:
    tried = attack("re-signing with more", "one's own link, turned on somebody else's signature")
    attacker = Attacker(both.url)
    victim, thief = somebody(appearance="counted"), somebody(appearance="counted")
    numbers, links = [], []
    for one in (victim, thief):
        attacker.signs(CASE, one.typed())
        links.append(both.links_of(one)["confirm"])
        attacker.post(links[-1])
        numbers.append(both.row_of(links[-1])["id"])
    own = f"/my-signature/{both.token(MY_SIGNATURE, [numbers[1]])}"
    before = both.row_of(links[0])
    for action in ("show-less", "withdraw", "stop-news", "erase", "confirm", "attest"):
        for number in (
            numbers[0],
            f"{numbers[0]} ",
            f"0{numbers[0]}",
            f"{numbers[1]},{numbers[0]}",
        ):
            form = {"signature": str(number), "action": action, "appearance": "full", "sure": "yes"}
            answer = attacker.post(own, form)
            tried.check(answer.status == 404, f"{action} on {number!r}: {answer.status}")
    form = {"signature": str(numbers[1]), "action": "show-less", "appearance": "full"}
    tried.check(attacker.post(own, form).status == 422, "one's own signature shows more")
    tried.check(both.row_of(links[0]) == before, "somebody else's signature changed")
    tried.failed()

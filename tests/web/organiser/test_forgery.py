"""What reviewers see and do about forged signatures: rules, trends, setting aside in bulk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import time_machine
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from petitions import clock
from petitions.domain import signing
from petitions.domain.arrivals import Origin
from petitions.models import Block, Role, SetAsideBatch, Signature, SignatureState
from petitions.worker.batches import BatchStep
from tests.domain.cast import Cast, form, publish

RULES = "/organiser/rules/"


@pytest.fixture
def cast(database: SQLAlchemy, site: Any, now: datetime) -> Any:
    with time_machine.travel(now, tick=False):
        made = publish(site, clock.now())
        for n in range(11):
            origin = Origin("b" * 32 if n else "a" * 32)
            signing.sign(site, made.petition, form(f"s{n}@mail.example"), clock.now(), origin)
        database.session.commit()
        yield made


@pytest.fixture
def reviewer(signed_in: Callable[..., Any], cast: Cast) -> Any:
    return signed_in(Role.REVIEWER)


def test_rule_is_added_with_its_reason_and_removed(reviewer: Any, database: SQLAlchemy) -> None:
    typed = {"what": "block", "kind": "address", "value": "Bot@Evil.example", "reason": "a bot"}
    refused = reviewer.post_form(RULES, {**typed, "value": "evil.example"})
    assert (refused.status_code, "does not read like an e-mail" in refused.text) == (422, True)
    refused = reviewer.post_form(RULES, {**typed, "reason": ""})
    assert (refused.status_code, "Bot@Evil.example" in refused.text) == (422, True)
    assert reviewer.post_form(RULES, typed).status_code == 303
    page = reviewer.get(RULES).text
    assert "a bot" in page
    assert "evil" not in page.lower()
    number = database.session.execute(select(Block.id)).scalar_one()
    assert reviewer.get(f"{RULES}{number}/remove").status_code == 200
    assert reviewer.post_form(f"{RULES}{number}/remove").status_code == 303
    assert database.session.execute(select(Block)).first() is None


@pytest.mark.parametrize("missing", ["what", "kind"])
def test_rule_says_what_it_does_and_is_about(reviewer: Any, missing: str) -> None:
    typed = {"what": "allow", "kind": "network", "value": "192.0.2.0/24", "reason": "a school"}
    assert reviewer.post_form(RULES, {**typed, missing: ""}).status_code == 422


def test_trends_lead_to_a_preview_that_names_whom_it_means(
    reviewer: Any, cast: Cast, database: SQLAlchemy
) -> None:
    page = reviewer.get(f"/organiser/confirmations/{cast.petition.id}/trends")
    assert "mail.example" in page.text
    link = f"/organiser/confirmations/{cast.petition.id}/bulk?network={'b' * 16}"
    assert link in page.text
    preview = reviewer.get(link)
    assert "10 signatures would be set aside." in preview.text
    assert "Ada Lovelace" in preview.text
    assert database.session.execute(select(SetAsideBatch)).first() is None


def test_bulk_is_asked_for_done_by_the_worker_and_undone(
    *, app: Any, reviewer: Any, cast: Cast, database: SQLAlchemy, now: datetime
) -> None:
    url = f"/organiser/confirmations/{cast.petition.id}/bulk"
    typed = {"network": "b" * 16, "last_seen": "99", "ground": "automatic", "reason": "bots"}
    refused = reviewer.post_form(url, {**typed, "reason": ""})
    assert (refused.status_code, "Write a reason" in refused.text) == (422, True)
    answer = reviewer.post_form(url, typed)
    assert answer.status_code == 303
    page = reviewer.get(answer.location)
    assert page.headers["Refresh"] == "3"
    step = BatchStep(app)
    while step.take(now):
        pass
    done = reviewer.get(answer.location)
    assert "Refresh" not in done.headers
    aside = reviewer.get(f"/organiser/confirmations/{cast.petition.id}/signatures?state=set-aside")
    assert "in bulk, with batch" in aside.text
    assert reviewer.post_form(f"{answer.location}/undo").status_code == 422
    assert reviewer.post_form(f"{answer.location}/undo", {"reason": "people"}).status_code == 303
    while step.take(now):
        pass
    found = database.session.execute(select(Signature.state)).scalars().all()
    assert set(found) == {SignatureState.PENDING}
    assert "put back" in reviewer.get(answer.location).text


@pytest.mark.parametrize("typed", [{}, {"state": "confirmed"}, {"country": "ZZ"}])
def test_empty_condition_is_refused_beside_the_form(
    reviewer: Any, cast: Cast, database: SQLAlchemy, typed: dict[str, str]
) -> None:
    url = f"/organiser/confirmations/{cast.petition.id}/bulk"
    preview = reviewer.post_form(url, {**typed, "action": "preview"})
    assert (preview.status_code, "at least one thing" in preview.text) == (422, True)
    asked = reviewer.post_form(url, {**typed, "ground": "other", "reason": "x", "last_seen": "99"})
    assert asked.status_code == 422
    assert database.session.execute(select(SetAsideBatch)).first() is None


def test_time_that_is_none_is_refused_beside_its_field(reviewer: Any, cast: Cast) -> None:
    url = f"/organiser/confirmations/{cast.petition.id}/bulk"
    answer = reviewer.post_form(url, {"since": "yesterday", "action": "preview"})
    assert (answer.status_code, "Write a day and a time" in answer.text) == (422, True)


@pytest.mark.parametrize("role", [Role.CAMPAIGNER, Role.TRANSLATOR, Role.DELIVERER])
def test_others_may_not(signed_in: Callable[..., Any], cast: Cast, role: Role) -> None:
    client = signed_in(role)
    home = f"/organiser/confirmations/{cast.petition.id}"
    for url in (RULES, f"{home}/trends", f"{home}/bulk"):
        assert client.get(url).status_code == 403
    assert client.post_form(f"{home}/bulk", {"network": "b" * 16}).status_code == 403
    assert client.post_form(RULES, {}).status_code == 403

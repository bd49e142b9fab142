"""Who may use which page of the console; what is refused leaves a trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import IntegerConverter

from petitions.domain.rights import GRANTS, Right
from petitions.models import AuditEntry, Role
from petitions.web.organiser.access import Door, need_of
from tests.web.organiser.conftest import OrganisersClient

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

SignedIn = Callable[..., OrganisersClient]


def console_rules(app: Flask) -> list[Any]:
    return [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/organiser")]


def test_every_page_of_the_console_says_who_may_use_it(app: Flask) -> None:
    silent = [
        rule.endpoint
        for rule in console_rules(app)
        if need_of(app.view_functions[rule.endpoint]) is None
    ]
    assert silent == [], "put @allowed(Right.…) above these views (web/organiser/access.py)"


def test_only_pages_for_signing_in_are_for_everybody(app: Flask) -> None:
    open_to_all = {
        rule.endpoint
        for rule in console_rules(app)
        if (need := need_of(app.view_functions[rule.endpoint])) and need.of is Door.EVERYBODY
    }
    assert all(endpoint.startswith("security.") for endpoint in open_to_all)


def test_nobody_gets_in_without_signing_in(app: Flask, client: Any) -> None:
    for rule in console_rules(app):
        need = need_of(app.view_functions[rule.endpoint])
        if need is None or need.of is Door.EVERYBODY or "GET" not in rule.methods:
            continue
        values = {name: example_of(rule, name) for name in rule.arguments}
        with app.test_request_context():
            url = app.url_map.bind("localhost").build(rule.endpoint, values)
        answer = client.get(url)
        assert answer.status_code == 302, rule.rule
        assert answer.location.startswith("/organiser/login"), rule.rule


def test_role_without_the_right_is_refused_and_leaves_a_trace(
    signed_in: SignedIn, database: SQLAlchemy
) -> None:
    client = signed_in(Role.TRANSLATOR)
    answer = client.get("/organiser/audit/")
    assert answer.status_code == 403
    assert "audit trail" in answer.text
    entry = database.session.execute(
        select(AuditEntry).where(AuditEntry.action == "refused")
    ).scalar_one()
    assert entry.actor == f"organiser {client.organiser_id}"
    assert "audit.index" in entry.detail


@pytest.mark.parametrize("role", list(Role))
def test_what_a_role_may_not_do_is_refused_on_every_page_with_a_trace(
    app: Flask, signed_in: SignedIn, database: SQLAlchemy, role: Role
) -> None:
    client = signed_in(role)
    refused = 0
    for rule in console_rules(app):
        need = need_of(app.view_functions[rule.endpoint])
        if need is None or need.of in GRANTS[role] or not isinstance(need.of, Right):
            continue
        with app.test_request_context():
            url = app.url_map.bind("localhost").build(
                rule.endpoint, {name: example_of(rule, name) for name in rule.arguments}
            )
        for method in sorted({"GET", "POST"} & rule.methods):
            answer = client.get(url) if method == "GET" else client.post_form(url)
            assert answer.status_code == 403, f"{method} {rule.rule} as {role}"
            refused += 1
    entries = database.session.execute(select(AuditEntry).where(AuditEntry.action == "refused"))
    assert len(entries.scalars().all()) == refused
    assert (refused == 0) == (role is Role.ADMIN)


def example_of(rule: Any, name: str) -> object:
    """A value that the rule's converter takes; whether there is such a thing does not matter."""
    return 1 if isinstance(rule._converters[name], IntegerConverter) else "en"


def test_whatever_gives_names_away_asks_for_the_password_again(
    app: Flask, signed_in: SignedIn, database: SQLAlchemy
) -> None:
    """An unattended browser, or a stolen session, opens no list: half an hour after signing in."""
    client = signed_in(Role.ADMIN)
    with client.session_transaction("/organiser/") as session:
        session["fs_paa"] -= 31 * 60
    asked = set()
    for rule in console_rules(app):
        need = need_of(app.view_functions[rule.endpoint])
        if need is None or not need.fresh:
            continue
        with app.test_request_context():
            url = app.url_map.bind("localhost").build(
                rule.endpoint, {name: example_of(rule, name) for name in rule.arguments}
            )
        if "GET" in rule.methods:
            answer = client.get(url)
            assert answer.location.startswith("/organiser/verify?next="), rule.rule
        if "POST" in rule.methods:
            answer = client.post_form(url, {"ids": "1", "as": "json"})
            assert (answer.status_code, "password" in answer.text) == (403, True), rule.rule
            assert "Content-Disposition" not in answer.headers, rule.rule
        asked.add(rule.endpoint)
    assert asked >= {
        "bundles.download", "bundles.ask_for_mail", "bundles.unlock_and_build",
        "confirmations.held", "confirmations.unlock_answer", "confirmations.look_at_scan",
        "deliveries.list_as_file", "sealing.seal",
    }  # fmt: skip
    given = select(AuditEntry).where(AuditEntry.action == "signature given out")
    assert database.session.execute(given).first() is None


def test_form_without_its_token_changes_nothing_and_keeps_what_was_typed(
    signed_in: SignedIn,
) -> None:
    client = signed_in(Role.CAMPAIGNER, name="Maja")
    answer = client.post("/organiser/account/", data={"name": "Long typed name", "language": "en"})
    assert answer.status_code == 403
    assert "Long typed name" in answer.text
    assert "Maja" in client.get("/organiser/account/").text


def test_stranger_gets_no_answer_many_times_as_long_as_what_was_sent(client: Any) -> None:
    answer = client.post("/organiser/cases/new", data="&".join("a" for _ in range(20_000)))
    assert answer.status_code in {401, 413}
    assert len(answer.data) < 20_000


def test_number_that_no_database_holds_is_not_found(signed_in: SignedIn) -> None:
    client = signed_in(Role.ADMIN)
    assert client.get("/organiser/cases/99999999999999999999999").status_code == 404


def test_form_sent_after_the_sign_in_ended_keeps_what_was_typed(client: Any) -> None:
    answer = client.post("/organiser/account/", data={"name": "Long typed name", "password": "x"})
    assert answer.status_code == 401
    assert "Long typed name" in answer.text
    assert 'name="password"' not in answer.text


@pytest.mark.parametrize("role", [Role.ADMIN, Role.DELIVERER, Role.REVIEWER])
def test_whoever_sees_signers_needs_the_second_step_first(signed_in: SignedIn, role: Role) -> None:
    client = signed_in(role, second_step=False)
    answer = client.get("/organiser/")
    assert answer.status_code == 302
    assert answer.location == "/organiser/tf-setup"


def test_translator_needs_no_second_step(signed_in: SignedIn) -> None:
    client = signed_in(Role.TRANSLATOR, second_step=False)
    assert client.get("/organiser/account/").status_code == 200


def test_every_right_is_held_by_the_admin_and_every_role_may_look() -> None:
    assert GRANTS[Role.ADMIN] == frozenset(Right)
    assert all(Right.LOOK in rights for rights in GRANTS.values())


def test_public_pages_have_no_cookie(client: Any) -> None:
    for path in ("/", "/privacy", "/my-signature"):
        answer = client.get(path)
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")

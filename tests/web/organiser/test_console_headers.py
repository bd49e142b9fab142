"""Headers of every page of the console, signed in and not: nothing is kept, nothing is framed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from petitions.models import Role
from tests.web.conftest import link, loaded, only_sqlite, pictured, sign, signed
from tests.web.guarded import assert_guarded
from tests.web.organiser.conftest import OrganisersClient
from tests.web.organiser.test_doors import console_rules, example_of

__all__ = ["link", "loaded", "pictured", "sign", "signed"]  # fixtures

SignedIn = Callable[..., OrganisersClient]
NOT_REACHED = {
    "security.logout": "ends the sign-in that the walk needs",
    "bundles.agreement": "of a sealed case",
    "bundles.build": "of a bundle",
    "bundles.fax": "of a bundle",
    "bundles.mail": "of a bundle",
    "bundles.show": "of a bundle",
    "cases.ask_to_discard": "of a draft",
    "cases.changes": "of a draft",
    "cases.update_version": "of words that were changed",
    "cases.version": "of words that were changed",
    "confirmations.batch": "of a batch that was set aside",
    "confirmations.remove_paper": "of a sheet of paper",
    "confirmations.scan": "of a sheet of paper",
    "deliveries.edit": "of a delivery",
    "deliveries.edit_reply": "of a reply",
    "deliveries.label_sheet": "of offices that are chosen",
    "deliveries.new": "of a bundle",
    "deliveries.paper": "of a bundle",
    "deliveries.papers": "of a bundle",
    "deliveries.receipt": "of a delivery",
    "deliveries.show": "of a delivery",
    "mailing.ask_to_discard": "of news",
    "officials.ask_merge": "of two officials",
    "mailing.ask_to_stop": "of news",
    "mailing.preview": "of news",
    "mailing.show": "of news",
    "mailing.text": "of news",
    "organisation.picture": "of a letterhead",
    "petitions.notice": "of a notice",
    "rules.remove": "of a rule",
    "sealing.ask_to_remove": "of a sealed case",
}
"""Pages of what the demonstration does not have are 404 here, and have the headers all the same."""
EXAMPLES = {"petitions.ask_to_move": {"to": "stopped"}}


def every_page(app: Flask) -> Iterator[tuple[str, str, str]]:
    """(endpoint, method, address) of all routes of the console."""
    for rule in console_rules(app):
        values = {name: example_of(rule, name) for name in rule.arguments}
        values |= EXAMPLES.get(rule.endpoint, {})
        with app.test_request_context():
            address = app.url_map.bind("localhost").build(rule.endpoint, values)
        for method in sorted({"GET", "POST"} & rule.methods):
            yield rule.endpoint, method, address


@only_sqlite
def test_strangers_get_the_headers_on_every_page(app: Flask, pictured: int) -> None:
    client = FlaskClient(app)
    for _, method, address in every_page(app):
        with app.app_context():
            answer = client.open(address, method=method)
        answer.close()
        assert answer.status_code < 500, address
        assert_guarded(answer.headers, f"{method} {address}")
        assert answer.headers["Cache-Control"] == "no-store", address


@only_sqlite
def test_organisers_get_the_headers_on_every_page(
    app: Flask, pictured: int, signed: Callable[..., Any], signed_in: SignedIn
) -> None:
    signed()
    client = signed_in(Role.ADMIN)
    seen, reached = set(), set()
    for endpoint, method, address in every_page(app):
        seen.add(endpoint)
        if endpoint == "security.logout":
            continue
        answer = client.open(address, method=method)
        answer.close()
        assert answer.status_code < 500, address
        assert_guarded(answer.headers, f"{method} {address}")
        assert answer.headers["Cache-Control"] == "no-store", address
        for cookie in answer.headers.getlist("Set-Cookie"):
            assert "HttpOnly" in cookie, address
            assert "SameSite=Lax" in cookie, address
            assert "Domain=" not in cookie, address
        if answer.status_code != 404:
            reached.add(endpoint)
    assert seen - reached == set(NOT_REACHED), "let the walk reach these, or say why it cannot"

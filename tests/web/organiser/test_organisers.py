"""Accounts of others in the console: what a person sees, what the database holds afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest
from sqlalchemy import select

from petitions.domain import audit, organisers
from petitions.models import Mail, MailKind, Organiser, OrganiserSession, Role
from tests.web.organiser.conftest import MakeOrganiser, OrganisersClient

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

PAGE = "/organiser/organisers/"
SignedIn = Callable[..., OrganisersClient]
INVITATION = {
    "name": "Bob Brown",
    "email": "Bob@example.org",
    "roles": ["reviewer", "deliverer"],
    "language": "en",
}


@pytest.fixture
def admin(signed_in: SignedIn) -> OrganisersClient:
    return signed_in(Role.ADMIN, name="Ann Admin")


def words(html: str) -> str:
    text = lxml.html.document_fromstring(html).find(".//main").text_content()
    return re.sub(r"\s+", " ", text)


def fields(html: str) -> dict[str, Any]:
    """What the form of name and roles would send."""
    page = lxml.html.document_fromstring(html)
    [form] = [form for form in page.forms if form.xpath('.//*[@name="name"]')]
    sent: dict[str, Any] = {}
    for name, value in form.form_values():
        sent.setdefault(name, []).append(value)
    return sent


def organiser_with(database: SQLAlchemy, email: str) -> Organiser:
    query = select(Organiser).where(Organiser.email == email)
    return database.session.execute(query).scalar_one()


def test_list_shows_who_may_work_here(
    admin: OrganisersClient, make_organiser: MakeOrganiser, database: SQLAlchemy
) -> None:
    make_organiser(Role.REVIEWER, Role.DELIVERER, name="Bob Brown", second_step=False)
    blocked = make_organiser(Role.TRANSLATOR, name="Carol Green")
    blocked.active = False
    invited = make_organiser(Role.CAMPAIGNER, name="Dora White")
    invited.password = None
    page = lxml.html.document_fromstring(admin.get(PAGE).text)
    rows = {
        row.find("th").text_content().split("\n")[0].split("  ")[0]: [
            re.sub(r"\s+", " ", cell.text_content()).strip() for cell in row.findall("td")
        ]
        for row in page.xpath("//tbody/tr")
    }
    found = {name: cells for text, cells in rows.items() for name in [text[:9]]}
    assert found["Ann Admin"][:3] == ["admin", "on", "active"]
    assert found["Bob Brown"] == ["deliverer, reviewer", "off", "active", "never"]
    assert found["Carol Gre"][2] == "blocked"
    assert found["Dora Whit"][2] == "invited"


def test_lonely_admin_is_advised_to_invite_a_second(admin: OrganisersClient) -> None:
    assert "You are alone here." in admin.get(PAGE).text


def test_invitation_makes_an_account_and_a_mail(
    admin: OrganisersClient, database: SQLAlchemy
) -> None:
    assert admin.get(f"{PAGE}invite").status_code == 200
    answer = admin.post_form(f"{PAGE}invite", INVITATION)
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert "Bob Brown is invited." in admin.get(PAGE).text
    bob = organiser_with(database, "bob@example.org")
    assert bob.password is None
    assert organisers.roles_of(bob.id) == {Role.REVIEWER, Role.DELIVERER}
    mail = database.session.execute(select(Mail)).scalar_one()
    assert (mail.kind, mail.organiser_id) == (MailKind.INVITATION, bob.id)
    entry = audit.latest(f"organiser {bob.id}")
    assert entry is not None
    assert entry.actor == f"organiser {admin.organiser_id}"


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"name": ""}, "name", "Write the name"),
        ({"name": "=cmd"}, "name", "cannot be taken as a name"),
        ({"email": "bob@"}, "email", "not an e-mail address"),
        ({"email": ""}, "email", "Write the address"),
        ({"roles": []}, "roles", "Choose at least one role."),
    ],
)
def test_refused_invitation_keeps_what_was_typed(
    change: dict[str, Any],
    field: str,
    message: str,
    admin: OrganisersClient,
    database: SQLAlchemy,
) -> None:
    answer = admin.post_form(f"{PAGE}invite", {**INVITATION, **change})
    assert answer.status_code == 422
    page = lxml.html.document_fromstring(answer.text)
    assert message in page.get_element_by_id(f"{field}-error").text_content()
    kept = fields(answer.text)
    for name, value in {**INVITATION, **change}.items():
        if value:
            assert kept[name] == (value if isinstance(value, list) else [value])
    assert database.session.execute(select(Mail)).first() is None


def test_address_that_has_an_account_is_refused(
    admin: OrganisersClient, make_organiser: MakeOrganiser
) -> None:
    bob = make_organiser(Role.REVIEWER)
    answer = admin.post_form(f"{PAGE}invite", {**INVITATION, "email": bob.email.upper()})
    assert answer.status_code == 422
    assert "There is an account with this address already." in answer.text


def test_invitation_is_sent_again_and_the_sixth_is_withheld_and_said_to_be(
    admin: OrganisersClient, database: SQLAlchemy
) -> None:
    admin.post_form(f"{PAGE}invite", INVITATION)
    bob = organiser_with(database, "bob@example.org")
    for _ in range(4):
        admin.post_form(f"{PAGE}{bob.id}/invite-again")
    assert "The invitation is sent again." in admin.get(f"{PAGE}{bob.id}").text
    admin.post_form(f"{PAGE}{bob.id}/invite-again")
    page = words(admin.get(f"{PAGE}{bob.id}").text)
    assert "This one was withheld" in page
    assert "withheld (over budget)" in page
    bob.password = "a hash"
    admin.post_form(f"{PAGE}{bob.id}/invite-again")
    assert "accepted already" in admin.get(f"{PAGE}{bob.id}").text


def test_name_and_roles_are_changed(
    admin: OrganisersClient, make_organiser: MakeOrganiser, database: SQLAlchemy
) -> None:
    bob = make_organiser(Role.REVIEWER, name="Bob Brown")
    form = fields(admin.get(f"{PAGE}{bob.id}").text)
    assert (form["name"], form["roles"]) == (["Bob Brown"], ["reviewer"])
    sent = {**form, "name": "Robert", "roles": ["campaigner", "translator"]}
    answer = admin.post_form(f"{PAGE}{bob.id}", sent)
    assert answer.status_code == 303
    assert organiser_with(database, bob.email).name == "Robert"
    assert organisers.roles_of(bob.id) == {Role.CAMPAIGNER, Role.TRANSLATOR}


def test_two_admins_see_each_others_change_and_lose_nothing(
    admin: OrganisersClient,
    signed_in: SignedIn,
    make_organiser: MakeOrganiser,
    database: SQLAlchemy,
) -> None:
    bob = make_organiser(Role.REVIEWER, name="Bob Brown")
    other = signed_in(Role.ADMIN, name="Olga Other")
    mine = fields(admin.get(f"{PAGE}{bob.id}").text)
    theirs = fields(other.get(f"{PAGE}{bob.id}").text)
    other.post_form(f"{PAGE}{bob.id}", {**theirs, "name": "Robert Brown"})
    answer = admin.post_form(f"{PAGE}{bob.id}", {**mine, "name": "Bobby", "roles": ["deliverer"]})
    assert answer.status_code == 409
    said = words(answer.text)
    assert "Olga Other saved a change on" in said
    assert "Robert Brown" in said
    again = fields(answer.text)
    assert (again["name"], again["roles"]) == (["Bobby"], ["deliverer"])
    assert admin.post_form(f"{PAGE}{bob.id}", again).status_code == 303
    assert organiser_with(database, bob.email).name == "Bobby"


def test_own_admin_role_goes_only_after_being_told_what_is_lost(
    admin: OrganisersClient, make_organiser: MakeOrganiser
) -> None:
    make_organiser(Role.ADMIN)
    mine = f"{PAGE}{admin.organiser_id}"
    sent = {**fields(admin.get(mine).text), "roles": ["campaigner"]}
    answer = admin.post_form(mine, sent)
    assert answer.status_code == 422
    said = words(answer.text)
    assert "Without the role “admin” you can no longer:" in said
    assert "invite organisers, change their roles and end their access" in said
    assert "publish, pause, close" not in said
    assert organisers.roles_of(admin.organiser_id) == {Role.ADMIN}
    answer = admin.post_form(mine, {**fields(answer.text), "knows_the_loss": "y"})
    assert (answer.status_code, answer.location) == (303, "/organiser/")
    assert organisers.roles_of(admin.organiser_id) == {Role.CAMPAIGNER}
    assert admin.get(PAGE).status_code == 403


def test_last_admin_keeps_the_role(admin: OrganisersClient) -> None:
    mine = f"{PAGE}{admin.organiser_id}"
    sent = {**fields(admin.get(mine).text), "roles": ["campaigner"], "knows_the_loss": "y"}
    answer = admin.post_form(mine, sent)
    assert answer.status_code == 422
    assert "This is the last admin who can sign in." in answer.text
    assert organisers.roles_of(admin.organiser_id) == {Role.ADMIN}


def test_who_is_blocked_is_out_at_once_and_the_block_can_be_undone(
    admin: OrganisersClient,
    make_organiser: MakeOrganiser,
    sign_in: Callable[[Organiser], OrganisersClient],
    database: SQLAlchemy,
) -> None:
    bob = make_organiser(Role.CAMPAIGNER)
    browser = sign_in(bob)
    assert browser.get("/organiser/account/").status_code == 200
    answer = admin.post_form(f"{PAGE}{bob.id}/block", {"block-reason": "Left us"})
    assert answer.status_code == 303
    assert browser.get("/organiser/account/").status_code == 302
    ended = select(OrganiserSession.ended_at).where(OrganiserSession.organiser_id == bob.id)
    assert database.session.execute(ended).scalar_one() is not None
    page = lxml.html.document_fromstring(admin.get(f"{PAGE}{bob.id}").text)
    [undo] = page.xpath("//*[contains(@class, 'flash')]//form/@action")
    assert admin.post_form(undo).status_code == 303
    assert organiser_with(database, bob.email).active


def test_own_account_offers_no_block_and_refuses_one(
    admin: OrganisersClient, database: SQLAlchemy
) -> None:
    mine = f"{PAGE}{admin.organiser_id}"
    assert "block-reason" not in admin.get(mine).text
    assert admin.post_form(f"{mine}/block").status_code == 303
    assert "You cannot do this to your own account." in admin.get(mine).text
    me = database.session.get(Organiser, admin.organiser_id)
    assert me is not None
    assert me.active


def test_lost_second_step_is_taken_off_for_a_reason(
    admin: OrganisersClient, make_organiser: MakeOrganiser, database: SQLAlchemy
) -> None:
    bob = make_organiser(Role.REVIEWER)
    answer = admin.post_form(f"{PAGE}{bob.id}/reset-second-step", {"reset-reason": " "})
    assert answer.status_code == 422
    assert 'id="reset-reason-error"' in answer.text
    assert organiser_with(database, bob.email).tf_primary_method
    sent = {"reset-reason": "He rang me"}
    assert admin.post_form(f"{PAGE}{bob.id}/reset-second-step", sent).status_code == 303
    changed = organiser_with(database, bob.email)
    assert changed.tf_primary_method is None
    assert changed.mf_recovery_codes is None
    mail = database.session.execute(select(Mail)).scalar_one()
    assert (mail.kind, mail.organiser_id) == (MailKind.SECURITY_NOTICE, bob.id)
    assert "notice of a change" in admin.get(f"{PAGE}{bob.id}").text


def test_unknown_account_is_not_found(admin: OrganisersClient) -> None:
    assert admin.get(f"{PAGE}9999").status_code == 404
    assert admin.post_form(f"{PAGE}9999/block").status_code == 404


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_only_admins_manage_accounts(
    role: Role, signed_in: SignedIn, make_organiser: MakeOrganiser, database: SQLAlchemy
) -> None:
    client = signed_in(role)
    bob = make_organiser(Role.REVIEWER)
    for page in ("", "invite", f"{bob.id}"):
        assert client.get(f"{PAGE}{page}").status_code == 403
    for deed in ("invite-again", "block", "unblock", "reset-second-step"):
        assert client.post_form(f"{PAGE}{bob.id}/{deed}").status_code == 403
    assert organiser_with(database, bob.email).active
    assert {entry.action for entry in audit.entries()} == {"signed in", "refused"}

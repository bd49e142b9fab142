"""Sealed cases in the console: sealing one, its custodians, and what all other pages say then."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest
from flask import Flask
from sqlalchemy import select

from petitions.clock import now as real_now
from petitions.domain import audit, builds, held_questions, outbox, privacy, signing
from petitions.domain.case_keys import case_key, is_sealed
from petitions.domain.custodians import custodians_of
from petitions.domain.expiry import expire
from petitions.domain.unlocking import unlock
from petitions.errors import Refused, TokenExpired
from petitions.mail.compose import compose
from petitions.models import (
    BundleBuild,
    HeldQuestion,
    Mail,
    MailState,
    Role,
    Signature,
    SignatureState,
)
from petitions.tokens import CONFIRM, MY_SIGNATURE, text_of
from petitions.worker.builds import BuildStep
from tests.domain.cast import Cast, form
from tests.domain.sealing_cast import MAJA, OLEG, sealed
from tests.journeys.visiting import path_of
from tests.mail.queueing import links_of
from tests.pages import CheckingClient
from tests.web.conftest import ANNA, stamp_in
from tests.web.organiser.conftest import MakeOrganiser, OrganisersClient
from tests.web.organiser.handing_over import frozen, stage

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

    from petitions.models import Organiser

SignedIn = Callable[..., OrganisersClient]


@pytest.fixture
def cast(database: SQLAlchemy, site: Any) -> Cast:
    """A published petition with three who confirmed and one who did not yet."""
    made = stage(site, real_now())
    signing.sign(site, made.petition, form("pending@example.org", name="Dora"), real_now())
    database.session.commit()
    return made


@pytest.fixture
def admin(signed_in: SignedIn) -> OrganisersClient:
    return signed_in(Role.ADMIN)


@pytest.fixture
def maja(make_organiser: MakeOrganiser) -> Organiser:
    return make_organiser(Role.ADMIN, name="Maja")


@pytest.fixture
def recovery_key(site: Any, cast: Cast) -> str:
    return sealed(site, cast.case.id, real_now())


def words(html: str) -> str:
    return " ".join(lxml.html.document_fromstring(html).text_content().split())


def pending(database: SQLAlchemy) -> Signature:
    query = select(Signature).order_by(Signature.id.desc()).limit(1)
    return database.session.execute(query).scalar_one()


def filled(key: str, chosen: int, **changes: str) -> dict[str, str]:
    """The form that seals, as it is filled in."""
    given = {
        "recovery_code": key,
        "last_letters_code": key[-4:].lower(),
        "custodian": str(chosen),
        "new_password": MAJA,
        "new_password_again": MAJA,
        "understood": "y",
    }
    return {**given, **changes}


def shown_key(page: Any) -> str:
    [key] = lxml.html.document_fromstring(page.text).xpath('//input[@name="recovery_code"]/@value')
    return str(key)


def test_pages_say_what_sealing_and_losing_the_key_mean(
    admin: OrganisersClient, cast: Cast
) -> None:
    for page in (
        admin.get("/organiser/sealing/"),
        admin.get(f"/organiser/sealing/{cast.case.id}"),
    ):
        assert "If all passphrases and the recovery key are lost, the names are lost." in page.text
        assert "Signing, confirming, counting and withdrawing go on" in page.text
    assert "/organiser/sealing/" in admin.get("/organiser/organisation/").text
    assert (
        f"/organiser/sealing/{cast.case.id}" in admin.get(f"/organiser/cases/{cast.case.id}").text
    )


def test_a_case_is_sealed_in_two_steps(
    admin: OrganisersClient, cast: Cast, maja: Organiser, site: Any
) -> None:
    case_id, custodian = cast.case.id, maja.id
    url = f"/organiser/sealing/{case_id}/seal"
    key = shown_key(admin.get(url))
    assert not is_sealed(case_id)
    answer = admin.post_form(url, filled(key, custodian))
    assert answer.status_code == 303
    page = words(admin.get(answer.location).text)
    assert "This server cannot read its names any more." in page
    assert "There is one custodian only" in page
    assert unlock(case_id, key).private_key == unlock(case_id, MAJA).private_key
    assert [one.organiser_id for one in custodians_of(case_id)] == [custodian, None]
    assert not site.keyring.holds_private_key(case_key(case_id).ref)
    assert audit.latest(f"case {case_id}").action == "case sealed"  # type: ignore[union-attr]  # there is one
    assert admin.get(url).status_code == 302
    assert admin.post_form(url, filled(key, custodian)).status_code == 422


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"understood": ""}, "Tick this if you have understood it"),
        ({"last_letters_code": "XXXX"}, "These are not its last four letters"),
        ({"new_password_again": "another one entirely"}, "The two are not the same"),
        ({"new_password": "password1234", "new_password_again": "password1234"}, "can be guessed"),
        ({"custodian": "4711"}, "Choose who it is"),
        ({"recovery_code": "XXXX"}, "Please write down this new key"),
    ],
)
def test_nothing_is_sealed_by_halves(
    admin: OrganisersClient, cast: Cast, maja: Organiser, changes: dict[str, str], said: str
) -> None:
    url = f"/organiser/sealing/{cast.case.id}/seal"
    key = shown_key(admin.get(url))
    answer = admin.post_form(url, filled(key, maja.id, **changes))
    assert answer.status_code == 422
    assert said in answer.text
    assert (shown_key(answer) == key) is ("recovery_code" not in changes)
    assert MAJA not in answer.text
    assert not is_sealed(cast.case.id)


def test_custodians_are_added_and_removed(
    admin: OrganisersClient,
    cast: Cast,
    recovery_key: str,
    make_organiser: MakeOrganiser,
    database: SQLAlchemy,
) -> None:
    base, case_id = f"/organiser/sealing/{cast.case.id}", cast.case.id
    oleg = make_organiser(Role.DELIVERER, name="Oleg").id
    typed = {"custodian": str(oleg), "new_password": OLEG, "new_password_again": OLEG}
    admin.get(f"{base}/add")
    wrong = admin.post_form(f"{base}/add", {**typed, "unlocking_password": "not the passphrase"})
    assert wrong.status_code == 422
    assert "the passphrase of no custodian" in wrong.text
    assert OLEG not in wrong.text
    added = admin.post_form(f"{base}/add", {**typed, "unlocking_password": recovery_key})
    assert added.status_code == 303
    first, _, second = custodians_of(case_id)
    assert second.label == "Oleg"
    remove = f"{base}/custodians/{first.id}/remove"
    assert remove in admin.get(base).text
    assert "Maja will not be able to unlock" in admin.get(remove).text
    assert admin.post_form(remove, {"unlocking_password": OLEG}).status_code == 303
    database.session.expire_all()
    assert [one.label for one in custodians_of(case_id)] == ["recovery key", "Oleg"]
    assert remove not in admin.get(base).text
    trail = words(admin.get("/organiser/audit/").text)
    assert all(deed in trail for deed in ("case sealed", "custodian added", "custodian removed"))
    last = f"{base}/custodians/{second.id}/remove"
    refused = admin.post_form(last, {"unlocking_password": OLEG})
    assert refused.status_code == 422
    assert "This is the last custodian" in refused.text


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.CAMPAIGNER, Role.DELIVERER])
def test_only_who_manages_the_organisation_gets_there(
    signed_in: SignedIn, cast: Cast, role: Role
) -> None:
    assert signed_in(role).get(f"/organiser/sealing/{cast.case.id}").status_code == 403


@pytest.mark.usefixtures("recovery_key")
def test_lists_show_everything_but_names(
    admin: OrganisersClient, cast: Cast, database: SQLAlchemy
) -> None:
    base, waiting = f"/organiser/confirmations/{cast.petition.id}", pending(database).id
    for url in (
        base,
        f"{base}/signatures?state=confirmed",
        f"{base}/signatures?state=pending",
        f"/organiser/confirmations/signature/{waiting}",
    ):
        page = admin.get(url)
        assert page.status_code == 200
        assert "names are not shown here" in page.text, url
        assert not any(name in page.text for name in ("Ada", "Boris", "Dora", "ville"))
    confirmed = words(admin.get(f"{base}/signatures?state=confirmed").text)
    assert "United Kingdom" in confirmed


@pytest.mark.usefixtures("recovery_key")
def test_mails_are_not_offered_again_and_the_way_out_is_said(
    admin: OrganisersClient, cast: Cast, database: SQLAlchemy
) -> None:
    base, waiting = f"/organiser/confirmations/{cast.petition.id}", pending(database).id
    mail = database.session.execute(
        select(Mail).where(Mail.signature_id == waiting, Mail.kind == "signing")
    ).scalar_one()
    mail.state, mail.final_at, mail.outcome = MailState.FAILED, real_now(), "no"
    mail.address_sealed = None
    database.session.commit()
    for url in (
        base,
        f"{base}/signatures?state=pending",
        f"/organiser/confirmations/signature/{waiting}",
        f"{base}/mails",
    ):
        page = admin.get(url)
        assert "signs once more on the petition’s page" in page.text, url
        assert f"{base}/resend" not in page.text, url
    said = admin.get(f"{base}/resend?id={waiting}")
    assert "No mail can go now." in said.text
    assert "signs once more" in said.text
    assert admin.post_form(f"{base}/resend", {"id": str(waiting)}).status_code == 303
    states = select(Mail.state).where(Mail.signature_id == waiting, Mail.kind == "signing")
    assert database.session.execute(states).scalars().all() == [MailState.FAILED]


@pytest.mark.usefixtures("recovery_key")
def test_signer_who_types_the_same_address_again_gets_the_confirmation_again(
    client: CheckingClient, cast: Cast, database: SQLAlchemy, site: Any
) -> None:
    """The only way in a sealed case: once the mail has gone, this server knows the address no more.

    The page after signing says so; nothing else that is typed then is stored.
    """
    settings, started = client.application.extensions["petitions.mail"], real_now()
    waiting = pending(database)
    number, sealed_before = waiting.id, waiting.person_sealed
    sent = outbox.claim(site, "w", started)
    outbox.mark_sent([mail.id for mail in sent], "w", started)
    database.session.commit()
    assert {row.address_sealed for row in database.session.execute(select(Mail)).scalars()} == {
        None
    }

    petition = f"/petitions/{cast.petition.slug}"
    typed = {**ANNA, "email": "Pending@example.org", "stamp": stamp_in(client.get(petition).text)}
    answer = client.post(f"{petition}/sign", data=typed)
    assert answer.status_code == 303
    assert "then the mail is sent again" in client.get(answer.location).text
    again = outbox.claim(site, "w", real_now() + timedelta(minutes=11))
    assert [mail.signature_id for mail in again] == [number]
    message = compose(site, settings, again[0], real_now())
    assert message["To"] == "Pending@example.org"
    [link] = [path_of(url) for url in links_of(message) if "/confirm/" in url]
    assert client.post(link, data={"appearance": "full"}).status_code == 303
    database.session.expire_all()
    confirmed = pending(database)
    assert (confirmed.id, confirmed.state) == (number, SignatureState.CONFIRMED)
    assert confirmed.person_sealed == sealed_before


def test_no_worker_is_asked_for_bundles_and_the_letter_is_shown(
    admin: OrganisersClient, cast: Cast, site: Any, database: SQLAlchemy
) -> None:
    bundle_id = frozen(cast, real_now()).id
    sealed(site, cast.case.id, real_now())
    url = f"/organiser/bundles/petitions/{cast.petition.id}"
    assert "petitions bundles build anna-b --all" in admin.get(url).text
    again = admin.post_form(f"/organiser/bundles/{bundle_id}/write")
    assert "another organiser must agree first" in admin.get(again.location).text
    preview = admin.get(f"{url}/officials/{cast.minister.official_id}")
    assert preview.status_code == 200
    assert database.session.execute(select(BundleBuild)).all() == []


def test_sealing_ends_what_is_built_and_removes_what_was(
    app: Flask, admin: OrganisersClient, cast: Cast, site: Any, database: SQLAlchemy
) -> None:
    def ask() -> int:
        build, _ = builds.request(
            cast.petition,
            [cast.minister.official_id or 0],
            language=None,
            organiser_id=admin.organiser_id,
            now=real_now(),
        )
        number = build.id
        database.session.commit()
        return number

    ask()
    step = BuildStep(app, "a worker")
    step.take(real_now())
    if step._building:
        step._building[1].join(60)
    step.close()
    [lying] = [path for path in site.outgoing.rglob("*") if path.is_file()]
    waiting = ask()
    sealed(site, cast.case.id, real_now())
    assert not lying.exists()
    page = words(admin.get(f"/organiser/bundles/builds/{waiting}").text)
    assert "This build was cancelled" in page


@pytest.mark.usefixtures("recovery_key")
def test_signers_see_that_their_name_is_sealed_and_can_do_all_the_rest(
    client: Any, cast: Cast, database: SQLAlchemy, site: Any
) -> None:
    waiting = pending(database)
    token = site.tokens.mint(CONFIRM, [waiting.id, text_of(b"x" * 32)], real_now())
    page = client.get(f"/confirm/{token}")
    assert page.status_code == 200
    assert "The name that was entered is sealed" in page.text
    assert "Dora" not in page.text
    assert client.post(f"/confirm/{token}", data={"appearance": "full"}).status_code == 303
    mine = site.tokens.mint(MY_SIGNATURE, [waiting.id], real_now())
    own = client.get(f"/my-signature/{mine}")
    assert "Sealed: this server cannot open it." in own.text
    held = client.post(f"/my-signature/{mine}/download")
    assert (held.status_code, "Dora" in held.text) == (200, False)
    asked = {"signature": str(waiting.id), "action": "withdraw"}
    assert client.post(f"/my-signature/{mine}", data=asked).status_code == 303
    assert pending(database).state is SignatureState.WITHDRAWN


@pytest.mark.usefixtures("recovery_key")
def test_keys_are_renewed_on_a_page_and_no_signature_changes(
    admin: OrganisersClient, cast: Cast, database: SQLAlchemy
) -> None:
    def rows() -> list[Any]:
        database.session.rollback()
        return list(database.session.execute(select(Signature.__table__)).all())

    case_id, before = cast.case.id, rows()
    url = f"/organiser/sealing/{case_id}/renew"
    key, public = shown_key(admin.get(url)), case_key(case_id).public_key
    typed = {"recovery_code": key, "unlocking_password": MAJA}
    wrong = admin.post_form(url, {**typed, "replace": "y", "last_letters_code": "XXXX"})
    assert (wrong.status_code, shown_key(wrong)) == (422, key)
    assert admin.post_form(url, typed).status_code == 303
    assert case_key(case_id).public_key != public
    with pytest.raises(Refused):
        unlock(case_id, key)  # it was not asked for
    admin.post_form(url, {**typed, "replace": "y", "last_letters_code": key[-4:]})
    assert unlock(case_id, key).private_key == unlock(case_id, MAJA).private_key
    assert rows() == before


@pytest.mark.usefixtures("recovery_key")
def test_a_signer_asks_what_is_held_and_a_custodian_unlocks_that_answer(
    client: Any, admin: OrganisersClient, cast: Cast, database: SQLAlchemy, site: Any
) -> None:
    number = pending(database).id
    mine = f"/my-signature/{site.tokens.mint(MY_SIGNATURE, [number], real_now())}"
    assert "it cannot read who you are" in client.get(mine).text
    asked = {"signature": str(number), "action": "ask-held"}
    nothing = client.post(mine, data=asked)
    assert (nothing.status_code, "Write how the organisers" in nothing.text) == (422, True)
    assert client.post(mine, data={**asked, "reach": "Call +44 20 7946 0018"}).status_code == 303
    assert "Nobody has answered yet" in client.get(mine).text
    assert "ask what is held" in words(admin.get("/organiser/").text)

    url = f"/organiser/confirmations/signature/{number}/answer"
    assert "asked on" in words(admin.get(url).text)
    assert admin.post_form(url, {"unlocking_password": OLEG}).status_code == 422
    seen = admin.post_form(url, {"unlocking_password": MAJA, "as": "page"})
    assert "Dora" in seen.text
    assert "+44 20 7946 0018" in seen.text
    assert MAJA not in seen.text
    assert seen.headers["Cache-Control"] == "no-store"
    file = admin.post_form(url, {"unlocking_password": MAJA, "as": "json"})
    [held] = file.get_json()["signatures"]
    assert (held["name"], held["e-mail"]) == ("Dora", "pending@example.org")
    assert "Dora" not in admin.get(f"/organiser/confirmations/signature/{number}").text

    admin.post_form(f"{url}ed")
    question = database.session.execute(select(HeldQuestion)).scalar_one()
    assert (question.reach_sealed, question.answered_by) == (None, admin.organiser_id)
    assert "Nobody has answered" not in client.get(mine).text
    trail = [entry.action for entry in audit.entries()]
    assert trail.count("case unlocked") == 2
    assert "question what is held answered" in trail


@pytest.mark.usefixtures("recovery_key")
def test_what_was_asked_goes_with_the_signature(
    cast: Cast, database: SQLAlchemy, site: Any
) -> None:
    number = pending(database).id
    held_questions.ask(site, number, "Call me", real_now())
    question = held_questions.question_about(number)
    assert question is not None
    assert held_questions.reach_of(site, cast.case.id, question) == ""  # it does not open here
    privacy.withdraw(number, real_now())
    assert database.session.execute(select(HeldQuestion)).first() is None
    with pytest.raises(TokenExpired):
        held_questions.ask(site, number, "Call me", real_now())


@pytest.mark.usefixtures("recovery_key")
def test_a_signature_that_expires_takes_its_question_with_it(
    database: SQLAlchemy, site: Any
) -> None:
    number = pending(database).id
    held_questions.ask(site, number, "Call me", real_now())
    assert expire([number], real_now()) == 1
    assert database.session.execute(select(HeldQuestion)).first() is None


def test_every_page_of_the_console_can_be_looked_at_and_names_nobody(
    app: Flask, admin: OrganisersClient, cast: Cast, database: SQLAlchemy, site: Any
) -> None:
    bundle_id, waiting = frozen(cast, real_now()).id, pending(database).id
    sealed(site, cast.case.id, real_now())
    values = {
        "case_id": cast.case.id, "petition_id": cast.petition.id, "bundle_id": bundle_id,
        "signature_id": waiting, "official_id": cast.minister.official_id, "number": 1,
        "custodian_id": custodians_of(cast.case.id)[0].id, "language": "en",
        "organiser_id": admin.organiser_id,
    }  # fmt: skip
    queries = {"confirmations.set_aside": f"?id={waiting}", "confirmations.put_back": "?id=1"}
    looked_at = 0
    for rule in app.url_map.iter_rules():
        ours = rule.rule.startswith("/organiser") and not rule.endpoint.startswith("security.")
        if not ours or "GET" not in (rule.methods or ()) or not rule.arguments <= set(values):
            continue
        given = {name: values[name] for name in rule.arguments}
        url = app.url_map.bind("localhost").build(rule.endpoint, given)
        answer = admin.get(url + queries.get(rule.endpoint, ""))
        assert answer.status_code in {200, 302, 303, 404}, rule.rule
        if answer.status_code == 200:
            looked_at += 1
            named = re.search(rb"\b(Ada|Boris|Chen|Dora|pending@example.org)\b", answer.data)
            assert named is None, rule.rule
    for state in ("pending", "confirmed", "attested", "set-aside", "withdrawn"):
        page = admin.get(f"/organiser/confirmations/{cast.petition.id}/signatures?state={state}")
        assert "names are not shown here" in page.text
    assert looked_at > 40

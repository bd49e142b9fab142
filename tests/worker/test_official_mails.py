"""A letter mailed to an official: text, files, the relay's words; never from a demonstration."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader

from petitions.cli.mails import taken_in
from petitions.domain import bundles, official_mails
from petitions.domain.signing_keys import ensure_signing_key
from petitions.errors import Refused
from petitions.extensions import begin_snapshot, db
from petitions.models import (
    Appearance,
    Bundle,
    ContactKind,
    Delivery,
    DeliveryOutcome,
    OfficialContact,
    OfficialMail,
    OfficialMailState,
    Organiser,
)
from petitions.worker.official_mails import OfficialMailStep
from petitions.worker.outgoing import OutgoingStep
from tests.domain.test_bundles import signed
from tests.newsroom import organiser
from tests.worker.conftest import Stage

A = Appearance
S = OfficialMailState
ADDRESS = "minister@gov.example"
REPORT = """From: MAILER-DAEMON@gov.example
To: {returned}
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

The minister has no mailbox here.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; gov.example

Final-Recipient: rfc822; minister@gov.example
Action: failed
Status: 5.1.1

--b
Content-Type: message/rfc822

{enclosed}
--b--
"""


@pytest.fixture
def author(stage: Stage) -> Organiser:
    return organiser(stage.clock())


@pytest.fixture
def bundle(stage: Stage) -> Bundle:
    """The minister's bundle, with two names; the directory has an address."""
    ensure_signing_key(stage.site.keyring)
    signed(stage.site, stage.cast, stage.clock(), ("Ada", "GB", A.FULL), ("Chen", "DE", A.COUNTED))
    official = stage.cast.minister.official_id
    db.session.add(
        OfficialContact(official_id=official, kind=ContactKind.EMAIL, position=1, value=ADDRESS)
    )
    db.session.commit()
    begin_snapshot()
    to = bundles.recipient_named(stage.cast.petition, "minister-anna-b")
    [frozen] = bundles.freeze(stage.cast.petition, to, stage.clock())
    db.session.commit()
    return frozen


@pytest.fixture
def ask(stage: Stage, bundle: Bundle, author: Organiser) -> Callable[..., OfficialMail]:
    def do(address: str = ADDRESS, *, with_list: bool = False) -> OfficialMail:
        mail = official_mails.ask(
            stage.site,
            bundle,
            address,
            with_list=with_list,
            organiser_id=author.id,
            now=stage.clock(),
        )
        db.session.commit()
        return mail

    return do


def work(app: Flask, stage: Stage) -> None:
    """What the worker does in one turn, to its end."""
    db.session.rollback()
    step = OfficialMailStep(app, stage.clock)
    step.take(stage.clock())
    if step._thread is not None:
        step._thread.join(60)
    db.session.expire_all()


def test_letter_is_the_text_and_attached_and_the_relays_words_are_kept(
    app: Flask, stage: Stage, ask: Callable[..., OfficialMail], tmp_path: Any
) -> None:
    stage.smtp.refuse("STORED", "250 2.0.0 Ok: queued as 4XYZ", times=1)
    mail = ask()
    work(app, stage)
    [sent] = stage.smtp.mails
    assert sent.recipients == (ADDRESS,)
    assert sent.message["Subject"] == "Anna B"
    assert sent.message["Message-ID"] == mail.message_id
    for told in ("Dear Minister", "Anna B is reported missing.", "I urge you to say where she"):
        assert told in sent.text
    assert "2 people have signed this petition" in sent.text
    assert "The names are not enclosed with this letter." in sent.text
    [attached] = sent.message.iter_attachments()
    assert attached.get_filename() == "anna-b-1-letter.pdf"
    assert b"Ada" not in sent.data
    assert (mail.state, mail.reply) == (S.SENT, "250 2.0.0 Ok: queued as 4XYZ")
    delivery = db.session.get_one(Delivery, mail.delivery_id)
    assert (delivery.outcome, delivery.public) == (DeliveryOutcome.EMAILED, False)


def test_list_goes_with_it_only_where_that_is_asked_for(
    app: Flask, stage: Stage, ask: Callable[..., OfficialMail], tmp_path: Any
) -> None:
    ask(with_list=True)
    work(app, stage)
    files = {
        part.get_filename(): part.get_content()
        for part in stage.smtp.mails[0].message.iter_attachments()
    }
    assert set(files) == {"anna-b-1-letter.pdf", "anna-b-1-signatures.pdf"}
    (tmp_path / "list.pdf").write_bytes(files["anna-b-1-signatures.pdf"])
    [page] = PdfReader(tmp_path / "list.pdf").pages
    assert "Ada" in page.extract_text()


def test_demonstration_never_mails_an_official(
    app: Flask, stage: Stage, ask: Callable[..., OfficialMail], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not asked for, and not sent where it was asked for all the same."""
    mail = ask()
    monkeypatch.setitem(app.extensions, "petitions", replace(stage.site, demonstration=True))
    work(app, stage)
    assert (mail.state, mail.reply) == (S.FAILED, "demonstration")
    assert stage.smtp.mails == []
    with pytest.raises(Refused, match="demonstration"):
        official_mails.ask(
            replace(stage.site, demonstration=True),
            db.session.get_one(Bundle, mail.bundle_id),
            ADDRESS,
            with_list=False,
            organiser_id=mail.asked_by,
            now=stage.clock(),
        )


def test_mails_to_officials_keep_their_pace(
    app: Flask, stage: Stage, bundle: Bundle, ask: Callable[..., OfficialMail]
) -> None:
    db.session.add(
        OfficialContact(
            official_id=bundle.official_id,
            kind=ContactKind.EMAIL,
            position=2,
            value="second@gov.example",
        )
    )
    ask()
    ask("second@gov.example")
    work(app, stage)
    work(app, stage)
    assert len(stage.smtp.mails) == 1
    stage.clock.shift(seconds=20)
    work(app, stage)
    assert [mail.recipients for mail in stage.smtp.mails] == [(ADDRESS,), ("second@gov.example",)]


def test_passing_refusal_is_tried_again_and_a_final_one_is_kept(
    app: Flask, stage: Stage, ask: Callable[..., OfficialMail]
) -> None:
    stage.smtp.refuse("RCPT", "451 4.7.1 Come back later", times=1)
    mail = ask()
    work(app, stage)
    assert (mail.state, mail.reply) == (S.WAITING, "451 4.7.1 Come back later")
    stage.clock.shift(minutes=1)
    stage.smtp.refuse("RCPT", "550 5.1.1 No such minister", times=1)
    work(app, stage)
    assert (mail.state, mail.reply) == (S.FAILED, "550 5.1.1 No such minister")
    assert stage.smtp.mails == []
    assert mail.delivery_id is None


def test_mail_that_may_have_arrived_is_never_sent_again_by_itself(
    app: Flask, stage: Stage, ask: Callable[..., OfficialMail]
) -> None:
    stage.smtp.drop("STORED")
    lost = ask()
    work(app, stage)
    assert lost.state is S.FAILED
    official_mails.begin(stage.site, ask(), stage.clock())  # and here its worker is killed
    db.session.commit()
    for _ in range(3):
        stage.clock.shift(minutes=20)
        work(app, stage)
    assert len(stage.smtp.mails) == 1
    assert {one.state for one in official_mails.mails_of(lost.bundle_id)} == {S.FAILED}


def test_report_that_comes_back_is_kept_and_the_delivery_has_returned(
    app: Flask, stage: Stage, ask: Callable[..., OfficialMail], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(app.extensions["petitions.mail"], bounce_address="bounces@example.org")
    monkeypatch.setitem(app.extensions, "petitions.mail", settings)
    mail = ask()
    work(app, stage)
    returned = stage.smtp.mails[0].sender
    assert returned.startswith("bounces+")
    sent = stage.smtp.mails[0]
    assert "Dear Minister" in sent.text
    report = REPORT.format(returned=returned, enclosed=sent.data.decode()).encode()
    for _ in range(2):
        assert taken_in(report, "") == "hard"
    db.session.expire_all()
    assert mail.returned_at is not None
    assert "The minister has no mailbox here." in mail.report
    assert "Status: 5.1.1" in mail.report
    assert "Dear Minister" not in mail.report
    assert "application/pdf" not in mail.report, "a list would be kept where no erasure reaches it"
    delivery = db.session.get_one(Delivery, mail.delivery_id)
    assert delivery.outcome is DeliveryOutcome.RETURNED


def test_list_that_a_killed_worker_was_about_to_attach_goes_by_itself(
    app: Flask, stage: Stage
) -> None:
    mailing = stage.site.outgoing.parent / "mailing"
    for name, minutes in (("killed", 21), ("at-work", 1)):
        (mailing / name).mkdir(parents=True)
        (mailing / name / "signatures.pdf").write_bytes(b"Ada")
        then = (stage.clock() - timedelta(minutes=minutes)).timestamp()
        os.utime(mailing / name, (then, then))
    OutgoingStep(app).take(stage.clock())
    assert [each.name for each in mailing.iterdir()] == ["at-work"]


@pytest.mark.parametrize(
    ("given", "reason"),
    [({"address": "other@gov.example"}, "no address"), ({}, "under way")],
)
def test_what_cannot_be_mailed_is_refused(
    stage: Stage, ask: Callable[..., OfficialMail], given: dict[str, Any], reason: str
) -> None:
    ask()
    with pytest.raises(Refused) as refusal:
        ask(**given)
    assert refusal.value.reason == reason


def test_mail_that_waits_can_be_taken_back(
    app: Flask, stage: Stage, ask: Callable[..., OfficialMail]
) -> None:
    mail = ask()
    official_mails.cancel(mail, actor="organiser 1", now=stage.clock())
    db.session.commit()
    work(app, stage)
    assert stage.smtp.mails == []
    with pytest.raises(Refused, match="over"):
        official_mails.cancel(mail, actor="organiser 1", now=stage.clock() + timedelta(minutes=1))

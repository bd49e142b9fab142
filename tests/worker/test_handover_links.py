"""Papers fetched under a link in a mail to an official: these alone, for some days, unseen."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from petitions.domain import handover_links, privacy
from petitions.errors import Refused, TokenUnknown
from petitions.extensions import begin_write, db
from petitions.models import (
    Appearance,
    Bundle,
    Case,
    HandoverLink,
    OfficialMail,
    OfficialMailState,
    Organiser,
    Signature,
)
from petitions.worker.outgoing import OutgoingStep
from tests.pages import CheckingClient
from tests.web.guarded import assert_guarded
from tests.worker.conftest import Stage
from tests.worker.test_official_mails import ADDRESS, author, bundle, official_mails, work

__all__ = ["author", "bundle"]  # fixtures

LINK = re.compile(r"/handed-over/\S+")


@pytest.fixture(autouse=True)
def _clock(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("petitions.web.public.handed_over.now", stage.clock)
    monkeypatch.setattr("petitions.web.limits.now", stage.clock)


@pytest.fixture
def sent(
    app: Flask, stage: Stage, bundle: Bundle, author: Organiser
) -> Callable[..., tuple[OfficialMail, str]]:
    def do(*, with_list: bool = True) -> tuple[OfficialMail, str]:
        mail = official_mails.ask(
            stage.site,
            bundle,
            ADDRESS,
            with_list=with_list,
            by_link=True,
            organiser_id=author.id,
            now=stage.clock(),
        )
        db.session.commit()
        work(app, stage)
        found = LINK.search(stage.smtp.mails[-1].text)
        assert found is not None
        return mail, found[0]

    return do


def link_of(mail: OfficialMail) -> HandoverLink:
    found = handover_links.link_of(mail.id)
    assert found is not None
    return found


def fetched(client: CheckingClient, link: str, number: int) -> Any:
    return client.post(f"{link.partition('?')[0]}/files/{number}")


def test_link_gives_out_the_papers_of_its_bundle_and_counts_them(
    client: CheckingClient, stage: Stage, sent: Callable[..., Any], tmp_path: Path
) -> None:
    mail, link = sent()
    assert list(stage.smtp.mails[0].message.iter_attachments()) == []
    assert "can be downloaded until" in stage.smtp.mails[0].text
    page = client.get(link)
    assert_guarded(page.headers, "the page of a link")
    assert page.headers["Cache-Control"] == "no-store"
    assert "List of signatures" in page.text
    assert "Ada" not in page.text
    db.session.expire_all()
    assert link_of(mail).fetched == 0, "a scanner that opens the link counts nothing"
    for number, told in ((1, "Dear Minister"), (2, "Ada")):
        answer = fetched(client, link, number)
        assert (answer.status_code, answer.content_type) == (200, "application/pdf")
        assert answer.headers["Cache-Control"] == "no-store"
        assert_guarded(answer.headers, "a file of a link")
        (tmp_path / "paper.pdf").write_bytes(answer.data)
        assert told in PdfReader(tmp_path / "paper.pdf").pages[0].extract_text()
    db.session.expire_all()
    counted = link_of(mail)
    assert (counted.fetched, counted.first_fetched_at) == (2, stage.clock())
    assert fetched(client, link, 3).status_code == 404


def test_papers_on_the_disk_tell_nothing_without_the_link(
    stage: Stage, sent: Callable[..., Any]
) -> None:
    mail, _ = sent()
    folder = stage.site.outgoing.parent / "handed-over" / str(mail.id)
    assert {path.name for path in folder.iterdir()} == {"letter.pdf", "signatures.pdf"}
    for path in folder.iterdir():
        assert b"%PDF" not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0 or folder.stat().st_mode & 0o077 == 0


def test_link_is_over_after_its_days_and_the_files_go(
    app: Flask, client: CheckingClient, stage: Stage, sent: Callable[..., Any]
) -> None:
    mail, link = sent()
    stage.clock.shift(days=13, hours=23)
    assert client.get(link).status_code == 200
    stage.clock.shift(hours=1)
    assert client.get(link).status_code == 410
    assert fetched(client, link, 1).status_code == 410
    OutgoingStep(app).take(stage.clock())
    assert not (stage.site.outgoing.parent / "handed-over" / str(mail.id)).exists()
    db.session.expire_all()
    assert link_of(mail).ended_at == link_of(mail).ends_at


def test_link_is_over_when_its_case_is_hidden(
    app: Flask, client: CheckingClient, stage: Stage, sent: Callable[..., Any]
) -> None:
    mail, link = sent()
    case = db.session.execute(select(Case)).scalar_one()
    case.hidden_at, case.hidden_reason = stage.clock(), "asked by the family"
    db.session.commit()
    assert client.get(link).status_code == fetched(client, link, 1).status_code == 410
    OutgoingStep(app).take(stage.clock())
    assert not (stage.site.outgoing.parent / "handed-over" / str(mail.id)).exists()


@pytest.mark.parametrize("with_list", [True, False])
def test_link_to_a_list_is_over_when_somebody_in_it_is_erased(
    app: Flask,
    client: CheckingClient,
    stage: Stage,
    *,
    sent: Callable[..., Any],
    with_list: bool,
) -> None:
    """The letter alone names nobody: its link stays good."""
    mail, link = sent(with_list=with_list)
    begin_write()
    named = select(Signature.id).where(Signature.appearance == Appearance.FULL)
    privacy.erase(db.session.execute(named).scalar_one(), stage.clock())
    db.session.commit()
    assert client.get(link).status_code == (410 if with_list else 200)
    assert fetched(client, link, 1).status_code == (410 if with_list else 200)
    OutgoingStep(app).take(stage.clock())
    lying = (stage.site.outgoing.parent / "handed-over" / str(mail.id)).exists()
    assert lying is not with_list


def test_organiser_can_end_a_link(
    client: CheckingClient, stage: Stage, sent: Callable[..., Any]
) -> None:
    mail, link = sent()
    handover_links.end(mail, actor="organiser 1", now=stage.clock())
    db.session.commit()
    assert client.get(link).status_code == 410
    with pytest.raises(Refused, match="over"):
        handover_links.end(mail, actor="organiser 1", now=stage.clock())


def test_nothing_of_a_demonstration_is_given_out(
    app: Flask,
    client: CheckingClient,
    stage: Stage,
    *,
    sent: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, link = sent()
    monkeypatch.setitem(app.extensions, "petitions", replace(stage.site, demonstration=True))
    assert client.get(link).status_code == fetched(client, link, 1).status_code == 404


def test_link_that_is_none_is_unknown_and_guessing_is_limited(
    client: CheckingClient, stage: Stage, sent: Callable[..., Any]
) -> None:
    _, link = sent()
    token = link.partition("?")[0].rpartition("/")[2]
    statuses = [client.get(f"/handed-over/{token[:-4]}abcd").status_code for _ in range(31)]
    assert (statuses[0], statuses[-1]) == (404, 429)
    assert client.get(link).status_code == 200, "a good link is never in the way of guessers"


def test_files_of_one_link_are_fetched_so_often_and_no_more(
    client: CheckingClient, stage: Stage, sent: Callable[..., Any]
) -> None:
    _, link = sent(with_list=False)
    statuses = [fetched(client, link, 1).status_code for _ in range(61)]
    assert (statuses[59], statuses[60]) == (200, 429)


def test_more_than_mail_servers_take_goes_by_a_link(
    app: Flask,
    stage: Stage,
    bundle: Bundle,
    *,
    author: Organiser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("petitions.mail.officials.MOST_BYTES", 1000)
    mail = official_mails.ask(
        stage.site, bundle, ADDRESS, with_list=False, organiser_id=author.id, now=stage.clock()
    )
    db.session.commit()
    work(app, stage)
    assert mail.state is OfficialMailState.SENT
    assert LINK.search(stage.smtp.mails[0].text)
    assert link_of(mail).files[0][0] == "letter.pdf"


def test_mail_that_is_tried_again_has_another_link(
    app: Flask, client: CheckingClient, stage: Stage, *, sent: Callable[..., Any]
) -> None:
    """What the relay refused may have been read on its way: that link leads nowhere."""
    stage.smtp.refuse("RCPT", "451 4.7.1 Come back later", times=1)
    with pytest.raises(IndexError):
        sent()
    [mail] = db.session.execute(select(OfficialMail)).scalars()
    assert link_of(mail).ended_at is not None
    first = link_of(mail).key_hash
    stage.clock.shift(minutes=1)
    work(app, stage)
    found = LINK.search(stage.smtp.mails[0].text)
    assert found is not None
    assert client.get(found[0]).status_code == 200
    db.session.expire_all()
    assert link_of(mail).key_hash != first


def test_files_of_a_mail_in_hand_are_left_to_its_worker_and_strays_go(
    app: Flask, stage: Stage, bundle: Bundle, author: Organiser, tmp_path: Path
) -> None:
    mail = official_mails.ask(
        stage.site, bundle, ADDRESS, with_list=False, organiser_id=author.id, now=stage.clock()
    )
    db.session.commit()
    begin_write()
    official_mails.claim(mail.id, stage.clock())
    db.session.commit()
    (tmp_path / "letter.pdf").write_bytes(b"%PDF")
    made = handover_links.make(stage.site, mail, [tmp_path / "letter.pdf"], 14, stage.clock())
    folder = stage.site.outgoing.parent / "handed-over"
    (folder / "999").mkdir()
    OutgoingStep(app).take(stage.clock())
    assert [path.name for path in folder.iterdir()] == [f"{mail.id}.made"]
    with pytest.raises(TokenUnknown):
        handover_links.opened(stage.site, made.token, stage.clock())
    OutgoingStep(app).take(stage.clock() + timedelta(hours=1))
    assert list(folder.iterdir()) == []

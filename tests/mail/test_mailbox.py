"""The demonstration's mailbox, read with the standard library as its page does."""

from __future__ import annotations

import mailbox
from email.message import EmailMessage
from pathlib import Path

from petitions.mail.mailbox import DemonstrationMailbox


def message(number: int) -> EmailMessage:
    made = EmailMessage()
    made["Subject"] = f"Mail {number}"
    made["Message-ID"] = f"<{number}@example.org>"
    made.set_content("Grüße")
    return made


def test_each_mail_is_filed_once_however_often_it_is_tried(tmp_path: Path) -> None:
    filed = DemonstrationMailbox(tmp_path / "mailbox")
    filed.file(message(1))
    filed.file(message(2))
    filed.file(message(1))
    read = mailbox.Maildir(tmp_path / "mailbox", create=False)
    assert sorted(str(mail["Subject"]) for mail in read) == ["Mail 1", "Mail 2"]


def test_mail_that_was_read_is_not_filed_again(tmp_path: Path) -> None:
    filed = DemonstrationMailbox(tmp_path / "mailbox")
    filed.file(message(1))
    read = mailbox.Maildir(tmp_path / "mailbox", create=False)
    [(key, mail)] = list(read.items())
    mail.set_subdir("cur")
    mail.add_flag("S")
    read[key] = mail
    filed.file(message(1))
    assert len(mailbox.Maildir(tmp_path / "mailbox", create=False)) == 1


def test_a_second_worker_uses_the_same_mailbox(tmp_path: Path) -> None:
    DemonstrationMailbox(tmp_path / "mailbox").file(message(1))
    DemonstrationMailbox(tmp_path / "mailbox").file(message(1))
    assert len(mailbox.Maildir(tmp_path / "mailbox", create=False)) == 1

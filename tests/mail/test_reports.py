"""Reports of mails that came back, as mail servers write them, and as strangers might."""

from __future__ import annotations

import mailbox
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petitions.mail.reports import Report, read_report, reports_in, words_of

OURS = "bounces@example.org"
ID = "abcdefghijklmnopqrstuvwxyz234567"
RETURNED = f"bounces+{ID}@example.org"

DSN = f"""\
Received: from relay.example.net by mx.example.org; Sat, 14 Mar 2026 09:26:53 +0000
From: Mail Delivery System <MAILER-DAEMON@relay.example.net>
To: {RETURNED}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I could not deliver it: user@example.com does not exist. Status: 4.0.0

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example.net

Final-Recipient: rfc822; user@example.com
Action: failed
Status: 5.1.1 (bad destination)
Diagnostic-Code: smtp; 550 5.1.1 <user@example.com> unknown

--b
Content-Type: text/rfc822-headers

Subject: Watch: please confirm that it was you
To: user@example.com

--b--
"""


def test_id_action_and_code_are_read_and_no_address() -> None:
    report = read_report(DSN.encode(), OURS)
    assert report == Report((ID,), "failed", "5.1.1")
    assert ID not in repr(report)


def test_words_of_a_report_are_the_servers_and_nothing_of_the_mail_that_it_sends_back() -> None:
    enclosed = (
        "Content-Type: multipart/mixed; boundary=c\n\n--c\n\nDear Minister,\n"
        "--c\nContent-Type: text/plain\n\nAda Lovelace, London\n--c--\n"
    )
    told = "I could not deliver it. You wrote: https://w.example/handed-over/AB.cd-9?lang=en"
    report = DSN.replace("I could not deliver it", told).replace(
        "--b\nContent-Type: text/rfc822-headers\n\n",
        f"--b\nContent-Type: message/rfc822\n\n{enclosed}\n"
        "--b\nContent-Type: text/plain\n\nAda Lovelace again\n\n"
        "--b\nContent-Type: text/rfc822-headers\n\n",
    )
    words = words_of(report.encode())
    for kept in ("Subject: Undelivered Mail", "I could not deliver it", "Diagnostic-Code: smtp;"):
        assert kept in words
    for gone in ("Dear Minister", "Ada", "AB.cd-9", "please confirm"):
        assert gone not in words


def test_the_id_may_stand_in_what_the_mail_server_says_alone() -> None:
    hidden = DSN.replace(RETURNED, "undisclosed-recipients:;")
    assert read_report(hidden.encode(), OURS) is None
    delivered_to = f"Bounces+{ID.upper()}@EXAMPLE.org"
    found = read_report(hidden.encode(), OURS, delivered_to)
    assert found == Report((ID,), "failed", "5.1.1")
    header = f"Delivered-To: {delivered_to}\n{hidden}"
    assert read_report(header.encode(), OURS) == found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (RETURNED, f"bounces+{ID}@example.org.evil.example"),
        (RETURNED, f"other.bounces+{ID}@example.org"),
        (RETURNED, "bounces+short@example.org"),
        (RETURNED, OURS),
        ("message/delivery-status", "text/plain"),
        ("Status: 5.1.1 (bad destination)", "Status: unknown"),
        ("Action: failed\n", ""),
    ],
)
def test_whatever_is_no_report_to_us_is_passed_over(old: str, new: str) -> None:
    assert old in DSN
    assert read_report(DSN.replace(old, new).encode(), OURS) is None


def test_of_several_recipients_the_one_that_failed_for_good_counts() -> None:
    delayed = "Final-Recipient: rfc822; a@b.org\nAction: delayed\nStatus: 4.2.2\n\n"
    both = DSN.replace("Final-Recipient: rfc822; user", f"{delayed}Final-Recipient: rfc822; user")
    assert read_report(both.encode(), OURS) == Report((ID,), "failed", "5.1.1")


@given(st.binary(max_size=400), st.integers(0, len(DSN)))
def test_nothing_that_is_sent_here_is_an_error(rubbish: bytes, at: int) -> None:
    for sent in (rubbish, DSN[:at].encode() + rubbish + DSN[at:].encode()):
        read_report(sent, OURS)
        words_of(sent)


def test_a_file_with_one_report_an_mbox_and_a_maildir_are_read(tmp_path: Path) -> None:
    single, box, folder = tmp_path / "one.eml", tmp_path / "box", tmp_path / "folder"
    single.write_text(DSN)
    mbox, maildir = mailbox.mbox(box), mailbox.Maildir(folder)
    for number in range(2):
        mbox.add(DSN.replace("Undelivered", f"Undelivered {number}"))
        maildir.add(DSN)
    mbox.close()
    for path, number in ((single, 1), (box, 2), (folder, 2)):
        seen: list[Report | None] = []

        def note(data: bytes, seen: list[Report | None] = seen) -> bool:
            seen.append(read_report(data, OURS))
            return True

        assert reports_in(path, note) == number
        assert seen == [Report((ID,), "failed", "5.1.1")] * number


def test_only_what_was_understood_is_taken_out(tmp_path: Path) -> None:
    path = tmp_path / "box"
    box = mailbox.mbox(path)
    box.add("Subject: hello\n\nno report\n")
    box.add(DSN)
    box.close()
    reports_in(path, lambda data: read_report(data, OURS) is not None, remove=True)
    left = mailbox.mbox(path)
    assert [message["Subject"] for message in left] == ["hello"]
    left.close()


def test_an_empty_mailbox_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "box"
    path.touch()
    assert reports_in(path, lambda _: True, remove=True) == 0

"""Reports of mails that came back, forged: they shall silence nobody, and break nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from base64 import b32encode
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

from petitions.cli.mails import taken_in
from petitions.domain.outbox import BOUNCED
from tests.abuse.attacker.client import Attacker
from tests.abuse.attacker.ledger import Attack
from tests.abuse.target import BOUNCES, CASE, OTHERS, Target
from tests.journeys.staging import somebody

Begin = Callable[..., Attack]
LOCAL, DOMAIN = BOUNCES.split("@")


def report(to: str, about: str, *, status: str = "5.1.1", **headers: str) -> bytes:
    """A report that a mail to `about` came back, sent to a return path."""
    message = EmailMessage()
    message["From"] = "Mail Delivery System <MAILER-DAEMON@mx.example.net>"
    message["To"] = to
    message["Subject"] = "Undelivered Mail Returned to Sender"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(f"<{about}>: unknown user. Status: {status}")
    text = message.as_string().replace("text/plain", "multipart/report; boundary=b", 1)
    head, _, said = text.partition("\n\n")
    told = f"Final-Recipient: rfc822; {about}\nAction: failed\nStatus: {status}"
    parts = ("text/plain\n\n" + said, f"message/delivery-status\n\nReporting-MTA: x\n\n{told}\n")
    body = "".join(f"--b\nContent-Type: {part}\n" for part in parts) + "--b--\n"
    return f"{head}\n\n{body}".encode()


def path_of_return(return_id: str, domain: str = DOMAIN) -> str:
    return f"{LOCAL}+{return_id}@{domain}"


def guessed() -> str:
    return b32encode(os.urandom(20)).decode().lower()


def forgeries(victim: str, own_return: str) -> list[bytes]:
    """Reports by somebody who knows an address, and has a return path of their own mail."""
    own_id = own_return.split("+")[1].split("@", maxsplit=1)[0]
    ids = [guessed() for _ in range(40)]
    ids += [own_id[:-1] + ("a" if own_id[-1] != "a" else "b"), own_id[::-1], own_id[:31], "a" * 32]
    forged = [report(path_of_return(one), victim) for one in ids]
    forged += [report(to, victim) for to in (BOUNCES, victim, f"{LOCAL}+{victim}", f"{LOCAL}+@x")]
    foreign = path_of_return(own_id, f"{DOMAIN}.evil.example")
    forged += [report(foreign, victim), report(f"x.{own_return}", victim)]
    plain = report(own_return, victim)
    forged += [plain.replace(b"message/delivery-status", b"text/plain")]
    forged += [report(own_return, victim, status=bad) for bad in ("9.9.9", "5", "x")]
    forged += [plain[:n] for n in range(0, plain.index(b"Action"), 23)]
    forged += [b"", b"\0" * 500, b"From: x\n" * 2000, b"Content-Type: multipart/report;" * 500]
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n)
                      for n in range(60))  # fmt: skip
    return [*forged, nested + plain]


def silenced(target: Target) -> list[Any]:
    return [row[0] for row in target.rows("SELECT reason FROM suppression ORDER BY created_at")]


def test_reports_that_are_forged(both: Target, attack: Begin) -> None:
    tried = attack("list silencing", "reports of mails that came back, with guessed ids and lies")
    attacker, victim, forger = Attacker(both.url), somebody(), somebody()
    attacker.signs(CASE, victim.typed())
    attacker.signs(CASE, forger.typed())
    both.mail_to(victim.email)
    own_return = both.mail_to(forger.email).sender
    assert own_return.startswith(f"{LOCAL}+")
    before = both.settled()
    forged = forgeries(victim.email, own_return)
    became = both.inside(lambda _: [taken_in(data, "") for data in forged])
    tried.tries(len(forged))
    tried.through += [f"{word}: {data!r}" for word, data in zip(became, forged, strict=True)
                      if word not in {"no report of ours", "ignored"}]  # fmt: skip
    tried.through += [name for name, rows in both.settled().items() if before[name] != rows]
    tried.failed()


def test_a_report_on_ones_own_mail_that_names_somebody_else(target: Target, attack: Begin) -> None:
    tried = attack("list silencing", "a good id in a report that names somebody else")
    attacker, victim, forger = Attacker(target.url), somebody(), somebody()
    attacker.signs(CASE, victim.typed())
    attacker.signs(CASE, forger.typed())
    target.mail_to(victim.email)
    own_return, before = target.mail_to(forger.email).sender, silenced(target)
    said = report(own_return, victim.email, Delivered_To=victim.email, X_Failed=victim.email)
    done = subprocess.run(
        [sys.executable, "-m", "petitions", "mails", "bounces", "--recipient", own_return],
        input=said, capture_output=True, env=target.site.environ, timeout=60, check=False,
    )  # fmt: skip
    tried.check((done.returncode, done.stdout) == (0, b""), done.stderr.decode())
    assert silenced(target) == [*before, BOUNCED], "the forger's own address, and no other"
    attacker.signs(OTHERS[0], victim.typed())
    tried.check(target.mail_to(victim.email, 2).recipients == (victim.email,), "no more mail")
    tried.failed()

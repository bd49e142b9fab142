"""`petitions mails`: what became of the mails, without saying to whom; and those that come back."""

import sys
from collections import Counter
from pathlib import Path

import click

from petitions.cli.house import House, inside, pass_house, site_of
from petitions.cli.saying import result, table

_MOMENT = "%Y-%m-%d %H:%M UTC"
_TRY_AGAIN = 75
"""EX_TEMPFAIL of sysexits.h: a mail server that pipes mail to a command then keeps it for later."""
_NO_REPORT, _TOO_EARLY = "no report of ours", "too early"


@click.group(invoke_without_command=True)
@click.pass_context
def mails(context: click.Context) -> None:
    """Show how many mails were sent, wait, failed, were withheld or came back, and why.

    What waits is told with why and until when: for the worker, for the pause between two mails to
    one address, for the next hour where a limit is reached, or as a reminder. Mails that wait after
    a failed attempt, and those that failed for good, are listed by number. No address is shown:
    none is kept once a mail is final.
    """
    if context.invoked_subcommand is None:
        with inside(context.ensure_object(House)):
            _show()


@mails.command()
@click.argument("file", type=click.Path(exists=True, path_type=Path), required=False)
@click.option("--recipient", default="", help="The address that the mail server delivers to.")
@click.option("--remove", is_flag=True, help="Take what was understood out of the mailbox.")
@pass_house
def bounces(house: House, file: Path | None, recipient: str, remove: bool) -> int:
    """Take in reports of mails that came back (RFC 3464): one from standard input, or a mailbox.

    FILE is an mbox, a Maildir, or a file with one report. Addresses that a mail came back from for
    good get no more mail; all that came back shows in the console and in `petitions mails`. From
    standard input nothing is printed, and the exit status 75 asks to bring the report again later.
    """
    from petitions.mail.reports import LARGEST, reports_in

    taken: Counter[str] = Counter()

    def handle(data: bytes) -> bool:
        became = taken_in(data, recipient)
        taken[became] += 1
        return became not in (_NO_REPORT, _TOO_EARLY)

    with inside(house):
        if file is None:
            handle(sys.stdin.buffer.read(LARGEST))
            return _TRY_AGAIN if taken[_TOO_EARLY] else 0
        reports_in(file, handle, remove=remove)
    table(("reports", "number"), sorted(taken.items()))
    return 0


def taken_in(data: bytes, recipient: str) -> str:
    """Take one message in, in a transaction of its own; return the word for what became of it."""
    from flask import current_app

    from petitions.clock import now
    from petitions.domain.bounces import Taken, take_report
    from petitions.domain.official_mails import take_report as take_official
    from petitions.extensions import begin_write, db
    from petitions.mail.reports import read_report, words_of

    address = current_app.extensions["petitions.mail"].bounce_address
    if not address:
        raise click.ClickException(
            "PETITIONS_BOUNCE_ADDRESS is not set: mails do not come back here"
        )
    report = read_report(data, address, recipient)
    if report is None:
        return _NO_REPORT
    begin_write()
    site = site_of(current_app)
    words = [
        take_report(site, one, report.action, report.status, now()) for one in report.return_ids
    ]
    failed = report.action == "failed" and report.status.startswith("5.")
    for one in report.return_ids:
        if take_official(site, one, words_of(data), failed=failed, now=now()):
            words.append(Taken.HARD if failed else Taken.SOFT)
    db.session.commit()
    return next((word for word in words if word is not Taken.IGNORED), Taken.IGNORED).value


def _show() -> None:
    from petitions.clock import now
    from petitions.domain.mail_report import mail_numbers, troubled_mails, waiting_mails

    numbers = [(count.state, count.outcome or "", count.number) for count in mail_numbers()]
    waiting = [
        (each.why, each.number, f"{each.first_at:{_MOMENT}}", f"{each.last_at:{_MOMENT}}")
        for each in waiting_mails(now())
    ]
    troubled = [
        (
            mail.id,
            mail.kind,
            mail.state,
            mail.attempts,
            mail.outcome or "",
            f"{mail.final_at or mail.not_before:{_MOMENT}}",
        )
        for mail in troubled_mails()
    ]
    table(("state", "outcome", "mails"), numbers)
    if waiting:
        result("")
        table(("waits", "mails", "first not before", "last not before"), waiting)
    if troubled:
        result("")
        table(("mail", "kind", "state", "attempts", "outcome", "failed or tried next at"), troubled)

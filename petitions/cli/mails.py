"""`petitions mails`: what became of the mails, without saying to whom."""

import click

from petitions.cli.house import House, inside, pass_house
from petitions.cli.saying import result, table


@click.command()
@pass_house
def mails(house: House) -> None:
    """Show how many mails were sent, wait, failed or were withheld, and why.

    Mails that wait after a failed attempt, and those that failed for good, are listed by number.
    No address is shown: none is kept once a mail is final.
    """
    from petitions.domain.mail_report import mail_numbers, troubled_mails

    with inside(house):
        numbers = [(count.state, count.outcome or "", count.number) for count in mail_numbers()]
        troubled = [
            (
                mail.id,
                mail.kind,
                mail.state,
                mail.attempts,
                mail.outcome or "",
                f"{mail.final_at or mail.not_before:%Y-%m-%d %H:%M} UTC",
            )
            for mail in troubled_mails()
        ]
    table(("state", "outcome", "mails"), numbers)
    if troubled:
        result("")
        table(("mail", "kind", "state", "attempts", "outcome", "failed or tried next at"), troubled)

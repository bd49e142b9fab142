"""`petitions relief`: what gives way under heavy load, so that signing need not."""

import click

from petitions.cli.house import House, inside, pass_house
from petitions.cli.saying import note, result, table

_WORDS = {
    "pages": "public pages are renewed every half minute",
    "numbers": "public numbers are added up once a minute",
    "news": "news is neither queued nor sent",
    "bundles": "builds that are asked for wait",
    "mails": "workers send few mails a second (PETITIONS_MAIL_SLOW_PER_SECOND)",
}
_lane = click.argument("what", type=click.Choice(list(_WORDS)))


@click.group(invoke_without_command=True)
@click.pass_context
def relief(context: click.Context) -> None:
    """Show what gives way under heavy load, and turn it on or off. Signing never gives way.

    Turn them on from the top, and off again when the rush is over: each stays until then.
    """
    if context.invoked_subcommand is None:
        with inside(context.ensure_object(House)):
            _show()


@relief.command()
@_lane
@pass_house
def on(house: House, what: str) -> None:
    """Let something give way: pages, numbers, news, bundles or mails."""
    from petitions.clock import now
    from petitions.domain.relief import Lane, switch_on
    from petitions.extensions import begin_write, db

    with inside(house):
        begin_write()
        changed = switch_on(Lane(what), "command", now())
        db.session.commit()
    if not changed:
        note("It was on already.")
    result(f"{what}: {_WORDS[what]}")


@relief.command()
@_lane
@pass_house
def off(house: House, what: str) -> None:
    """Let something give way no more."""
    from petitions.clock import now
    from petitions.domain.relief import Lane, switch_off
    from petitions.extensions import begin_write, db

    with inside(house):
        begin_write()
        changed = switch_off(Lane(what), "command", now())
        db.session.commit()
    result(f"{what}: as ever" if changed else f"{what}: was not on")


def _show() -> None:
    from petitions.domain.relief import in_force

    there = {lane.value: row for lane, row in in_force().items()}
    rows = [
        (
            name,
            f"on since {there[name].since:%Y-%m-%d %H:%M UTC}" if name in there else "off",
            words,
        )
        for name, words in _WORDS.items()
    ]
    table(("what", "now", "where it is on"), rows)

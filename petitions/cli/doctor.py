"""`petitions doctor`: looks at everything that can be wrong with an installation, and says what."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from petitions.cli.house import House, pass_house, settings_of
from petitions.cli.saying import note, result, table

if TYPE_CHECKING:
    from petitions.cli.checkup import Asked, Finding

SOMETHING_TO_MEND = 2


@click.command()
@click.option("--mail-to", default="", metavar="ADDRESS", help="Send a test message there.")
@click.option("--dns", is_flag=True, help="Look up SPF and DMARC records (and DKIM).")
@click.option("--dkim-selector", default="", metavar="NAME", help="As your relay names it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
@click.pass_context
@pass_house
def doctor(
    house: House,
    context: click.Context,
    *,
    mail_to: str,
    dns: bool,
    dkim_selector: str,
    as_json: bool,
) -> None:
    """Look at settings, secrets, permissions, disk, database, migrations, keys, clock, worker,
    mail, limits, fonts, address and backups; say what is wrong and what to do.

    Changes nothing, and sends nothing unless --mail-to is given. Exit status 0 where all is well
    or worth a look at most, 2 where something is to be mended.
    """
    import json

    from petitions.cli.checkup import Asked, State

    found = list(_findings(house, Asked(mail_to, dns, dkim_selector)))
    if as_json:
        result(json.dumps([one.as_json() for one in found], ensure_ascii=False))
    else:
        rows = [(one.state.value, one.what, one.found, one.do) for one in found]
        table(("", "what", "found", "do"), rows)
    wrong = [one for one in found if one.state is State.MEND]
    if wrong:
        note(f"To mend: {', '.join(one.what for one in wrong)}")
        context.exit(SOMETHING_TO_MEND)
    note("Nothing is to be mended.")


def _findings(house: House, asked: "Asked") -> "Iterator[Finding]":
    from petitions import clock
    from petitions.cli import checkup
    from petitions.cli.checkup.finding import mend
    from petitions.errors import ConfigurationError

    place = house.data_dir()
    yield from checkup.check_permissions(place)
    try:
        app = house.application()
    except ConfigurationError as error:
        said, _, do = str(error).partition(": ")
        yield mend("settings", said, do or "see the table of settings in README.md")
        return
    except OSError as error:
        yield mend("settings", f"{error.filename}: {error.strerror}", "see permissions")
        return
    yield from checkup.check_settings(app)
    yield checkup.check_disk(place)
    yield checkup.check_fonts()
    yield from checkup.check_store(app, clock.now())
    settings = settings_of(app)
    yield checkup.check_limits_store(settings.ratelimit_storage_url)
    yield from checkup.check_mail(app.extensions["petitions.mail"], asked, clock.now())
    yield from checkup.check_address(settings.base_url, clock.now())

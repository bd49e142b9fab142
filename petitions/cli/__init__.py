"""The command line, one module per group of commands. Refusals are one line and exit status 2.

Modules here import little at the top: `petitions --help` needs no settings and no database.
"""

import os
import sys
from collections.abc import Sequence

import click

from petitions.cli.auditing import audit
from petitions.cli.backing_up import backup, backup_key
from petitions.cli.bundles import bundles
from petitions.cli.demo import demo
from petitions.cli.doctor import doctor
from petitions.cli.house import House
from petitions.cli.importing import import_
from petitions.cli.listing import list_petitions, officials
from petitions.cli.mails import mails
from petitions.cli.migrating import migrate
from petitions.cli.organisers import organisers
from petitions.cli.refusals import refusal_of
from petitions.cli.relieving import relief
from petitions.cli.restoring import restore
from petitions.cli.retaining import retention
from petitions.cli.samples import sample_signatures
from petitions.cli.saying import note
from petitions.cli.serving import serve
from petitions.cli.unlocked import build_unlocked, mail_unlocked
from petitions.cli.vault import vault
from petitions.cli.working import worker

REFUSED = 2
INTERRUPTED = 130


@click.group(name="petitions", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="petitions", message="%(version)s")
def petitions() -> None:
    """Petitions for people in danger: publish a case, collect signatures that are proven by
    e-mail, and prepare signed bundles of them for the officials they are addressed to.

    To look around, run `petitions demo`. For a site of your own set PETITIONS_SECRET_KEY,
    PETITIONS_VAULT_KEY, PETITIONS_BASE_URL and PETITIONS_SMTP_URL, run `petitions migrate` once,
    then keep `petitions serve` and `petitions worker` running side by side.
    """


for command in (demo, serve, worker, migrate, organisers, list_petitions, officials):
    petitions.add_command(command)
for command in (audit, build_unlocked, bundles, import_, mails, retention, sample_signatures):
    petitions.add_command(command)
for command in (mail_unlocked, vault, backup, backup_key, restore, doctor, relief):
    petitions.add_command(command)


def run(house: House, arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status. What was not expected keeps its traceback."""
    os.umask(0o077)  # databases, keys, bundles: the owner's alone
    try:
        status = petitions.main(arguments, "petitions", standalone_mode=False, obj=house)
    except click.exceptions.NoArgsIsHelpError as question:
        click.echo(question.format_message())
        return 0
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # nobody reads any more: no complaint at exit
        return 1
    except Exception as error:  # of all libraries: what is not expected is raised again
        refusal = refusal_of(error)
        if refusal is None:
            raise
        note(f"petitions: {refusal}")
        return REFUSED
    return status if isinstance(status, int) else 0

"""`petitions vault`: sealed cases, whose names open with a custodian's passphrase alone."""

import click

from petitions.cli.asking import Asking, asks
from petitions.cli.house import House, inside, pass_house, site_of
from petitions.cli.saying import note, result
from petitions.cli.unlocking import in_plain_words, site_for, unlock
from petitions.cli.vault_status import case_of, status

NEW = "New passphrase of %s"


@click.group()
def vault() -> None:
    """Seal cases, so that this server cannot read who signed, and look after their custodians.

    The private key of a sealed case is kept by custodians alone: each has a passphrase, and a
    recovery key lies on paper. Without them nobody ever reads the names again. Passphrases are
    asked for on the terminal, or read from a pipe, one a line; they are never arguments.
    """


vault.add_command(status)


@vault.command()
@click.argument("case")
@click.option("--custodian", "label", required=True, metavar="NAME", help="Whose passphrase it is.")
@asks
@pass_house
def seal(house: House, case: str, label: str, *, asking: Asking) -> None:
    """Make CASE sealed: from then on this server collects signatures and cannot read the names.

    Asks for a passphrase of the first custodian, and prints the recovery key, once. Print it or
    write it down, and keep it away from the server. Bundles are then built with a passphrase.
    """
    from petitions.clock import now
    from petitions.domain import custodians, sealed_cases
    from petitions.domain.case_keys import is_sealed
    from petitions.errors import Refused
    from petitions.extensions import begin_write, db
    from petitions.vault.custodians import new_recovery_key

    with inside(house), in_plain_words():
        found, site = case_of(case).id, site_of(house.application())
        if is_sealed(found):
            sealed_cases.take_from_server(site, found)  # where it was interrupted before that
            raise Refused("sealed already")
        asking.sure("Without its passphrases and recovery key nobody reads its names. Go on?")
        first = custodians.by_passphrase(label, asking.new_secret(NEW % label))
        recovery_key = new_recovery_key()
        recovery = custodians.by_recovery_key(recovery_key)
        note("The recovery key, shown once:")
        result(recovery_key)
        asking.written_down(recovery_key)
        db.session.rollback()
        begin_write()
        sealed_cases.seal(site, found, first, recovery, actor="command", now=now())
        db.session.commit()
        sealed_cases.take_from_server(site, found)
    note("The case is sealed. Old backups of the key ring and database still open each other.")


@vault.command("add-custodian")
@click.argument("case")
@click.argument("name")
@asks
@pass_house
def add_custodian(house: House, case: str, name: str, *, asking: Asking) -> None:
    """Let NAME unlock CASE too: asks for a passphrase that unlocks it, then for the new one."""
    from petitions.clock import now
    from petitions.domain import custodians, sealed_cases
    from petitions.extensions import begin_write, db

    with inside(house), in_plain_words():
        unlocked = unlock(case_of(case).id, asking)
        new = custodians.by_passphrase(name, asking.new_secret(NEW % name))
        begin_write()
        added = sealed_cases.add_custodian(unlocked, new, actor="command", now=now())
        number = added.id
        db.session.commit()
    note(f"Custodian {number} can unlock the case now.")


@vault.command("remove-custodian")
@click.argument("case")
@click.argument("number", type=int)
@asks
@pass_house
def remove_custodian(house: House, case: str, number: int, *, asking: Asking) -> None:
    """Take the key of CASE from custodian NUMBER: the case gets a new one for all others.

    Asks for the passphrase of somebody who stays. What the one who leaves has copied before, of
    the database and its keys, stays readable to them; nothing newer does.
    """
    from petitions.clock import now
    from petitions.domain import sealed_cases
    from petitions.extensions import begin_write, db

    with inside(house), in_plain_words():
        unlocked = unlock(case_of(case).id, asking)
        begin_write()
        sealed_cases.remove_custodian(unlocked, number, actor="command", now=now())
        db.session.commit()
    note(f"Custodian {number} cannot unlock the case any more.")


@vault.command()
@click.argument("case")
@click.option("--new-recovery-key", is_flag=True, help="Print another recovery key; the old ends.")
@asks
@pass_house
def rotate(house: House, case: str, *, new_recovery_key: bool, asking: Asking) -> None:
    """Give CASE a new key pair, for the same custodians with the same passphrases.

    For when the old key may be in wrong hands. Signatures stay as they are: the few keys that
    they were sealed with are sealed anew.
    """
    from petitions.clock import now
    from petitions.domain import custodians, sealed_cases
    from petitions.extensions import begin_write, db
    from petitions.vault.custodians import new_recovery_key as another

    with inside(house), in_plain_words():
        unlocked = unlock(case_of(case).id, asking)
        recovery = None
        if new_recovery_key:
            recovery_key = another()
            note("The new recovery key, shown once:")
            result(recovery_key)
            asking.written_down(recovery_key)
            recovery = custodians.by_recovery_key(recovery_key)
        begin_write()
        sealed_cases.rotate(unlocked, actor="command", now=now(), recovery=recovery)
        db.session.commit()
    note("The case has new keys.")


@vault.command()
@click.argument("case")
@asks
@pass_house
def unseal(house: House, case: str, *, asking: Asking) -> None:
    """Give the key of CASE back to this server, which then reads names by itself again."""
    from petitions.clock import now
    from petitions.domain import sealed_cases
    from petitions.extensions import begin_write, db

    with inside(house), in_plain_words():
        unlocked = unlock(case_of(case).id, asking)
        asking.sure("Whoever takes this server can then read who signed. Go on?")
        begin_write()
        site = site_of(house.application())
        sealed_cases.unseal(site, unlocked, actor="command", now=now())
        db.session.commit()
    note("The case is not sealed any more. Its passphrases and recovery key open nothing now.")


@vault.command()
@click.argument("case")
@click.option(
    "--as",
    "form",
    type=click.Choice(["json", "text"]),
    default="json",
    show_default=True,
    help="For programs, or to be read.",
)
@asks
@pass_house
def held(house: House, case: str, *, form: str, asking: Asking) -> None:
    """Print all that is held in CASE about somebody who asks what is.

    Asks for a passphrase where the case is sealed, then for the e-mail address. Make sure first
    that it is they who ask.
    """
    import json

    from flask import current_app, render_template

    from petitions.domain import privacy
    from petitions.domain.presenting import everything_held

    with inside(house), in_plain_words():
        found = case_of(case).id
        site = site_for(found, "what is held about somebody", asking)
        address = asking.line("E-mail address")
        everything = everything_held(site, privacy.signatures_of(site, address, found))
        if form == "text":
            with current_app.test_request_context(base_url=site.base_url):
                result(render_template("held.txt", held=everything))
            return
    result(json.dumps(everything, ensure_ascii=False, indent=2))

"""`petitions bundles build` and `write`: freeze in one transaction, then write file by file.

The transaction that freezes is short; files are written from read transactions, so that people
can go on signing however long a list is.
"""

import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from petitions.cli.asking import Asking, asks
from petitions.cli.house import House, inside, pass_house
from petitions.cli.saying import note, progress, result
from petitions.cli.unlocking import agreed_by, site_for_two

if TYPE_CHECKING:
    from petitions.domain.site import Site
    from petitions.models import Bundle, Petition

_TRIES = 5
_OUT = click.option(
    "--out",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    metavar="DIR",
    help="Where the files go. Default: the current directory.",
)


@click.command("build")
@click.argument("petition")
@click.option("--official", metavar="ID", help="One official, by slug or number.")
@click.option("--all", "every", is_flag=True, help="Every official of the petition.")
@click.option("--language", metavar="TAG", help="Language of the letters, as 'en' or 'ru'.")
@click.option(
    "--since-last", is_flag=True, help="Only what came since each official's last bundle."
)
@click.option(
    "--longer",
    metavar="REASON",
    default="",
    help="Why letters may run over two pages; kept with their bundles.",
)
@_OUT
@agreed_by
@asks
@pass_house
def build(
    house: House,
    *,
    asking: Asking,
    petition: str,
    official: str | None,
    every: bool,
    language: str | None,
    since_last: bool,
    longer: str,
    folder: Path,
    agreed_by: str | None,
) -> None:
    """Freeze and write the bundles of PETITION (slug or number), one zip for each official.

    A bundle holds a letter, and for offices that get names the list of those who agreed to it,
    with the organisation's own record of data and proof. Everything confirmed so far is in it: it
    supersedes the bundle before. With --since-last it holds what came since, the bundle before
    stays good, and numbers without names are still told in full. Letters are in the official's
    language where the petition's text exists in it, unless --language says otherwise. A letter
    that runs over two pages is refused, with the lines that are too many, unless --longer says why
    it may.
    `petitions officials PETITION` shows the officials and their IDs. The path of each file is
    printed on standard output.

    Where the case is sealed, the passphrases of two custodians are asked for first; or that of one,
    where --agreed-by says which other organiser agreed.
    """
    if bool(official) == every:
        raise click.UsageError("say either --official ID or --all")
    from petitions import clock

    with inside(house):
        _prepare(folder)
        site = _site(petition, "building bundles", asking, agreed_by)
        wanted = {
            "language": language,
            "since_last": since_last,
            "longer": " ".join(longer.split()),
        }
        for number in _freeze(petition, official, clock.now(), wanted):
            _write(site, petition, number, folder)


@click.command("write")
@click.argument("petition")
@click.argument("number", type=click.IntRange(min=1))
@_OUT
@agreed_by
@asks
@pass_house
def write(
    house: House,
    petition: str,
    number: int,
    folder: Path,
    *,
    agreed_by: str | None,
    asking: Asking,
) -> None:
    """Write the file of bundle NUMBER of PETITION again (`petitions bundles list` shows them).

    Files are not kept by the site; they are made on demand from what was frozen, byte by byte the
    same. Where a signer was erased since, that is refused: the old file still verifies.

    Where the case is sealed, the passphrases of two custodians are asked for first; or that of one,
    where --agreed-by says which other organiser agreed.
    """
    with inside(house):
        _prepare(folder)
        _bundle(petition, number)  # what is not there needs no passphrase
        site = _site(petition, "writing a bundle again", asking, agreed_by)
        _write(site, petition, number, folder)


def _site(name: str, job: str, asking: Asking, agreed: str | None) -> "Site":
    from petitions.domain.petitions import petition_named
    from petitions.extensions import db

    case_id = petition_named(name).case_id
    db.session.rollback()
    return site_for_two(case_id, f"{job} of petition {name}", asking, agreed)


def _freeze(name: str, official: str | None, now: datetime, wanted: dict[str, Any]) -> list[int]:
    """Freeze for one official or for all, in one snapshot; return the numbers of the bundles."""
    from sqlalchemy.exc import IntegrityError, OperationalError

    from petitions.extensions import db

    for attempt in range(1, _TRIES + 1):
        try:
            numbers = _freeze_once(name, official, now, wanted)
            db.session.commit()
        except (OperationalError, IntegrityError):
            # A signature changed, or another build took the number, while this one was frozen.
            db.session.rollback()
            if attempt == _TRIES:
                raise
        else:
            return numbers
    raise AssertionError("unreachable")


def _freeze_once(
    name: str, official: str | None, now: datetime, wanted: dict[str, Any]
) -> list[int]:
    from petitions.domain import bundles
    from petitions.domain.petitions import petition_named
    from petitions.errors import NothingToHandOver
    from petitions.extensions import begin_snapshot

    begin_snapshot()
    petition = petition_named(name)
    if official is not None:
        recipient = bundles.recipient_named(petition, official)
        frozen = bundles.freeze(petition, recipient, now, **wanted)
        return [bundle.number for bundle in frozen]
    numbers: list[int] = []
    left_out: list[str] = []
    for recipient in bundles.recipients_of(petition):
        try:
            frozen = bundles.freeze(petition, recipient, now, **wanted)
            numbers += [bundle.number for bundle in frozen]
        except NothingToHandOver as refusal:
            left_out.append(f"left out: {refusal}")
    if not numbers:
        raise NothingToHandOver(
            f"{petition.slug} has nothing to hand over: "
            + (
                "nothing came since the last bundles"
                if wanted["since_last"]
                else "nobody confirmed yet"
            )
        )
    for line in left_out:
        note(line)
    return numbers


def _write(site: "Site", name: str, number: int, folder: Path) -> None:
    from petitions import clock
    from petitions.domain import audit
    from petitions.domain.bundle_files import keep_proof, write_file
    from petitions.extensions import begin_write, db

    bundle = _bundle(name, number)
    with progress(bundle.public_id, bundle.eligible) as show:
        written = write_file(site, bundle, folder, _shown_as_rows(show))
    db.session.rollback()  # the reading is over; keeping the proof is a short write of its own
    begin_write()
    moment, bundle = clock.now(), _bundle(name, number)
    keep_proof(site, bundle, written, moment)
    audit.record("command", "bundle written", bundle.public_id, {}, moment)
    db.session.commit()
    result(str(written.path))


def _bundle(name: str, number: int) -> "Bundle":
    from petitions.domain.bundles import bundle_numbered
    from petitions.domain.petitions import petition_named

    petition: Petition = petition_named(name)
    return bundle_numbered(petition, number)


def _shown_as_rows(show: Callable[[int], None]) -> Callable[[str, int, int], None]:
    def report(stage: str, done: int, _total: int) -> None:
        if stage == "entries":
            show(done)

    return report


def _prepare(folder: Path) -> None:
    """Make the folder. Raises BundleRefused where nothing can be written: before a freeze."""
    from petitions.documents.assemble import clear_leftovers
    from petitions.errors import BundleRefused

    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
        clear_leftovers(folder)  # of builds that were killed: they hold names in plain text
    except OSError as error:
        raise BundleRefused(
            f"nothing can be written into {folder} ({error.strerror}): choose another --out"
        ) from error

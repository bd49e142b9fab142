"""`petitions bundles`: build, write again, list, check, and the key they are signed with."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from petitions.cli.building import build, write
from petitions.cli.house import House, pass_house, site_of
from petitions.cli.house import inside as inside_of
from petitions.cli.saying import result, table

if TYPE_CHECKING:
    from petitions.documents.verify import Verification


@click.group()
def bundles() -> None:
    """Build, list and check bundles: what is prepared for one official, frozen and signed."""


bundles.add_command(build)
bundles.add_command(write)


@bundles.command()
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--key",
    "public",
    metavar="PUBLIC",
    help="The organisation's public key (RW…), or a file that holds it.",
)
def verify(files: tuple[Path, ...], public: str | None) -> None:
    """Check that each FILE, a bundle, is whole and unchanged. Needs no settings and no database.

    Every file in it is checked against its signature. With the organisation's public key, got
    from the organisation itself (`petitions bundles key` prints it), the check says that it was
    they who signed. Without it, only that nothing was changed since somebody signed.
    Exit status 0 where all is well, 2 where not, with one line that says what is wrong.
    """
    from petitions.documents.verify import BundleProblem, verify_bundle

    for file in files:
        try:
            found = verify_bundle(file, _key(public))
        except BundleProblem as problem:
            raise BundleProblem(f"{file.name}: {problem}") from problem
        result(_told(file.name, found))


@bundles.command("list")
@click.argument("petition")
@pass_house
def list_bundles(house: House, petition: str) -> None:
    """List the bundles frozen for PETITION (slug or number), oldest first."""
    from sqlalchemy import select

    from petitions.domain.petitions import petition_named
    from petitions.extensions import db
    from petitions.models import Bundle, Official

    with inside_of(house):
        query = (
            select(Bundle, Official.slug)
            .join(Official, Official.id == Bundle.official_id)
            .where(Bundle.petition_id == petition_named(petition).id)
            .order_by(Bundle.number)
        )
        rows = [
            (
                b.number,
                official,
                f"{b.frozen_at:%Y-%m-%d %H:%M} UTC",
                b.named,
                b.initials,
                b.counted,
                b.eligible,
            )
            for b, official in db.session.execute(query)
        ]
    heads = ("bundle", "official", "frozen at", "named", "by initials", "counted", "eligible")
    table(heads, rows)


@bundles.command()
@pass_house
def key(house: House) -> None:
    """Print the public key that this organisation's bundles are checked with.

    It may be given to everybody. `minisign -V -P KEY` takes it as well.
    """
    from petitions.domain.signing_keys import public_key

    result(public_key(site_of(house.application()).keyring))


def _key(public: str | None) -> str | None:
    """Return the key's text; what names a file is read."""
    if public is None or public.strip().startswith("RW") or not Path(public).is_file():
        return public
    return Path(public).read_text(encoding="utf-8", errors="replace")


def _told(name: str, found: "Verification") -> str:
    facts = "\n".join(f"  {label}: {value}" for label, value in found.facts)
    if found.signer == "trusted":
        signer = f"signed with the key you gave (key id {found.key_id})"
    else:
        signer = (
            f"signer unknown: it was signed with key id {found.key_id}, and without "
            "--key nobody can say whose that is"
        )
    return f"{name} is intact ({found.files} files); {signer}\n{facts}"

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
@pass_house
def verify(house: House, files: tuple[Path, ...], public: str | None) -> None:
    """Check that each FILE, a bundle, is whole and unchanged. Needs no settings and no database.

    Every file in it is checked against its signature. With the organisation's public key, got
    from the organisation itself (`petitions bundles key` prints it), the check says that it was
    they who signed. Without it, the keys of the site on this machine are taken, where there is
    one; else the check says only that nothing was changed since somebody signed.
    Exit status 0 where all is well, 2 where not, with one line that says what is wrong.
    """
    from petitions.documents.verify import BundleProblem, verify_bundle

    given = _key(public)
    for file in files:
        try:
            found = verify_bundle(file, given)
            if given is None and (own := _own_key(house, found)):
                found = verify_bundle(file, own)
        except BundleProblem as problem:
            raise BundleProblem(f"{file.name}: {problem}") from problem
        result(_told(file.name, found, given=given is not None))


@bundles.command("list")
@click.argument("petition")
@pass_house
def list_bundles(house: House, petition: str) -> None:
    """List the bundles frozen for PETITION (slug or number), oldest first.

    One that holds only what came since another continues that one, which stays good beside it.
    """
    from sqlalchemy import select
    from sqlalchemy.orm import aliased

    from petitions.domain.petitions import petition_named
    from petitions.extensions import db
    from petitions.models import Bundle, Official

    with inside_of(house):
        before = aliased(Bundle)
        query = (
            select(Bundle, Official.slug, before.number)
            .join(Official, Official.id == Bundle.official_id)
            .outerjoin(before, before.id == Bundle.continues_id)
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
                continued or "",
            )
            for b, official, continued in db.session.execute(query)
        ]
    heads = ("bundle", "official", "frozen at", "named", "by initials", "counted", "eligible")
    table((*heads, "continues"), rows)


@bundles.command()
@pass_house
def key(house: House) -> None:
    """Print the public key that this organisation's bundles are checked with.

    It may be given to everybody. `minisign -V -P KEY` takes it as well. Keys that were replaced
    follow it, one a line: bundles from before are checked with those.
    """
    from petitions.domain.signing_keys import earlier_public_keys, public_key

    keyring = site_of(house.application()).keyring
    for one in (public_key(keyring), *earlier_public_keys(keyring)):
        result(one)


@bundles.command("replace-key")
@pass_house
def replace_key(house: House) -> None:
    """Sign bundles with another key from now on, and print its public half.

    For when the key may have been copied, or as often as your rules ask. Bundles from before are
    still checked with the key that signed them, which stays in the key ring. Tell the new public
    key wherever you told the old one.
    """
    from petitions.clock import now
    from petitions.domain.signing_keys import replace_signing_key
    from petitions.extensions import begin_write, db

    with inside_of(house):
        begin_write()
        public = replace_signing_key(site_of(house.application()).keyring, now())
        db.session.commit()
    result(public)


def _key(public: str | None) -> str | None:
    """Return the key's text; what names a file is read."""
    if public is None or public.strip().startswith("RW") or not Path(public).is_file():
        return public
    return Path(public).read_text(encoding="utf-8", errors="replace")


def _own_key(house: House, found: "Verification") -> str | None:
    """Return the key of the site on this machine that signed a bundle, if there is such a site.

    Needs none: whatever stands against it, the signer stays unknown.
    """
    from petitions.documents.minisigning import key_id
    from petitions.domain.signing_keys import earlier_public_keys, public_key
    from petitions.errors import CannotOpen, ConfigurationError, KeyMissing

    if not (house.data_dir() / "keys" / "signing.key").exists():
        return None
    try:
        keyring = site_of(house.application()).keyring
        keys = (public_key(keyring), *earlier_public_keys(keyring))
    except (CannotOpen, ConfigurationError, KeyMissing):
        return None
    return next((key for key in keys if key_id(key) == found.key_id), None)


def _told(name: str, found: "Verification", *, given: bool) -> str:
    facts = "\n".join(f"  {label}: {value}" for label, value in found.facts)
    if found.signer == "trusted":
        whose = "the key you gave" if given else "the key of the site on this machine"
        signer = f"signed with {whose} (key id {found.key_id})"
    else:
        signer = (
            f"signer unknown: it was signed with key id {found.key_id}, and without "
            "--key nobody can say whose that is"
        )
    return f"{name} is intact ({found.files} files); {signer}\n{facts}"

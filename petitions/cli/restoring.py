"""`petitions restore`: a backup into an empty place, and a check of all that must be true of it."""

import io
import json
import os
import shutil
import tempfile
import zlib
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from petitions.cli.backing_up import KEYS_FORMAT
from petitions.cli.house import House, pass_house, settings_of, site_of
from petitions.cli.saying import note, progress, table
from petitions.errors import PetitionsError

if TYPE_CHECKING:
    from flask import Flask

    from petitions.domain.copying import Copy, Finding

_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_ALLOWED = frozenset({"lost+found"})


class RestoreRefused(PetitionsError):
    """A backup cannot be restored here; the message says why."""


@click.command()
@click.argument("data", type=_file)
@click.argument("keys", type=_file)
@click.option(
    "--identity",
    "identities",
    type=_file,
    multiple=True,
    required=True,
    help="A file with the secret key that opens them; repeat it where each has another.",
)
@click.option("--quick", is_flag=True, help="Do not write the files of bundles again to compare.")
@pass_house
def restore(
    house: House, data: Path, keys: Path, identities: tuple[Path, ...], *, quick: bool
) -> None:
    """Restore the backup in the files DATA and KEYS into an empty place.

    The place is PETITIONS_DATA_DIR and, where it is set, PETITIONS_DATABASE_URL: an SQLite backup
    can go to PostgreSQL and the other way round. Both must be empty. Secrets come with the keys
    and are written into the data directory; variables that are set must say the same. Then
    everything is checked: each row against the backup, references, the record, keys, sealed rows,
    bundles and their files. A backup of an earlier version is brought up to date. Where anything
    goes wrong, the place is left empty again. Exit status 2 where something is amiss.
    """
    from petitions.domain.copying import open_copy

    place = house.data_dir()
    _refuse_full(place)
    opened = _identities(identities)
    kept = _keys(keys, opened)
    made_here = not place.exists()
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _undone_on_failure(place, made_here=made_here), _scratch(place) as scratch:
        _decrypt(data, scratch / "copy", opened)
        copy = open_copy(scratch / "copy")
        if copy.header.pair != kept["pair"]:
            raise RestoreRefused(f"{data.name} and {keys.name} are not of the same backup")
        _put_keys(place, kept)
        app = house.application()
        findings = _into(app, copy, scratch, quick=quick)
    table(("checked", "found"), [(one.what, one.seen) for one in findings])
    _say_secrets(app, kept)


def _into(app: "Flask", copy: "Copy", scratch: Path, *, quick: bool) -> "list[Finding]":
    from petitions.cli.schema import bring_up_to_date, refuse_wrong_vault_key, schema_of

    refuse_wrong_vault_key(app)
    schema = schema_of(app)
    if schema.current is not None or _has_tables(app):
        raise RestoreRefused("the database is not empty: name another in PETITIONS_DATABASE_URL")
    if copy.header.migration > schema.newest:
        raise RestoreRefused(
            f"the backup is at migration {copy.header.migration}, newer than this program knows "
            f"({schema.newest}): install the newer version of petitions"
        )
    try:
        findings = [_load(app, copy)]
        bring_up_to_date(app)
        findings += _checked(app, copy, scratch, quick=quick)
        _refuse_wrong(findings)
        _write_down(app, copy)
    except BaseException:
        _empty_again(app)
        raise
    return findings


def _load(app: "Flask", copy: "Copy") -> "Finding":
    from petitions.cli.schema import set_up_at
    from petitions.domain.copying import check_rows, load
    from petitions.extensions import WRITE, db

    set_up_at(app, copy.header.migration)
    with app.app_context(), db.engine.connect() as plain:
        connection = plain.execution_options(**WRITE)
        driver: Any = connection.connection.driver_connection
        if connection.dialect.name == "sqlite":
            driver.execute("PRAGMA foreign_keys = OFF")  # outside of a transaction alone
        with progress("restore", copy.rows) as show:
            load(connection, copy, show)
        connection.commit()
        if connection.dialect.name == "sqlite":
            driver.execute("PRAGMA foreign_keys = ON")
        found = check_rows(connection, copy)
        connection.rollback()
    _refuse_wrong([found])
    return found


def _checked(app: "Flask", copy: "Copy", scratch: Path, *, quick: bool) -> "list[Finding]":
    from petitions.domain.copying import check_bundle_files, check_restored
    from petitions.extensions import db

    with app.app_context():
        findings = list(check_restored(site_of(app).keyring, copy))
        if not quick:
            findings.append(check_bundle_files(site_of(app), scratch))
        db.session.rollback()
    return findings


def _refuse_wrong(findings: "list[Finding]") -> None:
    for one in findings:
        if one.wrong:
            raise RestoreRefused(f"restored, but {one.what}: {one.wrong}; nothing was kept")


def _write_down(app: "Flask", copy: "Copy") -> None:
    from petitions import clock
    from petitions.domain import audit
    from petitions.extensions import begin_write, db

    with app.app_context():
        begin_write()
        detail = {"backup": copy.header.pair, "made_at": copy.header.made_at}
        audit.record("command", "restored from a backup", "site", detail, clock.now())
        db.session.commit()


def _has_tables(app: "Flask") -> bool:
    from sqlalchemy import inspect

    from petitions.extensions import db

    with app.app_context(), db.engine.connect() as connection:
        return bool(inspect(connection).get_table_names())


def _empty_again(app: "Flask") -> None:
    """Drop the tables that were made here: the database was empty before."""
    from sqlalchemy import MetaData

    from petitions.extensions import db

    with app.app_context():
        db.session.remove()
        there = MetaData()
        there.reflect(db.engine)
        there.drop_all(db.engine)
        db.engine.dispose()


def _refuse_full(place: Path) -> None:
    if place.exists() and {path.name for path in place.iterdir()} - _ALLOWED:
        raise RestoreRefused(f"{place} is not empty: set PETITIONS_DATA_DIR to a directory that is")


@contextmanager
def _undone_on_failure(place: Path, *, made_here: bool) -> Iterator[None]:
    try:
        yield
    except BaseException:
        for path in place.iterdir():
            if path.name not in _ALLOWED:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        if made_here:
            with suppress(OSError):
                place.rmdir()
        raise


@contextmanager
def _scratch(place: Path) -> Iterator[Path]:
    """Hold what is decrypted beside the data, never in a place that others share."""
    folder = Path(tempfile.mkdtemp(prefix=".restore-", dir=place))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _identities(files: tuple[Path, ...]) -> list[Any]:
    from petitions.vault.age import identities_of

    return [
        one for file in files for one in identities_of(file.read_text("utf-8", errors="replace"))
    ]


def _keys(path: Path, identities: list[Any]) -> dict[str, Any]:
    from petitions.errors import CannotOpen
    from petitions.vault.age import decrypt

    plain = io.BytesIO()
    try:
        with path.open("rb") as file:
            decrypt(file, plain, identities)
        found: dict[str, Any] = json.loads(plain.getvalue())
    except (CannotOpen, ValueError) as error:
        raise RestoreRefused(
            f"{path.name} does not open as keys: another key, or damaged"
        ) from error
    if found.get("format") != KEYS_FORMAT:
        raise RestoreRefused(f"{path.name} holds no keys: give the file of data first, then keys")
    return found


def _decrypt(path: Path, target: Path, identities: list[Any]) -> None:
    from petitions.errors import CannotOpen
    from petitions.vault.age import decrypt

    try:
        with path.open("rb") as file, target.open("xb") as plain:
            decrypt(file, _Unpacking(plain), identities)
    except (CannotOpen, zlib.error) as error:
        raise RestoreRefused(f"{path.name} does not open: another key, or it is damaged") from error


class _Unpacking:
    """Takes packed bytes and writes them unpacked."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self._unpacking = zlib.decompressobj(wbits=31)

    def write(self, data: bytes, /) -> int:
        self._target.write(self._unpacking.decompress(bytes(data)))
        return len(data)

    def flush(self) -> None:
        self._target.flush()


def _put_keys(place: Path, kept: dict[str, Any]) -> None:
    (place / "keys").mkdir(mode=0o700)
    for name, content in kept["ring"].items():
        _put(place / "keys" / Path(name).name, b64decode(content))
    for name, content in (kept["secrets"] | kept["beside"]).items():
        _put(place / Path(name).name, f"{content.strip()}\n".encode())


def _put(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _say_secrets(app: "Flask", kept: dict[str, Any]) -> None:
    settings = settings_of(app)
    note(f"secret.key and vault.key are in {settings.data_dir}; variables that are set go before.")
    if settings.secret_key != kept["secrets"]["secret.key"]:
        note(
            "PETITIONS_SECRET_KEY is not that of the backup: put the one in secret.key into "
            "PETITIONS_SECRET_KEY_FALLBACKS, or links in mails that were sent are dead."
        )
    if kept["secret_key_fallbacks"] and not settings.secret_key_fallbacks:
        note("The backup's site had PETITIONS_SECRET_KEY_FALLBACKS; older links need them.")
    note("Start `petitions serve` and `petitions worker`; `petitions doctor` checks the rest.")

"""`petitions backup`: the database and the keys, as two files that only chosen people can open."""

import io
import json
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from petitions.cli.house import House, inside, pass_house, settings_of, site_of
from petitions.cli.saying import note, progress, result
from petitions.errors import PetitionsError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from petitions.domain.copying import Made

KEYS_FORMAT = "petitions keys 1"
BESIDE = ("demonstration", "organiser.password")
"""Files of a demonstration that make it one."""
_TRIES = 3
_folder = click.Path(file_okay=False, path_type=Path)


class BackupRefused(PetitionsError):
    """A backup cannot be made; the message says why."""


@click.command("backup-key")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup_key(file: Path) -> None:
    """Make a secret key in FILE that opens backups, and print its public half for --to.

    The file is the same that `age-keygen` makes. Keep it away from the server: on paper, on a
    stick in a safe, with two people. Without it no backup opens.
    """
    from petitions.vault.age import new_identity

    secret, public = new_identity()
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise BackupRefused(f"{file} is there already: choose another name") from error
    with os.fdopen(handle, "w", encoding="ascii") as opened:
        opened.write(f"# public key: {public}\n{secret}\n")
    result(public)


@click.command()
@click.argument("folder", metavar="FOLDER", type=_folder)
@click.option(
    "--to",
    "to",
    metavar="RECIPIENT",
    multiple=True,
    required=True,
    help="Who may open it: age1… or an SSH public key; repeat it for more people.",
)
@click.option("--keys-folder", type=_folder, help="Put the keys there instead of FOLDER.")
@click.option(
    "--keys-to",
    metavar="RECIPIENT",
    multiple=True,
    help="Who may open the keys, where those are others.",
)
@pass_house
def backup(
    house: House,
    folder: Path,
    to: tuple[str, ...],
    keys_folder: Path | None,
    keys_to: tuple[str, ...],
) -> None:
    """Write a backup into FOLDER while the site runs: one file of data, one of keys.

    Data and keys belong in different places: a name needs both. The data are all tables as they
    stand at one moment; the keys are the key ring, PETITIONS_VAULT_KEY and PETITIONS_SECRET_KEY.
    Both are encrypted with age to the recipients (`petitions backup-key` makes a key). Files of
    bundles that wait to be downloaded are left out: they are made again from the data. The names
    of both files are printed. `petitions restore` reads them into an empty place.
    """
    from petitions import clock
    from petitions.vault.age import recipients_of

    readers, key_readers = recipients_of(to), recipients_of(keys_to or to)
    with inside(house):
        moment = clock.now()
        pair = f"{moment:%Y%m%dT%H%M%SZ}-{os.urandom(3).hex()}"
        data = _target(folder, f"petitions-{pair}.data.age")
        keys = _target(keys_folder or folder, f"petitions-{pair}.keys.age")
        made, files = _together(pair, moment.isoformat(timespec="seconds"), data, readers)
        _write(keys, key_readers, io.BytesIO(_keys(pair, files)))
        _write_down(made)
    note(f"{made.done} rows in {len(made.tables)} tables, at migration {made.header.migration}")
    result(f"{data}\n{keys}")


def _write_down(made: "Made") -> None:
    """Note that there is a backup: the status page and `petitions doctor` tell how old it is."""
    from petitions import clock
    from petitions.domain import audit
    from petitions.extensions import begin_write, db

    begin_write()
    detail = {"backup": made.header.pair, "rows": made.done}
    audit.record("command", audit.BACKED_UP, "site", detail, clock.now())
    db.session.commit()


def _together(
    pair: str, made_at: str, path: Path, readers: list[Any]
) -> "tuple[Made, dict[str, bytes]]":
    """Write the data, and return the keys that open them.

    Keys are looked at before and after. One made meanwhile does no harm; where one was destroyed
    or renewed meanwhile, data and keys are of two moments, and it is done again.
    """
    from flask import current_app

    keyring = site_of(current_app).keyring
    for _ in range(_TRIES):
        before = keyring.wrapped_files()
        made = _write_data(pair, made_at, path, readers)
        after = keyring.wrapped_files()
        if before.items() <= after.items():
            return made, after
        path.unlink()
    raise BackupRefused("keys are being renewed or destroyed just now: try again in a minute")


def _write_data(pair: str, made_at: str, path: Path, readers: list[Any]) -> "Made":
    from petitions.domain.copying import begin_snapshot_of, dump, prepare
    from petitions.extensions import db

    with db.engine.connect() as plain:
        connection: Connection = begin_snapshot_of(plain)
        made = prepare(connection, pair, made_at)
        with progress("backup", made.total) as show:
            told = _telling(dump(connection, made), lambda: show(made.done))
            _write(path, readers, _Source(_packed(told)))
    return made


def _telling(lines: Iterable[str], tell: Callable[[], None]) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number % 1000 == 0:
            tell()
        yield line
    tell()


def _packed(lines: Iterable[str]) -> Iterator[bytes]:
    packing = zlib.compressobj(level=3, wbits=31)
    for line in lines:
        if part := packing.compress(line.encode() + b"\n"):
            yield part
    yield packing.flush()


class _Source:
    """Parts of bytes as a file that is read. What goes wrong in them is kept: age says it badly."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._rest = b""
        self.fault: Exception | None = None

    def read(self, size: int = -1, /) -> bytes:
        try:
            while not self._rest:
                self._rest = next(self._parts)
        except StopIteration:
            return b""
        except Exception as fault:  # whatever it is, `_write` raises it again
            self.fault = fault
            raise
        part, self._rest = (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
        return part


def _write(path: Path, readers: list[Any], source: "_Source | BinaryIO") -> None:
    """Encrypt to a file that appears whole or not at all."""
    from petitions.vault.age import encrypt

    part = path.with_name(path.name + ".part")
    try:
        with part.open("xb") as file:
            encrypt(source, file, readers)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except Exception as error:  # whatever it is: no half file stays, and age hides its cause
        part.unlink(missing_ok=True)
        fault = getattr(source, "fault", None)
        if fault is not None:
            raise fault from None
        if isinstance(error, OSError):
            raise
        raise BackupRefused(f"{path.name} cannot be written: {error}") from error


def _target(folder: Path, name: str) -> Path:
    """Return the path of a file to write. Raises OSError before anything is read."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    path.with_name(name + ".try").touch()
    path.with_name(name + ".try").unlink()
    return path


def _keys(pair: str, files: dict[str, bytes]) -> bytes:
    from base64 import b64encode

    from flask import current_app

    settings = settings_of(current_app)
    beside = [settings.data_dir / name for name in BESIDE]
    content = {
        "format": KEYS_FORMAT,
        "pair": pair,
        "secrets": {
            "secret.key": settings.secret_key,
            "vault.key": settings.vault_key,
        },
        "secret_key_fallbacks": list(settings.secret_key_fallbacks),
        "ring": {name: b64encode(content).decode() for name, content in files.items()},
        "beside": {path.name: path.read_text() for path in beside if path.exists()},
    }
    return json.dumps(content).encode()

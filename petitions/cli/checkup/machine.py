"""The machine: who may read the data, how much disk is left, fonts, and the public address."""

import http.client
import os
import shutil
import stat
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

from petitions.cli.checkup.finding import Finding, good, look, mend

LEAST_FREE, LITTLE_FREE = 64 << 20, 1 << 30
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_MOST_SECONDS_APART = 30


def check_permissions(place: Path) -> Iterator[Finding]:
    """Look at who may read and write what is in the data directory."""
    if not place.is_dir():
        yield mend(
            "permissions", f"{place} is not there",
            "run `petitions migrate`, or set PETITIONS_DATA_DIR to where the data are",
        )  # fmt: skip
        return
    if not os.access(place, os.R_OK | os.W_OK | os.X_OK):
        yield mend(
            "permissions", f"{place} cannot be written by this user",
            "run commands as the user that `petitions serve` runs as, or chown -R the directory",
        )  # fmt: skip
        return
    files = [place, *(path for path in place.rglob("*") if not path.is_symlink())]
    details = [(path, path.stat()) for path in files if path.exists()]
    foreign = [path for path, found in details if found.st_uid != place.stat().st_uid]
    opened = [path for path, found in details if found.st_mode & _OTHERS]
    # What lies below a closed directory is closed, except for who gets the files by other ways.
    if details and details[0][1].st_mode & _OTHERS:
        yield mend("permissions", f"{place} can be read by others", f"chmod 700 {place}")
    elif opened:
        yield look("permissions", f"{opened[0]} could be read by others", f"chmod -R go= {place}")
    elif foreign:
        yield mend(
            "permissions", f"{foreign[0]} belongs to another user than its directory",
            f"a command was run as another user: chown -R {place.stat().st_uid} {place}",
        )  # fmt: skip
    else:
        yield good("permissions", f"{place} is its owner's alone")
    if os.geteuid() == 0:
        yield look("user", "this runs as root", "give the site a user of its own (deploy/systemd)")


def check_disk(place: Path) -> Finding:
    """Look at how much is left where the data are."""
    free = shutil.disk_usage(place).free
    said = f"{free >> 20} MB left in {place}"
    if free < LEAST_FREE:
        return mend("disk", said, "make room now: nothing can be signed on a full disk")
    if free < LITTLE_FREE:
        return look("disk", said, "make room: logs, old backups, or a larger disk")
    return good("disk", said)


def check_fonts() -> Finding:
    """Look at which scripts letters can be printed in."""
    from petitions.documents.coverage import covers, font_folders

    try:
        font_folders()
    except LookupError as error:
        return mend("fonts", "there are none: no letter can be printed", str(error))
    if not covers("王小明 김"):
        return look(
            "fonts", "none for Chinese, Japanese, Korean: such names are printed in Latin letters",
            "pip install 'petitions[cjk]' where people sign in these scripts",
        )  # fmt: skip
    return good("fonts", "for all scripts")


def check_address(base_url: str, now: datetime) -> Iterator[Finding]:
    """Ask the public address whether it leads here, and what time it is there."""
    try:
        status, date = _ask(base_url)
    except (OSError, http.client.HTTPException) as error:
        yield look(
            "public address", f"{base_url}/healthz does not answer: {_reason(error)}",
            "start `petitions serve`; then look at DNS, firewall, certificate and the web server",
        )  # fmt: skip
        return
    if status != 200:
        yield mend(
            "public address", f"{base_url}/healthz answers {status}",
            "the web server there leads to something else: compare deploy/nginx",
        )  # fmt: skip
        return
    yield good("public address", "it answers")
    if date and abs((parsedate_to_datetime(date) - now).total_seconds()) > _MOST_SECONDS_APART:
        yield mend(
            "clock", f"this machine says {now:%H:%M:%S} UTC, its web server {date}",
            "keep the time with NTP: timedatectl set-ntp true",
        )  # fmt: skip


def _ask(base_url: str) -> tuple[int, str | None]:
    parts = urlsplit(base_url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=5)
    try:
        connection.request("GET", f"{parts.path}/healthz")
        answer = connection.getresponse()
        return answer.status, answer.getheader("Date")
    finally:
        connection.close()


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__

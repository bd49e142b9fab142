"""Where files lie while they are attached to a mail to an official, lists of names among them."""

import shutil
from datetime import datetime
from math import inf
from pathlib import Path

from petitions.domain.official_mails import LEASE
from petitions.domain.site import Site


def folder_made(site: Site) -> Path:
    """Return the folder in which each mail has one of its own."""
    folder = _folder(site)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def clear_leftovers(site: Site, now: datetime) -> int:
    """Remove what killed workers left there; return of how many mails."""
    if not (folder := _folder(site)).is_dir():
        return 0
    oldest = (now - 2 * LEASE).timestamp()
    old = [each for each in folder.iterdir() if _changed(each) < oldest]
    for leftover in old:
        shutil.rmtree(leftover, ignore_errors=True)
    return len(old)


def _folder(site: Site) -> Path:
    return site.outgoing.parent / "mailing"


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # its mail has just gone
        return inf

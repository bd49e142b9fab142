"""What `petitions doctor` looks at: each check says what it found, and what to do about it."""

from petitions.cli.checkup.finding import Finding, State
from petitions.cli.checkup.machine import check_address, check_disk, check_fonts, check_permissions
from petitions.cli.checkup.mailing import Asked, check_mail
from petitions.cli.checkup.settings import check_settings
from petitions.cli.checkup.store import check_limits_store, check_store

__all__ = [
    "Asked",
    "Finding",
    "State",
    "check_address",
    "check_disk",
    "check_fonts",
    "check_limits_store",
    "check_mail",
    "check_permissions",
    "check_settings",
    "check_store",
]

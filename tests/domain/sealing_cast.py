"""Sealed cases for tests: passphrases that cost little to try, and what they open."""

from __future__ import annotations

from datetime import datetime

from petitions.domain import sealed_cases
from petitions.domain.custodians import by_passphrase, by_recovery_key
from petitions.domain.site import Site
from petitions.extensions import begin_write, db
from petitions.vault.custodians import Work, new_recovery_key

LIGHT = Work(passes=1, memory=64, lanes=1)
MAJA = "correct horse battery staple, says Maja"
OLEG = "seven quiet rivers under the oak, says Oleg"


def sealed(site: Site, case_id: int, now: datetime) -> str:
    """Make a case sealed with Maja as its custodian; return the recovery key."""
    recovery_key = new_recovery_key()
    maja = by_passphrase("Maja", MAJA, work=LIGHT)
    db.session.commit()
    begin_write()
    sealed_cases.seal(
        site, case_id, maja, by_recovery_key(recovery_key), actor="organiser 1", now=now
    )
    db.session.commit()
    sealed_cases.take_from_server(site, case_id)
    return recovery_key

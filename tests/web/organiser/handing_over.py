"""A published petition with signers, for tests of bundles and deliveries in the console."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from petitions.domain import bundles
from petitions.domain.signing_keys import ensure_signing_key
from petitions.extensions import begin_snapshot, db
from petitions.models import Appearance, Bundle
from tests.domain.cast import Cast, embassy, publish
from tests.domain.test_bundles import signed

A = Appearance
SIGNERS = (("Ada", "GB", A.FULL), ("Boris", "RU", A.INITIALS), ("Chen", "UZ", A.COUNTED))


def stage(site: Any, now: datetime) -> Cast:
    """Publish, let three people sign, and know one embassy."""
    ensure_signing_key(site.keyring)
    cast = publish(site, now)
    embassy("uz-london", "GB", "IE")
    signed(site, cast, now, *SIGNERS)
    return cast


def frozen(cast: Cast, now: datetime, slug: str = "minister-anna-b") -> Bundle:
    """Freeze the bundle of one official."""
    db.session.rollback()
    begin_snapshot()
    recipient = bundles.recipient_named(cast.petition, slug)
    [bundle] = bundles.freeze(cast.petition, recipient, now)
    db.session.commit()
    return bundle

"""A demonstration in a folder of its own, for the benchmarks to work on."""

from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import text

from petitions import create_app
from petitions.clock import now
from petitions.config import DEMONSTRATION_MARKER, Settings, prepare_demonstration
from petitions.domain.demonstration import load_demonstration
from petitions.domain.petitions import petition_named
from petitions.domain.samples import add_samples
from petitions.domain.signing_keys import ensure_signing_key
from petitions.extensions import begin_write, db

PETITION = "mirsobir-khamidkariev"
_REAL = 1000
"""So many signatures are made like real ones; more of them are copies with other look-up keys."""
_SAME = (
    "petition_id, state, appearance, country, language, text_version_id, consent_version_id, late,"
    " news, verified_by, data_key_id, person_sealed, shares_mailbox"
)
_COPIES = {
    "sqlite": f"""
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :copies)
INSERT INTO signature ({_SAME}, order_number, lookup, created_at, confirmed_at)
SELECT {_SAME}, abs(random()), randomblob(32),
  datetime('now', '-' || (i % 60) || ' days') || '.000000',
  datetime('now', '-' || (i % 60) || ' days') || '.000000'
FROM n, (SELECT * FROM signature WHERE petition_id = :petition LIMIT {_REAL})""",
    "postgresql": f"""
INSERT INTO signature ({_SAME}, order_number, lookup, created_at, confirmed_at)
SELECT {_SAME}, (random() * 9e18)::bigint, sha256((random()::text || i || s.id)::bytea),
  now() - (i % 60) * interval '1 day', now() - (i % 60) * interval '1 day'
FROM generate_series(1, :copies) i,
  (SELECT * FROM signature WHERE petition_id = :petition LIMIT {_REAL}) s""",
}
_MAILS = """
INSERT INTO mail (kind, state, petition_id, signature_id, language, message_id, created_at,
  not_before, attempts, final_at, outcome)
SELECT '{kind}', '{state}', petition_id, id, language, '<{kind}' || id || '@x>', created_at,
  created_at, 1, created_at, {outcome} FROM signature"""


def demonstration(folder: str, signatures: int, database: str = "") -> Flask:
    """Return an application over a new demonstration whose open petition has these signatures."""
    environ = {"PETITIONS_DATA_DIR": folder}
    return _filled(environ | ({"PETITIONS_DATABASE_URL": database} if database else {}), signatures)


def large_site(environ: dict[str, str], signatures: int) -> None:
    """Make a site that is no demonstration, with so many signatures and their mails."""
    app = _filled(environ, min(signatures, _REAL))
    with app.app_context():
        multiplied(signatures)
        db.engine.dispose()
    (Path(environ["PETITIONS_DATA_DIR"]) / DEMONSTRATION_MARKER).unlink()


def multiplied(signatures: int) -> None:
    """Copy a demonstration's signatures until there are so many, and give each its mails."""
    begin_write()
    copies = {"copies": signatures // _REAL - 1, "petition": petition_named(PETITION).id}
    if signatures > _REAL:
        db.session.execute(text(_COPIES[db.engine.dialect.name]), copies)
    for kind, state, outcome in (("signing", "sent", "NULL"), ("reminder", "cancelled", "'x'")):
        db.session.execute(text(_MAILS.format(kind=kind, state=state, outcome=outcome)))
    db.session.commit()
    with db.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()


def _filled(environ: dict[str, str], signatures: int) -> Flask:
    prepare_demonstration(Path(environ["PETITIONS_DATA_DIR"]))
    app = create_app(Settings.from_environ(environ))
    keyring = app.extensions["petitions"].keyring
    with app.app_context():
        upgrade()
        ensure_signing_key(keyring)
        begin_write()
        load_demonstration(now(), keyring)
        add_samples(petition_named(PETITION), signatures, keyring, now())
        db.session.commit()
        db.engine.dispose()
    return app

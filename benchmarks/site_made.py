"""A demonstration in a folder of its own, for the benchmarks to work on."""

from pathlib import Path

from flask import Flask
from flask_migrate import upgrade

from petitions import create_app
from petitions.clock import now
from petitions.config import Settings, prepare_demonstration
from petitions.domain.demonstration import load_demonstration
from petitions.domain.petitions import petition_named
from petitions.domain.samples import add_samples
from petitions.domain.signing_keys import ensure_signing_key
from petitions.extensions import begin_write, db

PETITION = "mirsobir-khamidkariev"


def demonstration(folder: str, signatures: int) -> Flask:
    """Return an application over a new demonstration whose open petition has these signatures."""
    prepare_demonstration(Path(folder))
    app = create_app(Settings.from_environ({"PETITIONS_DATA_DIR": folder}))
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

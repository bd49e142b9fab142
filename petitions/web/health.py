"""For the machines that watch: alive, and ready to work."""

import shutil
from pathlib import Path

from flask import Blueprint, Flask, current_app, jsonify
from flask.typing import ResponseReturnValue

from petitions.clock import now
from petitions.domain.presenting import reasons_not_ready
from petitions.extensions import newest_migration
from petitions.web.error_pages import DATABASE_FAILED, note_failed_database

blueprint = Blueprint("health", __name__)


def register(app: Flask) -> None:
    """Add both addresses. Neither is limited nor kept by caches."""
    app.extensions["petitions.started"] = now()
    app.register_blueprint(blueprint)


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    """Say that this process answers; asks nothing else."""
    return jsonify(alive=True)


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """Say whether database, migrations, worker and disk are as they should be, with reasons."""
    try:
        since = current_app.extensions["petitions.started"]
        reasons = reasons_not_ready(_newest(), now(), since=since, free=free_bytes())
    except DATABASE_FAILED as error:
        note_failed_database(error)
        reasons = ["the database does not answer"]
    return jsonify(ready=not reasons, reasons=reasons), 503 if reasons else 200


def free_bytes() -> int:
    """Return how many bytes are left where the data are."""
    return shutil.disk_usage(current_app.config["SETTINGS"].data_dir).free


def _newest() -> str:
    kept: str | None = current_app.extensions.get("petitions.newest")
    if kept is None:
        kept = newest_migration(Path(current_app.extensions["migrate"].directory))
        current_app.extensions["petitions.newest"] = kept
    return kept

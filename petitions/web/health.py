"""For the machines that watch: alive, and ready to work."""

from flask import Blueprint, Flask, current_app, jsonify
from flask.typing import ResponseReturnValue

from petitions.clock import now
from petitions.domain.presenting import reasons_not_ready
from petitions.web.error_pages import DATABASE_FAILED, note_failed_database

blueprint = Blueprint("health", __name__)


def register(app: Flask) -> None:
    """Add both addresses. Neither is limited nor kept by caches."""
    app.register_blueprint(blueprint)


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    """Say that this process answers; asks nothing else."""
    return jsonify(alive=True)


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """Say whether database, migrations and worker are as they should be, with reasons."""
    try:
        reasons = reasons_not_ready(_heads(), now())
    except DATABASE_FAILED as error:
        note_failed_database(error)
        reasons = ["the database does not answer"]
    return jsonify(ready=not reasons, reasons=reasons), 503 if reasons else 200


def _heads() -> set[str]:
    kept: set[str] | None = current_app.extensions.get("petitions.heads")
    if kept is None:
        from alembic.script import ScriptDirectory

        scripts = ScriptDirectory.from_config(
            current_app.extensions["migrate"].migrate.get_config()
        )
        kept = current_app.extensions["petitions.heads"] = set(scripts.get_heads())
    return kept

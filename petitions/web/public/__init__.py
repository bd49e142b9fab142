"""What anybody sees: cases, petitions, signing, and what signers do with links from their mail."""

from flask import Flask

from petitions.web.public import (
    about,
    also_signing,
    confirming,
    feeds,
    handed_over,
    letters,
    machines,
    mailbox,
    news,
    own,
    proofs,
    reading,
    sharing,
    signing,
)

_PARTS = (
    reading,
    signing,
    letters,
    confirming,
    also_signing,
    own,
    proofs,
    news,
    handed_over,
    about,
    sharing,
    feeds,
    mailbox,
    machines,
)


def register(app: Flask) -> None:
    """Add the public pages."""
    for part in _PARTS:
        app.register_blueprint(part.blueprint)

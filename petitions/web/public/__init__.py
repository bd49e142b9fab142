"""What anybody sees: cases, petitions, signing, and what signers do with links from their mail."""

from flask import Flask

from petitions.web.public import (
    about,
    confirming,
    machines,
    mailbox,
    news,
    own,
    reading,
    signing,
)


def register(app: Flask) -> None:
    """Add the public pages."""
    for part in (reading, signing, confirming, own, news, about, mailbox, machines):
        app.register_blueprint(part.blueprint)

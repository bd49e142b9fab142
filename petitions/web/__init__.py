"""The web floor: what answers requests. register() hangs it all on the application."""

from flask import Flask


def register(app: Flask) -> None:
    """Register blueprints, headers and error pages."""

"""Shapes of addresses, and addresses of static files that change with their content."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.routing import BaseConverter, IntegerConverter, Map


class SlugConverter(BaseConverter):
    """A slug as the database holds it. Anything else (a NUL, a path) is not found at once."""

    regex = r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}"


class BundleConverter(SlugConverter):
    """A bundle's name: the petition's slug and the bundle's number."""

    regex = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"


class TokenConverter(BaseConverter):
    """Some text in the last part of a path; whether it is a token of ours is asked later."""

    regex = r"[^/]{1,600}"


class NumberConverter(IntegerConverter):
    """A row's number, as far as the database can hold one. Anything else is not found at once."""

    def __init__(self, map: Map, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max", 2**31 - 1)
        super().__init__(map, *args, **kwargs)


def register(app: Flask) -> None:
    """Add the converters, and a content hash to the address of each static file."""
    app.url_map.converters["int"] = NumberConverter
    app.url_map.converters["bundle"] = BundleConverter
    app.url_map.converters["slug"] = SlugConverter
    app.url_map.converters["token"] = TokenConverter
    folder = Path(app.static_folder or "")

    @app.url_defaults
    def add_content_hash(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "v" not in values:
            file = folder / values.get("filename", "")
            if file.is_file():
                values["v"] = _content_hash(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _content_hash(file: Path, _changed: int) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10]

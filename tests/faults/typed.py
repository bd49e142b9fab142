"""What a form that came back would send if its button were pressed now."""

from __future__ import annotations

from html.parser import HTMLParser


def kept_in(html: str) -> dict[str, str]:
    """Name and value of each field of the page's forms, as a browser would send them."""
    parser = _Fields()
    parser.feed(html)
    return parser.found


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if tag == "select":
            self._select = has.get("name") or ""
        elif tag == "option" and "selected" in has:
            self.found[self._select] = has.get("value") or ""
        elif tag == "input" and (has.get("type") not in {"checkbox", "radio"} or "checked" in has):
            self.found[has.get("name") or ""] = has.get("value") or ""

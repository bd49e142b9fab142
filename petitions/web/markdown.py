"""Case texts: Markdown to HTML, without raw HTML, through an allow-list."""

import re
from collections.abc import Sequence
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_TAGS = {"p", "br", "em", "strong", "blockquote", "ul", "ol", "li", "a", "h3", "h4", "h5", "hr"}
_HIGHEST, _LOWEST = 3, 5
"""A text stands in a section of a page, under its h2."""
_LINK = re.compile(r'<a href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
"""As nh3 writes a link: the address first."""


@lru_cache(maxsize=512)
def html_of(text: str) -> Markup:
    """Return the HTML of a case text; its own highest heading becomes an h3."""
    parser = MarkdownIt("commonmark", {"html": False}).disable("image")
    tokens = parser.parse(text)
    _lower_headings(tokens)
    return Markup(  # noqa: S704  # nosec B704  # sanitised in this very call
        nh3.clean(
            parser.renderer.render(tokens, parser.options, {}),
            tags=_TAGS,
            attributes={"a": {"href"}},
            url_schemes={"http", "https", "mailto"},
            link_rel="noopener noreferrer",
        )
    )


@lru_cache(maxsize=64)
def html_without_links(text: str) -> Markup:
    """Return the HTML of a text on a page whose address is a secret: links are written out."""
    found = str(html_of(text))
    told = _LINK.sub(lambda link: _written_out(link[2], link[1]), found)
    return Markup(  # noqa: S704  # nosec B704  # sanitised in this very call
        nh3.clean(told, tags=_TAGS - {"a"}, attributes={})
    )


def _written_out(words: str, address: str) -> str:
    return words if words == address else f"{words} ({address})"


def _lower_headings(tokens: Sequence[Token]) -> None:
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    top = min((int(token.tag[1:]) for token in headings), default=1)
    for token in headings:
        token.tag = f"h{min(int(token.tag[1:]) - top + _HIGHEST, _LOWEST)}"

"""Case texts: Markdown to HTML, without raw HTML, through an allow-list."""

from collections.abc import Sequence
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_TAGS = {"p", "br", "em", "strong", "blockquote", "ul", "ol", "li", "a", "h3", "h4", "h5", "hr"}
_HIGHEST, _LOWEST = 3, 5
"""A text stands in a section of a page, under its h2."""


@lru_cache(maxsize=512)
def html_of(text: str) -> Markup:
    """Return the HTML of a case text; its own highest heading becomes an h3."""
    parser = MarkdownIt("commonmark", {"html": False}).disable("image")
    tokens = parser.parse(text)
    _lower_headings(tokens)
    return Markup(  # noqa: S704  # sanitised in this very call
        nh3.clean(
            parser.renderer.render(tokens, parser.options, {}),
            tags=_TAGS,
            attributes={"a": {"href"}},
            url_schemes={"http", "https", "mailto"},
            link_rel="noopener noreferrer",
        )
    )


def _lower_headings(tokens: Sequence[Token]) -> None:
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    top = min((int(token.tag[1:]) for token in headings), default=1)
    for token in headings:
        token.tag = f"h{min(int(token.tag[1:]) - top + _HIGHEST, _LOWEST)}"

"""Case texts: Markdown to HTML, without raw HTML, through an allow-list."""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_TAGS = {"p", "br", "em", "strong", "blockquote", "ul", "ol", "li", "a", "h3", "h4", "h5", "hr"}
_UNDER_A_SECTION = 2
"""A text stands in a section of a page: its own headings begin below h2."""
_LOWEST = 5


@lru_cache(maxsize=512)
def html_of(text: str) -> Markup:
    """Return the HTML of a case text."""
    parser = MarkdownIt("commonmark", {"html": False}).disable("image")
    tokens = parser.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            level = min(int(token.tag[1:]) + _UNDER_A_SECTION, _LOWEST)
            token.tag = f"h{level}"
    html = parser.renderer.render(tokens, parser.options, {})
    return Markup(  # noqa: S704  # sanitised in this very call
        nh3.clean(
            html,
            tags=_TAGS,
            attributes={"a": {"href"}},
            url_schemes={"http", "https", "mailto"},
            link_rel="noopener noreferrer",
        )
    )

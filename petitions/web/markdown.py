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


def html_of(text: str) -> Markup:
    """Return the HTML of a case text."""
    return html_in_parts(text, 1)[0]


@lru_cache(maxsize=512)
def html_in_parts(text: str, number: int) -> tuple[Markup, ...]:
    """Return the HTML in about equal parts, to set something between them.

    A part never ends with a heading; a short text has fewer parts.
    """
    parser = MarkdownIt("commonmark", {"html": False}).disable("image")
    blocks = _blocks(parser.parse(text))
    size = -(-len(blocks) // number) or 1
    parts: list[list[Token]] = [[]]
    taken = 0
    for block in blocks:
        if taken >= size and parts[-1] and parts[-1][-1].type != "heading_close":
            parts.append([])
            taken = 0
        parts[-1].extend(block)
        taken += 1
    return tuple(_clean(parser.renderer.render(part, parser.options, {})) for part in parts)


def _blocks(tokens: Sequence[Token]) -> list[list[Token]]:
    blocks: list[list[Token]] = []
    begun = False
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(max(int(token.tag[1:]) + 1, _HIGHEST), _LOWEST)}"
        if not begun:
            blocks.append([])
        blocks[-1].append(token)
        begun = not (token.level == 0 and token.nesting <= 0)
    return blocks


def _clean(html: str) -> Markup:
    return Markup(  # noqa: S704  # sanitised in this very call
        nh3.clean(
            html,
            tags=_TAGS,
            attributes={"a": {"href"}},
            url_schemes={"http", "https", "mailto"},
            link_rel="noopener noreferrer",
        )
    )

"""Case texts: Markdown without raw HTML, through an allow-list."""

from __future__ import annotations

import pytest

from petitions.web.markdown import html_of


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[click](javascript:alert(1))",
        "[click](data:text/html;base64,AAAA)",
        "![picture](https://tracker.example/x.png)",
        '<a href="x" onclick="y">z</a>',
        "<style>*{}</style>",
        "[x]: javascript:alert(1)\n\n[x]",
    ],
)
def test_nothing_dangerous_comes_through(text: str) -> None:
    html = html_of(text)
    for mark in ("<script", "<img", "<style", 'href="javascript', 'href="data', "<a onclick"):
        assert mark not in html.lower()


@pytest.mark.parametrize("top", ["#", "##", "###"])
def test_headings_begin_below_the_section_whatever_the_writer_began_with(top: str) -> None:
    html = html_of(f"{top} One\n\n{top}# Two\n\n{top}## Three\n\n{top}### Four")
    assert [html.count(f"<h{level}>") for level in range(1, 7)] == [0, 0, 1, 1, 2, 0]


def test_links_do_not_give_away_where_they_were_clicked() -> None:
    assert 'rel="noopener noreferrer"' in html_of("[x](https://example.org)")

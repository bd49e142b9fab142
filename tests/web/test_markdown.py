"""Case texts: Markdown without raw HTML, through an allow-list."""

from __future__ import annotations

import pytest

from petitions.web.markdown import html_in_parts, html_of


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


def test_headings_begin_below_the_section() -> None:
    html = html_of("# One\n\n## Two\n\n### Three\n\n###### Six")
    assert [html.count(f"<h{level}>") for level in range(1, 7)] == [0, 0, 2, 1, 1, 0]


def test_links_do_not_give_away_where_they_were_clicked() -> None:
    assert 'rel="noopener noreferrer"' in html_of("[x](https://example.org)")


@pytest.mark.parametrize("number", [1, 2, 3, 9])
def test_parts_together_are_the_whole(number: int) -> None:
    text = "# A\n\none\n\n- two\n- three\n\n> four\n\nfive\n\n## B\n\nsix"
    parts = html_in_parts(text, number)
    assert len(parts) <= number
    assert "".join(parts) == html_of(text)
    assert not [part for part in parts if part.rstrip().endswith(("</h3>", "</h4>"))]


def test_nothing_is_one_empty_part() -> None:
    assert html_in_parts("", 3) == ("",)

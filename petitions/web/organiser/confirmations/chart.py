"""One small bar chart of a series, as an SVG that holds neither style nor script.

pygal reckons scale, bars and labels. Of what it draws only shapes and texts are taken over: its own
styles and scripts would be refused by our policy, and colours come from the style sheet by class.
"""

import sys
from collections.abc import Sequence
from functools import cache
from typing import Any

from flask_babel import format_decimal
from lxml import etree
from markupsafe import Markup

WIDTH, HEIGHT = 320, 118
_TICKS = 2


def bars_svg(label: str, steps: Sequence[str], values: Sequence[int], colour: str) -> Markup:
    """Draw one bar for each step, in a class that has a colour; an empty step has no label.

    `label` says in words what the picture shows, for whoever does not see it.
    """
    pygal, style = _pygal()
    top, ticks = _ticks(max(values, default=0))
    chart = pygal.Bar(
        css=[],
        js=[],
        style=style(label_font_size=12, major_label_font_size=12),
        width=WIDTH,
        height=HEIGHT,
        margin=4,
        margin_right=18,  # half of the last label
        show_legend=False,
        truncate_label=-1,
    )
    chart.x_labels = list(steps)
    chart.range = (0, top)
    chart.y_labels = [{"value": tick, "label": format_decimal(tick)} for tick in ticks]
    chart.add(colour, list(values))
    return _plain(chart.render_tree(), label, colour)


@cache
def _pygal() -> tuple[Any, Any]:
    """Load the library when the first chart is drawn: it takes a tenth of a second.

    It leaves an import hook of an old style behind, for maps that we do not have; each import
    after it would warn of the hook.
    """
    import pygal
    from pygal.style import Style

    sys.meta_path[:] = [hook for hook in sys.meta_path if type(hook).__module__ != "pygal"]
    return pygal, Style


def _ticks(most: int) -> tuple[int, list[int]]:
    """Return the top of the scale and its whole, round numbers."""
    step = 1
    while step * _TICKS < most:
        step = step * 2 if str(step)[0] in "15" else step * 5 // 2
    count = max(1, -(-most // step))
    return count * step, list(range(0, count * step + 1, step))


def _plain(drawn: Any, label: str, colour: str) -> Markup:
    svg = etree.Element(
        "svg", {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "role": "img", "aria-label": label}
    )
    plot = drawn.find(".//{*}g[@class='plot']")
    group = etree.SubElement(svg, "g", {"transform": plot.get("transform")})
    for axis, anchor in (("y", "end"), ("x", "middle")):
        for part in plot.iterfind("{*}g[@class]/{*}g[@class='guides']"):
            if axis in part.getparent().get("class").split():
                _copy_guide(part, group, axis, anchor)
    bars = etree.SubElement(group, "g", {"class": colour})
    for rect in plot.iterfind("{*}g[@class='series serie-0 color-0']//{*}rect"):
        if float(rect.get("height")) > 0:
            names = ("x", "y", "width", "height")
            etree.SubElement(bars, "rect", {one: f"{float(rect.get(one)):.1f}" for one in names})
    return Markup(etree.tostring(svg, encoding="unicode"))  # noqa: S704  # nosec B704  # made of our own elements


def _copy_guide(guide: Any, group: Any, axis: str, anchor: str) -> None:
    line, text = guide.find("{*}path"), guide.find("{*}text")
    if axis == "y" and line is not None:
        etree.SubElement(group, "path", {"class": "grid", "d": line.get("d")})
    if text is not None and text.text:
        at = {"x": text.get("x"), "y": text.get("y"), "text-anchor": anchor}
        etree.SubElement(group, "text", at).text = text.text

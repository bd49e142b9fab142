"""Letters with a letterhead and an accent colour: what is shown, and that it can be read."""

import re
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import pytest
from pypdf import PdfReader

from petitions.documents import Letter, write_letter
from petitions.documents.colours import INK, contrast_with_white, is_colour, text_colour
from tests.documents.cast import letter
from tests.documents.pdf import pages_of, text_of
from tests.documents.pictures import emblem

_MM = 72 / 25.4
_LONG = (
    "Internationale Gesellschaft für die Verteidigung der Menschenrechte und der Rechte "
    "verschwundener Personen im postsowjetischen Raum, Sektion der Bundesrepublik e. V."
)


def pictures_on(path: Path) -> list[list[tuple[float, float, float, float]]]:
    """Left, bottom, right, top of the pictures of each page, in points."""
    found: list[list[tuple[float, float, float, float]]] = []
    for page in PdfReader(path).pages:
        boxes: list[tuple[float, float, float, float]] = []

        def visit(
            operator: bytes,
            _operands: object,
            matrix: list[float],
            _text: object,
            boxes: list[tuple[float, float, float, float]] = boxes,
        ) -> None:
            if operator == b"Do":
                a, _b, _c, d, left, top = matrix
                low, high = sorted((top, top + d))
                boxes.append((left, low, left + a, high))

        page.extract_text(visitor_operand_before=visit)
        found.append(boxes)
    return found


def alternatives_in(path: Path) -> list[str]:
    """The alternative texts in the PDF's structure."""
    reader = PdfReader(path)
    size = cast("int", reader.trailer["/Size"])
    things: list[Any] = [reader.get_object(number) for number in range(1, size)]
    return [str(thing["/Alt"]) for thing in things if isinstance(thing, dict) and "/Alt" in thing]


def heights_of(path: Path, *words: str) -> dict[str, float]:
    heights: dict[str, float] = {}

    def visit(text: str, page: list[float], line: list[float], _font: object, _size: float) -> None:
        for word in words:
            if word in text:
                heights.setdefault(word, page[3] * line[5] + page[5])

    PdfReader(path).pages[0].extract_text(visitor_text=visit)
    return heights


@pytest.mark.parametrize("size", [(2000, 60), (1600, 400), (300, 600), (600, 600), (20, 20)])
def test_letterhead_stands_above_the_window_in_its_proportion(
    size: tuple[int, int], tmp_path: Path
) -> None:
    path = tmp_path / "letter.pdf"
    assert write_letter(letter(letterhead=emblem(size)), path) == 1
    ((left, low, right, high),) = pictures_on(path)[0]
    assert (right - left) / (high - low) == pytest.approx(size[0] / size[1], rel=0.01)
    assert (right - left) <= 165.1 * _MM
    assert (high - low) <= 25 * _MM
    assert low >= (297 - 45) * _MM  # the window begins 45 mm from the top
    assert left >= 24.9 * _MM
    assert (right - left) <= size[0] + 1  # a small picture is not blown up


def test_letterhead_is_on_the_first_page_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    long = "\n\n".join(["word " * 150] * 6)
    assert write_letter(letter(letterhead=emblem(), opening=long), path) == 2
    assert [len(pictures) for pictures in pictures_on(path)] == [1, 0]


def test_letterhead_is_read_out_as_the_organisation(tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    write_letter(letter(letterhead=emblem()), path)
    assert alternatives_in(path) == ["Open Letter Network"]
    metadata = PdfReader(path).xmp_metadata
    assert metadata is not None
    raw = metadata.stream.get_data().decode()
    assert "pdfaid:part>2<" in raw
    assert "pdfuaid:part>1<" in raw


def test_letter_with_letterhead_says_name_and_address_as_text(tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    write_letter(letter(letterhead=emblem(transparent=True), accent_colour="#0b6e4f"), path)
    text = text_of(path)
    assert "Open Letter Network 12 Example Street London EC1A 1BB office@example.org" in text


def test_letterhead_of_a_right_to_left_letter_stands_at_the_right(tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    written = letter(language="ar", letterhead=emblem(), salutation="سعادة المدعي العام،")
    write_letter(written, path)
    ((_left, _low, right, _high),) = pictures_on(path)[0]
    assert right == pytest.approx(190 * _MM, abs=1)


@pytest.mark.parametrize(
    "written",
    [
        letter(),
        letter(letterhead=emblem(), accent_colour="#0b6e4f"),
        letter(letterhead=emblem(transparent=True)),
    ],
)
def test_the_same_letter_gives_the_same_bytes(written: Letter, tmp_path: Path) -> None:
    hashes = set()
    for name in ("a.pdf", "b.pdf"):
        write_letter(written, tmp_path / name)
        hashes.add(sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(hashes) == 1


@pytest.mark.parametrize("head", [None, emblem()])
def test_long_name_and_address_stay_above_the_text(head: bytes | None, tmp_path: Path) -> None:
    written = letter(
        sender_name=_LONG,
        letterhead=head,
        accent_colour="#0b6e4f",
        sender_lines=tuple(f"Part {at} of an address that is long" for at in range(14)),
    )
    path = tmp_path / "letter.pdf"
    write_letter(written, path)
    heights = heights_of(path, "23 November", "Investigate the")
    assert heights["23 November"] > (297 - 98) * _MM > heights["Investigate the"]
    assert pages_of(path) == 1


@pytest.mark.parametrize(("colour", "shown"), [("#0b6e4f", True), ("#ffe066", False)])
@pytest.mark.parametrize("head", [None, emblem()])
def test_accent_colours_text_only_where_it_can_be_read(
    head: bytes | None, colour: str, shown: bool, tmp_path: Path
) -> None:
    path = tmp_path / "letter.pdf"
    write_letter(letter(accent_colour=colour, letterhead=head), path)
    content = PdfReader(path).pages[0].get_contents()
    assert content is not None
    drawn = content.get_data().decode("latin-1")
    filled = re.findall(r"([\d.]+) ([\d.]+) ([\d.]+) scn", drawn)
    ruled = re.findall(r"([\d.]+) ([\d.]+) ([\d.]+) SCN", drawn)
    assert [_as_hex(each) for each in ruled] == [colour]
    assert {_as_hex(each) for each in filled} == {colour if shown else INK}


def _as_hex(channels: tuple[str, str, str]) -> str:
    return "#" + "".join(f"{round(float(each) * 255):02x}" for each in channels)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast_with_white("#000000") == pytest.approx(21)
    assert contrast_with_white("#ffffff") == pytest.approx(1)
    assert contrast_with_white("#767676") == pytest.approx(4.54, abs=0.01)
    assert text_colour("#767676") == "#767676"
    assert text_colour("#777777") == INK
    assert text_colour("") == INK


@pytest.mark.parametrize("text", ["red", "#fff", "#12345g", "#1234567", "123456", "#123456\n"])
def test_what_is_no_colour_makes_no_letter(text: str) -> None:
    assert not is_colour(text)
    with pytest.raises(ValueError, match="#rrggbb"):
        letter(accent_colour=text)

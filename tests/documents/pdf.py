"""Reading the PDFs under test: their text as pypdf finds it, and what the file says of itself."""

from pathlib import Path

from pypdf import PdfReader


def text_of(path: Path) -> str:
    """The text of all pages, invisible marks dropped and white space made single."""
    pages = (page.extract_text() for page in PdfReader(path).pages)
    plain = "\n".join(pages).translate(dict.fromkeys((0x2068, 0x2069, 0x200B)))
    return " ".join(plain.split())


def pages_of(path: Path) -> int:
    return len(PdfReader(path).pages)

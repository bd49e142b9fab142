"""From a file to its text: plain text, PDF, DOCX. What the text means is read elsewhere."""

import importlib
import io
import logging
import zipfile
from collections.abc import Iterator
from typing import Any

from petitions.intake.refusals import IntakeError
from petitions.intake.tables import lines_of
from petitions.intake.text import LONGEST

LARGEST = 12 * 1024 * 1024
_MOST_PAGES = 60
# A small archive can hold gigabytes: what a DOCX unpacks to is looked at before it is unpacked.
_LARGEST_UNPACKED = 80 * 1024 * 1024


def load_readers() -> None:
    """Load what reading a file of any kind needs, for a process that can open nothing later."""
    for library in ("docx", "pypdf.filters", "pypdf._codecs.core_font_metrics"):
        importlib.import_module(library)


def is_pdf(data: bytes) -> bool:
    """Whether the first bytes are a PDF's."""
    return data[:1024].lstrip().startswith(b"%PDF")


def text_of(data: bytes, as_laid_out: bool = False) -> str:
    """Return the text of a document; its kind is told from its first bytes, not from its name.

    A PDF gives its text in the order in which it was written or, `as_laid_out`, as it stands on the
    page, with columns side by side.
    Raises IntakeError where it is too large, damaged, locked, or holds no text.
    """
    if len(data) > LARGEST:
        raise IntakeError(f"the file is larger than {LARGEST // 1024 // 1024} MB")
    if is_pdf(data):
        text = _of_pdf(data, as_laid_out)
    elif data.startswith(b"PK\x03\x04"):
        text = _of_docx(data)
    elif data.startswith((b"\xd0\xcf\x11\xe0", b"{\\rtf")):
        raise IntakeError("old Word and RTF files are not read: save it as DOCX, PDF or plain text")
    else:
        text = _of_bytes(data)
    if not text.strip():
        raise IntakeError("there is no text in it (a scanned picture has none)")
    return text


def _of_bytes(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise IntakeError("it is neither text nor PDF nor DOCX")


def _of_pdf(data: bytes, as_laid_out: bool) -> str:
    import pypdf
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its remarks are no results of ours
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise IntakeError("the PDF is locked with a password")
        if len(reader.pages) > _MOST_PAGES:
            raise IntakeError(f"the PDF has more than {_MOST_PAGES} pages: no Urgent Action has")
        pages: list[str] = []
        for page in reader.pages:
            pages.append(
                page.extract_text(extraction_mode="layout") if as_laid_out else page.extract_text()
            )
            if sum(map(len, pages)) > LONGEST:
                break
        return "\n\f".join(pages)
    except IntakeError:
        raise
    except (PyPdfError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise IntakeError("the PDF is damaged") from error
    except (RecursionError, OverflowError, ZeroDivisionError, AssertionError, OSError) as error:
        raise IntakeError("the PDF is damaged") from error


def _of_docx(data: bytes) -> str:
    import docx

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LARGEST_UNPACKED:
                raise IntakeError("the DOCX unpacks to more than an Urgent Action can be")
        return "\n".join(_docx_lines(docx.Document(io.BytesIO(data))))
    except IntakeError:
        raise
    except Exception as error:  # of three libraries: zip, XML, packaging; each has its own family
        raise IntakeError("the DOCX is damaged, or is another kind of archive") from error


def _docx_lines(document: Any) -> Iterator[str]:
    """Paragraphs and tables in their order; a table cell by cell, as columns are read."""
    for part in document.iter_inner_content():
        yield from _paragraph(part) if hasattr(part, "runs") else _table(part)


def _paragraph(paragraph: Any) -> Iterator[str]:
    listed = "List" in (paragraph.style.name or "") or bool(
        paragraph._p.pPr is not None and paragraph._p.pPr.numPr is not None
    )
    text = paragraph.text
    yield from (f"• {text}" if listed and text.strip() else text).split("\n")


def _table(table: Any) -> Iterator[str]:
    seen: set[Any] = set()  # the elements, not their ids: ids of dead ones are given again
    rows = []
    for row in table.rows:
        cells = []
        for cell in row.cells:
            if cell._tc in seen:  # a merged cell is told once
                continue
            seen.add(cell._tc)
            told = [line for part in cell.paragraphs for line in _paragraph(part)]
            cells.append([line for line in told if line.strip()])
        rows.append(cells)
    yield from lines_of(rows)

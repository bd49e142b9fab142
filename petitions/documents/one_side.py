"""Telling whoever prints a PDF of ours that it goes on one side of the paper only.

PDF readers take the wish from the document's viewer preferences and offer it in their print dialog.
"""

import re
from pathlib import Path

from petitions.documents.typesetting import TypesettingProblem

_WISH = b"/Duplex/Simplex"
_PREFERENCES = b"/ViewerPreferences<<"
_END = re.compile(rb"startxref\n(\d+)\n%%EOF\s*\Z")


def ask_for_one_side(path: Path) -> None:
    """Put the wish into a PDF that typst wrote; done again it changes nothing.

    The catalogue is the last object of such a file, so that no other one moves: only the place of
    the table behind it is told anew. Raises TypesettingProblem where a file is built otherwise.
    """
    content = path.read_bytes()
    at = content.rfind(_PREFERENCES)
    end = _END.search(content)
    if end is None or at < 0 or content.find(b"endobj", at) != content.rfind(b"endobj"):
        raise TypesettingProblem("a PDF is built in another way than typst builds it")
    at += len(_PREFERENCES)
    if content.startswith(_WISH, at):
        return
    table = int(end[1]) + len(_WISH)
    path.write_bytes(
        content[:at]
        + _WISH
        + content[at : end.start(1)]
        + str(table).encode()
        + content[end.end(1) :]
    )

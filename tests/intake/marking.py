"""Papers with their expected values marked inside the text: ⟦code|what stands there⟧.

The text without its marks is the paper. "=" before the bar gives a value that is not as written:
⟦D=2013-01-27|28 January 2013⟧. The first line has what no place of the text says by itself, and
`left`: how many fields are left empty where a person reads more. That number may only fall.

Codes: t title, c case number, i index, d issued, D deadline, s summary, m additional information,
P person (gender, age), q ask (states), o an official begins (role, country), and of it n name,
f office, g organisation, l postal line, e e-mail, x fax, p phone, w page, S salutation (language).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MARKED = Path(__file__).parent / "marked"
_MARK = re.compile(r"⟦(?P<code>\w)(?P<more>(?: [\w,]+)*)(?:=(?P<value>[^|⟧]*))?\|(?P<text>[^⟧]*)⟧")
_PLAIN = {
    "t": "title", "c": "case_number", "i": "index", "d": "issued_on", "D": "deadline_on",
    "s": "summary",
}  # fmt: skip
_OF_OFFICIAL = {"n": "name", "f": "office", "g": "organisation", "w": "web"}
_LISTS = {"l": "lines", "e": "emails", "x": "faxes", "p": "phones"}


@dataclass(frozen=True)
class Marked:
    """A paper, what a person reads in it, and how many fields are known to be left empty."""

    name: str
    text: str
    expected: dict[str, Any]
    left: int


def marked_papers() -> list[Path]:
    """The files of papers with marks."""
    return sorted(MARKED.glob("*.txt"))


def read_marked(path: Path) -> Marked:
    """Take a paper and its expected values apart."""
    first, _, body = path.read_text("utf-8").partition("\n")
    head = dict(word.partition("=")[::2] for word in first.lstrip("# ").split())
    expected: dict[str, Any] = {
        "kind": head.get("kind", "new"),
        "update_number": int(head["update"]) if "update" in head else None,
        "language": head.get("lang"),
        "countries": _codes(head.get("countries", "")),
        "letter_languages": _codes(head.get("letters", "")),
        "embassies": head.get("embassies") == "yes",
        "people": [], "asks": [], "officials": [], "additional_information": None,
    }  # fmt: skip
    expected |= dict.fromkeys(_PLAIN.values())
    told = re.sub(r"\\f", "\f", body)
    for mark in _MARK.finditer(told):
        _take(expected, mark)
    return Marked(path.stem, _MARK.sub(lambda m: m["text"], told), expected, int(head["left"]))


def _codes(text: str) -> list[str]:
    return [code for code in text.split(",") if code]


def _take(expected: dict[str, Any], mark: re.Match[str]) -> None:
    code, more = mark["code"], mark["more"].split()
    said = mark["value"] if mark["value"] is not None else mark["text"]
    value = " ".join(said.split())
    if code in _PLAIN:
        expected[_PLAIN[code]] = value
    elif code == "m":
        parts = [" ".join(part.split()) for part in re.split(r"\n\s*\n", said.strip())]
        above = expected["additional_information"]
        expected["additional_information"] = "\n\n".join([*([above] if above else []), *parts])
    elif code == "P":
        gender = next((word for word in more if word in {"m", "f"}), None)
        age = next((int(word) for word in more if word.isdigit()), None)
        expected["people"].append({"name": value, "gender": gender, "age": age})
    elif code == "q":
        states = _codes(more[0]) if more else []
        expected["asks"].append({"text": value, "states": states})
    elif code == "o":
        expected["officials"].append(
            {"name": None, "office": None, "organisation": None, "lines": [],
             "country": more[1] if len(more) > 1 else None, "emails": [], "faxes": [],
             "phones": [], "web": None, "salutations": {}, "role": more[0]}
        )  # fmt: skip
    elif code == "S":
        expected["officials"][-1]["salutations"][more[0]] = value
    elif code in _OF_OFFICIAL:
        expected["officials"][-1][_OF_OFFICIAL[code]] = value
    else:
        expected["officials"][-1][_LISTS[code]].append(value)

"""Fax and phone numbers, e-mail addresses and pages out of one line; numbers stay as written."""

import re
from dataclasses import dataclass, field
from itertools import pairwise

from petitions.intake.labels import table
from petitions.intake.text import fold

FAX, PHONE, BOTH, EMAIL, WEB, SALUTATION, OTHER = (
    "fax", "phone", "both", "email", "web", "salutation", "other",
)  # fmt: skip

_NUMBERED = r"(?:\s*(?:no\.?|nr\.?|n°|n\.?º|number|num\.?|\d(?=\s*:)))?(?:\s*\([^()]{0,40}\))?"
_LABELS = tuple((one["kind"], one["words"]) for one in table()["contact"])
_LABEL = re.compile(
    "|".join(
        rf"(?P<{kind}_{i}>(?:{words})(?!\w){_NUMBERED})" for i, (kind, words) in enumerate(_LABELS)
    )
)
_ANY_LABEL = re.compile(
    r"(?:^|(?<=[\s;,.|(]))(?:"
    + "|".join(words for _, words in _LABELS)
    + rf")(?!\w){_NUMBERED}\s*[:：]"
)

_AT = (
    r"\s*(?:\(at\)|\[at\]|\{at\}|<at>|\(@\)|\[@\]|\(arobase\)|\[arobase\]|\(arroba\)|\[arroba\])\s*"
)
_DOT = (
    r"\s*(?:\(dot\)|\[dot\]|\{dot\}|\(point\)|\[point\]|\(punto\)|\[punto\]|\(punkt\)|\[punkt\])\s*"
)
_WORDY = re.compile(
    r"(?<=[\w-]) (?:AT|at|ARROBA|arroba|AROBASE|arobase) "
    r"(?=[\w-]+(?: ?\.| (?:DOT|dot|PUNTO|punto|POINT|point|PUNKT|punkt) ))"
)
_WORDY_DOT = re.compile(r"(?<=[\w-]) (?:DOT|dot|PUNTO|punto|POINT|point|PUNKT|punkt) (?=[\w-]+)")
_EMAIL = re.compile(r"[\w.+%&'-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6}")
_PAGE = re.compile(r"(?:https?://|www\.)[^\s<>\"“”]{3,300}", re.I)
# Digits with what people write between them; a "+" or "00" begins an international number.
_PHONE = re.compile(
    r"(?:\+\s?|\(\+)?\(?\d(?:[\s().\-–/]{0,3}\d){4,18}(?:,?\s?(?:ext|extn|poste|anexo|"
    r"int)\.?\s?\d{1,6}\b)?"
)
_BESIDE = re.compile(
    r"(?i)\W*(?:or|über|uber|die|durch|par|le|vía|el|en|via|the|web ?site|web|form|site|page|"
    r"and|ou|o|oder)?\W*"
)
_NOTE = re.compile(r"\((?:[^()\d+][^()]{0,200}|[^()]{0,100}[^\W\d]{2}[^()]{0,100})\)")


@dataclass
class Contact:
    """What stands behind one label on a line: the values, and what was left over."""

    kind: str
    values: list[str] = field(default_factory=list)
    left: str = ""
    text: str = ""


def label_at_start(text: str) -> tuple[str, int] | None:
    """Return (kind, end) of the label that a line begins with; a colon, or a value, follows."""
    folded = fold(text)
    match = _LABEL.match(folded)
    if match is None:
        return None
    kind = str(match.lastgroup).split("_")[0]
    rest = folded[match.end() :]
    colon = re.match(r"\s*[:：]", rest)
    if colon:
        return kind, _cut(text, match.end() + colon.end())
    if kind in {FAX, PHONE, BOTH} and re.match(r"\.?\s*[+(]?\s?[+\d]", rest):
        return kind, _cut(text, match.end())
    if kind in {EMAIL, WEB} and re.match(r"\s+\S*(?:@|www|http)", rest):
        return kind, _cut(text, match.end())
    if kind == OTHER and re.match(r"\s*[@#]\w", rest):
        return kind, _cut(text, match.end())
    if not rest.strip(" .") and kind != OTHER:
        return kind, len(text)
    return None


def _cut(text: str, folded_end: int) -> int:
    """Where in the line as written a place of its folded form is."""
    for end in range(min(len(text), folded_end), len(text) + 1):
        if len(fold(text[:end] + "|")) - 1 >= folded_end:
            return end
    return len(text)


def pieces(text: str) -> list[str]:
    """Split "Fax: … Email: … Salutation: …" on one line before each label."""
    inner = text.strip()
    if inner[:1] in "([" and inner[-1:] in ")]" and label_at_start(inner[1:-1]):
        text = inner[1:-1]  # "(Anrede: Exzellenz)"
    starts = [m.start() for m in _ANY_LABEL.finditer(fold(text))]
    cuts = [_cut(text, start) for start in starts]
    borders = [0, *[cut for cut in cuts if cut], len(text)]
    found = [text[a:b].strip() for a, b in pairwise(borders)]
    return [piece for piece in found if piece]


def read_values(kind: str, text: str) -> Contact:
    """Read what follows a label; what is no value is left over."""
    if kind == EMAIL:
        return _emails(text)
    if kind == WEB:
        pages = [_trimmed(page) for page in _PAGE.findall(text)]
        return Contact(kind, pages, _rest(text, _PAGE.findall(text)), text)
    if kind in {FAX, PHONE, BOTH}:
        return _numbers(kind, text)
    return Contact(kind, [text.strip()] if text.strip() else [], "", text)


def _emails(text: str) -> Contact:
    plain = plain_address(text)
    found = _EMAIL.findall(plain)
    if not found and _PAGE.search(text):  # "Email: (via website) http://…"
        return read_values(WEB, re.sub(r"\(?\bvia (?:the )?(?:web ?site|web|form)\)?:?", " ", text))
    return Contact(EMAIL, [_trimmed(email) for email in found], _rest(plain, found), text)


def page_in(text: str) -> str | None:
    """Return the one page that is named beside an address: "or via the website http://…"."""
    pages = _PAGE.findall(text)
    words = _EMAIL.sub(" ", _PAGE.sub(" ", text)).split()
    known = all(_BESIDE.fullmatch(word) for word in words)
    return _trimmed(pages[0]) if len(pages) == 1 and known else None


def only_joins(text: str) -> bool:
    """Whether a text is nothing but "or", "via the" and their like."""
    return all(_BESIDE.fullmatch(word) for word in text.split())


def is_cut(contact: Contact, below: str) -> bool:
    """Whether an address ends in the middle, and one word under it may be the rest."""
    cut = plain_address(contact.text).rstrip()
    if not re.fullmatch(r"[\w.%/?=&#~+@-]+", below) or below[:1].isupper():
        return False
    if contact.kind == EMAIL:
        return cut.endswith(("@", ".", "-")) or (below[0] in "@." and not contact.values)
    return contact.kind == WEB and cut.endswith(("/", "-", ".", "=", "&", "?", "_"))


def plain_address(text: str) -> str:
    """Undo what hides an address from machines: "name (at) example (dot) org"."""
    plain = re.sub(_AT, "@", text, flags=re.I)
    plain = re.sub(_DOT, ".", plain, flags=re.I)
    plain = _WORDY.sub("@", plain)
    if "@" in plain:
        plain = _WORDY_DOT.sub(".", plain)
    return re.sub(r"\s?@\s?", "@", plain)


def _apart(text: str) -> str:
    """ "+263 4 253 212 / 728 768 / 726 084" are three numbers; ".. 32 / 33" is one."""
    parts = re.split(r"\s+/\s+", text)
    whole = len(parts) > 1 and all(sum(c.isdigit() for c in part) > 5 for part in parts)
    return " ; ".join(parts) if whole else text


def _numbers(kind: str, text: str) -> Contact:
    bare = _apart(_NOTE.sub(" ; ", text))
    found: list[str] = []
    left = bare
    for match in _PHONE.finditer(bare):
        written = match[0].strip(" -–/.")
        if written.count("(") > written.count(")"):
            written = written.replace("(", "", 1) if not written.startswith("+") else written
        apart = re.split(r"\s/\s", written)  # "+57 1 342 00 92 / 284 21 00" are two numbers
        if len(apart) > 1 and all(sum(c.isdigit() for c in one) > 5 for one in apart):
            found.extend(one.strip() for one in apart)
            left = left.replace(written, " ", 1)
            continue
        short = re.fullmatch(r"(.*\d)\s?/\s?\d{1,3}", written)  # ".. 32/33": two numbers in one
        written = short[1] if short else written
        if 5 <= sum(c.isdigit() for c in written) <= 22:
            found.append(written)
            left = left.replace(written, " ", 1)
    notes = " ".join(_NOTE.findall(text))
    return Contact(
        kind, found, (re.sub(r"[\s;,.:/|]+", " ", left).strip() + " " + notes).strip(), text
    )


def _rest(text: str, found: list[str]) -> str:
    for value in found:
        text = text.replace(value, " ", 1)
    text = re.sub(r"\b(?:and|or|et|ou|y|o|und|oder)\b", " ", text)
    return re.sub(r"[\s;,.:/|<>()]+", " ", text).strip()


def _trimmed(value: str) -> str:
    return value.rstrip(".,;:)]}'\"")


def is_only_values(text: str, kind: str) -> bool:
    """Whether a line holds nothing but values of a kind: it continues the label above it."""
    if kind in {FAX, PHONE, BOTH}:
        contact = _numbers(kind, text)
        return bool(contact.values) and not re.sub(r"\([^()]*\)", "", contact.left).strip()
    if kind == EMAIL:
        contact = _emails(text)
        return bool(contact.values) and not contact.left
    if kind == WEB:
        return bool(_PAGE.fullmatch(text.strip()))
    return False


def unlabelled(text: str) -> Contact | None:
    """An address or a page that needs no label to be known; a number without one stays unknown."""
    emails = _emails(text)
    if emails.values and not emails.left:
        return emails
    if _PAGE.fullmatch(text.strip()):
        return Contact(WEB, [_trimmed(text.strip())], "", text)
    return None

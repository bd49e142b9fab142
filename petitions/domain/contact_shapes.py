"""Whether an e-mail address, a number or an address of a page can be one. Nothing is looked up.

Numbers are kept as written: what stands on paper ("+998 71 239 4934, say 'fax'") is what is dialled
by a person.
"""

import re
from collections.abc import Callable

from email_validator import EmailNotValidError, validate_email

LONGEST = 300
_LONGEST_EMAIL = 254
_PAGE = re.compile(r"(https?://)?[^\s/:@]+\.[^\s/:@]{2,}(:\d+)?(/\S*)?", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*[;,]\s*|\s+/\s+")
_BETWEEN_KEPT = re.compile(f"({_BETWEEN.pattern})")
_BETWEEN_PAGES = re.compile(r"[;,]\s+|\s+/\s+|[;,](?=https?://|www\.)", re.IGNORECASE)
_PAGE_BEGINS = re.compile(r"https?://|www\.", re.IGNORECASE)
_COMPLETE, _SURELY_COMPLETE, _TOO_MANY = 5, 7, 20
"""Digits of a number beside another one, of one that only a stroke parts, and of any one number."""


def is_email(text: str) -> bool:
    """Whether the text reads like an e-mail address; its domain is not asked."""
    if len(text) > _LONGEST_EMAIL:
        return False
    try:
        # `test_environment` lets through reserved domains, which demonstrations are made of.
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def is_number(text: str) -> bool:
    """Whether a phone or fax number can be in the text: it holds at least three digits."""
    return len(text) <= LONGEST and sum(character.isdigit() for character in text) >= 3


def is_page(text: str) -> bool:
    """Whether the text is an address of a page, with http:// or https:// or without both."""
    return len(text) <= LONGEST and _PAGE.fullmatch(text) is not None


def is_https(text: str) -> bool:
    """Whether the text is an address of a page that begins with https://."""
    return text.lower().startswith("https://") and is_page(text)


def one_each(line: str, is_one: Callable[[str], bool]) -> tuple[str, ...] | None:
    """Return the values that stand on a line, as written; None where they cannot be told apart.

    `is_one` is the shape of its kind. What is said of a number ("ext. 12") stays with it. A line
    that holds a single value is returned whatever its shape is.
    """
    if is_one is is_number:
        return _numbers(line)
    between = _BETWEEN_PAGES if is_one is is_page else _BETWEEN
    parts = tuple(part.strip(" ;,") for part in between.split(line) if part.strip(" ;,"))
    if len(parts) > 1:
        return parts if all(map(is_one, parts)) else None
    several = line.count("@") if is_one is is_email else len(_PAGE_BEGINS.findall(line))
    if several > 1 and not (parts and is_one(parts[0])):
        return None
    return parts or (line,)


def _numbers(line: str) -> tuple[str, ...] | None:
    pieces, found = ["", *_BETWEEN_KEPT.split(line)], list[str]()
    for between, piece in zip(pieces[::2], pieces[1::2], strict=True):
        if found and (_is_note(piece) or not _digits(found[-1])):
            found[-1] += between + piece
        elif piece.strip():
            found.append(piece)
    found = [one.strip(" ;,") for each in found for one in _by_strokes(each)]
    if any(one.count("+") > 1 or _digits(one) > _TOO_MANY for one in found):
        return None
    if len(found) > 1 and any(_digits(one) < _COMPLETE for one in found):
        return None
    return tuple(found) or (line,)


def _by_strokes(text: str) -> list[str]:
    parts = text.split("/")
    return parts if all(_digits(part) >= _SURELY_COMPLETE for part in parts) else [text]


def _is_note(text: str) -> bool:
    return not _digits(text) or (
        _digits(text) < _COMPLETE and any(character.isalpha() for character in text)
    )


def _digits(text: str) -> int:
    return sum(character.isdigit() for character in text)

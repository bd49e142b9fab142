"""The details of an entry of the record, as one reads them: what changed, and all the rest."""

import json
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from petitions.models import AuditEntry
from petitions.web.organiser.audit_values import value_in_words
from petitions.web.organiser.page_words import page_named
from petitions.web.organiser.right_words import right_named

_NAMED = {"page": _l("page"), "method": _l("what was tried"), "right": _l("needs the right to")}
_METHODS = {"GET": _l("to look at it"), "POST": _l("to do something there")}
_HIDDEN = frozenset({"before", "after", "reason_sha256", "moved_rows", "letters_dropped"})


def detail_of(entry: AuditEntry) -> dict[str, Any]:
    """Return the details; an entry that was tampered with must not break the page."""
    try:
        read = json.loads(entry.detail)
    except ValueError:
        return {"details": entry.detail}
    return read if isinstance(read, dict) else {"details": read}


def changes_in(detail: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return what changed: (what, before, after)."""
    before, after = detail.get("before"), detail.get("after")
    if isinstance(before, dict) or isinstance(after, dict):
        old = before if isinstance(before, dict) else {}
        new = after if isinstance(after, dict) else {}
        fields = dict.fromkeys([*old, *new])
        return [
            (_field(name), _plain(old.get(name), name), _plain(new.get(name), name))
            for name in fields
        ]
    if before is not None or after is not None:
        return [(gettext("value"), _plain(before), _plain(after))]
    return []


def facts_in(detail: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return all other details; fields whose values are told before and after go without."""
    sides = [detail.get("before"), detail.get("after")]  # of fields by name, or a number, or a list
    told_already = {name for side in sides if isinstance(side, dict) for name in side}
    facts = []
    for name, value in detail.items():
        shown = _plain(_worth_telling(name, value, told_already), name)
        if name not in _HIDDEN and (shown or name != "fields"):
            facts.append((str(_NAMED.get(name) or _field(name)), shown))
    return facts


def _worth_telling(name: str, value: Any, told_already: set[str]) -> Any:
    if name == "fields" and isinstance(value, list):
        return [_field(field) for field in value if field not in told_already]
    match name:
        case "right":
            return right_named(str(value))
        case "page":
            return page_named(str(value))
        case "method":
            return _METHODS.get(str(value), value)
    return value


def _field(name: str) -> str:
    return str(name).replace("_", " ")


def _plain(value: object, name: str = "") -> str:
    """Return a value of the details as one reads it; nothing stays empty."""
    match value:
        case None:
            return ""
        case bool():
            return str(gettext("yes") if value else gettext("no"))
        case list():
            return ", ".join(_plain(one, name) for one in value)
        case dict():
            return "; ".join(f"{_field(part)}: {_plain(one, part)}" for part, one in value.items())
        case _:
            return value_in_words(name, value)

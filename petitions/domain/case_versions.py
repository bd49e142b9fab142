"""The texts of a case and of its updates that readers have seen, version by version.

A version is kept when its words are published, and never changed. What was published before
versions were kept becomes the first one when it is about to be replaced. To go back, its words are
put into the form and saved as any other change. A version can be forgotten: old words may name or
place somebody who is not to be named any more.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from petitions.domain import audit
from petitions.domain.case_finding import case_for_writing
from petitions.domain.word_changes import Change, changes_between
from petitions.errors import NotFound, Refused
from petitions.extensions import db
from petitions.models import CaseTextVersion

_Version = CaseTextVersion
_NEVER_FORGOTTEN = "newest"


def versions_of(case_id: int, language: str, update_id: int | None = None) -> list[CaseTextVersion]:
    """Return the versions of a text in a language, the newest first."""
    query = select(_Version).where(*_which(case_id, language, update_id))
    return list(db.session.execute(query.order_by(_Version.number.desc())).scalars())


def version_numbered(
    case_id: int, language: str, number: int, update_id: int | None = None
) -> CaseTextVersion:
    """Return one version. Raises NotFound."""
    query = select(_Version).where(*_which(case_id, language, update_id), _Version.number == number)
    found = db.session.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFound("no such version")
    return found


def keep(
    case_id: int,
    language: str,
    words: Mapping[str, Any],
    written_by: Sequence[int],
    published_at: datetime,
    *,
    update_id: int | None = None,
) -> None:
    """Keep words that readers see from now on; nothing happens where the newest says the same."""
    newest = next(iter(versions_of(case_id, language, update_id)), None)
    if newest is not None and newest.words == dict(words):
        return
    last = select(func.max(_Version.number)).where(*_which(case_id, language, update_id))
    db.session.add(
        _Version(
            case_id=case_id,
            update_id=update_id,
            language=language,
            number=(db.session.execute(last).scalar_one() or 0) + 1,
            words=dict(words),
            written_by=list(written_by),
            published_at=published_at,
        )
    )
    db.session.flush()


def forget_language(case_id: int, language: str) -> None:
    """Delete all versions of a case's text in a language: it is told in it no more."""
    db.session.execute(delete(_Version).where(*_which(case_id, language, None)))


def forget(
    case_id: int,
    language: str,
    number: int,
    actor: str,
    now: datetime,
    *,
    update_id: int | None = None,
) -> None:
    """Delete an old version for good. Raises NotFound, Refused('newest') for what readers see."""
    case_for_writing(case_id)
    version = version_numbered(case_id, language, number, update_id)
    if versions_of(case_id, language, update_id)[0] is version:
        raise Refused(_NEVER_FORGOTTEN)
    db.session.delete(version)
    db.session.flush()
    detail: dict[str, object] = {"language": language, "version": number}
    if update_id is not None:
        detail["update"] = update_id
    audit.record(actor, "version forgotten", f"case {case_id}", detail, now)


def changes_of(before: CaseTextVersion | None, after: CaseTextVersion) -> list[Change]:
    """Return what a version changed of the one before; with none before, all of it is new."""
    new = _plain(after.words)
    old = _plain(before.words) if before is not None else {}
    return list(changes_between({name: old.get(name, "") for name in new}, new, after.language))


def _plain(words: Mapping[str, Any]) -> dict[str, str]:
    told = {name: value for name, value in words.items() if isinstance(value, str)}
    if "statements" in words:
        told["statements"] = "\n\n".join(f"{text} — {by}" for text, by in words["statements"])
    return told


def _which(case_id: int, language: str, update_id: int | None) -> tuple[Any, ...]:
    of = _Version.update_id.is_(None) if update_id is None else _Version.update_id == update_id
    return _Version.case_id == case_id, _Version.language == language, of

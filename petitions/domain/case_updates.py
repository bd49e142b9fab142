"""Updates of a case as organisers write them: a draft first; published ones keep their facts."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select

from petitions.domain import audit
from petitions.domain.case_finding import actor_of, authors_publish, case_for_writing, case_of
from petitions.domain.case_texts import joined
from petitions.domain.case_versions import keep, versions_of
from petitions.domain.fingerprints import refuse_changed
from petitions.domain.translations import note_before_change, note_original, outdated
from petitions.errors import NotFound, Refused
from petitions.extensions import db
from petitions.models import CaseUpdate, Organiser, UpdateKind, UpdateText


@dataclass(frozen=True, slots=True)
class Written:
    """What an organiser writes in an update: facts, and words in one language."""

    kind: UpdateKind
    index_number: str
    issued_on: date | None
    new_deadline_on: date | None
    title: str
    text: str

    def values(self) -> Mapping[str, Any]:
        """Return plain values, for a fingerprint."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class UpdateRow:
    """An update in the organisers' list, with its titles by language, and what is outdated."""

    update: CaseUpdate
    titles: Mapping[str, str]
    outdated: tuple[str, ...] = ()


def updates_of(case_id: int) -> tuple[UpdateRow, ...]:
    """Return the updates of a case, drafts too, newest first."""
    source = case_of(case_id).source_language
    query = select(CaseUpdate).where(CaseUpdate.case_id == case_id)
    texts: dict[int, dict[str, UpdateText]] = {}
    words = select(UpdateText).join(CaseUpdate, CaseUpdate.id == UpdateText.update_id)
    for text in db.session.execute(words.where(CaseUpdate.case_id == case_id)).scalars():
        texts.setdefault(text.update_id, {})[text.language] = text
    rows = db.session.execute(query.order_by(CaseUpdate.position.desc())).scalars()
    return tuple(_row(update, texts.get(update.id, {}), source) for update in rows)


def _row(update: CaseUpdate, texts: Mapping[str, UpdateText], source: str) -> UpdateRow:
    original = _told(texts.get(source))
    old = (
        tag
        for tag, text in texts.items()
        if tag != source and outdated(text.made_from, _told(text), original)
    )
    titles = {tag: text.title for tag, text in texts.items()}
    return UpdateRow(update, titles, tuple(sorted(old)))


def _told(text: UpdateText | None) -> dict[str, str]:
    return {"title": text.title if text else "", "text": text.text if text else ""}


def update_of(case_id: int, update_id: int) -> CaseUpdate:
    """Return an update of a case. Raises NotFound."""
    update = db.session.get(CaseUpdate, update_id)
    if update is None or update.case_id != case_id:
        raise NotFound("no such update")
    return update


def written_of(update: CaseUpdate, language: str) -> Written:
    """Return what an update says as it is now, in a language; empty where it has no words."""
    text = db.session.get(UpdateText, (update.id, language))
    return Written(
        kind=update.kind,
        index_number=update.index_number or "",
        issued_on=update.issued_on,
        new_deadline_on=update.new_deadline_on,
        title=text.title if text else "",
        text=text.text if text else "",
    )


def told_of(update: CaseUpdate) -> Mapping[str, Written]:
    """Return what an update says as it is now, by language: all that readers get with it."""
    query = select(UpdateText.language).where(UpdateText.update_id == update.id)
    languages = db.session.execute(query.order_by(UpdateText.language)).scalars()
    return {language: written_of(update, language) for language in languages}


def add_update(case_id: int, written: Written, organiser: Organiser, now: datetime) -> CaseUpdate:
    """Begin an update in the case's source language. Further information gets its number.

    Raises NotFound, Refused: 'no title', 'one initial'.
    """
    case = case_for_writing(case_id)
    _check(case_id, written, None)
    update = CaseUpdate(
        case_id=case_id, position=next_position(case_id), kind=written.kind, written_by=[]
    )
    _write_facts(update, written)
    db.session.add(update)
    db.session.flush()
    _write_words(update, case.source_language, written)
    update.written_by = joined([], organiser.id)
    db.session.flush()
    detail = {"update": update.id, "kind": written.kind.value}
    audit.record(actor_of(organiser), "update drafted", f"case {case_id}", detail, now)
    return update


def change_update(
    case_id: int,
    update_id: int,
    language: str,
    written: Written,
    *,
    seen: str,
    may_publish: bool,
    organiser: Organiser,
    now: datetime,
    is_right: bool = False,
) -> CaseUpdate:
    """Change an update's words in a language; its facts too, while it is a draft.

    Once it is published readers see a change at once: only whoever may publish makes one, and
    nobody where authors do not publish what they wrote. `is_right`: whoever saves says that the
    translation follows the original. Raises NotFound, ChangedMeanwhile,
    Refused: 'readers see it', 'write a correction', 'no title', 'one initial', 'facts fixed' where
    it is published and a fact would change.
    """
    source = case_for_writing(case_id).source_language
    update = update_of(case_id, update_id)
    if update.published_at is not None:
        refuse_correction(may_publish)
    before, after = written_of(update, language).values(), written.values()
    refuse_changed(seen, before)
    changed = [name for name in after if after[name] != before[name]]
    _check(case_id, written, update)
    if update.published_at is not None and set(changed) - {"title", "text"}:
        raise Refused("facts fixed", "kind")
    if is_right and language != source:
        _note(update, language, source, _WORDS)
    if not changed:
        return update
    if language == source:
        note_before_change(_translations(update, source), before, set(changed) & _WORDS)
    if update.published_at is None:
        _write_facts(update, written)
    else:
        keep_update(update, update.published_at, first=True)
    _write_words(update, language, written)
    if language != source:
        _note(update, language, source, set(changed) & _WORDS)
    update.written_by = joined(update.written_by, organiser.id)
    db.session.flush()
    if update.published_at is not None:
        told = {"title": written.title, "text": written.text}
        keep(case_id, language, told, [organiser.id], now, update_id=update.id)
    action = "update changed" if update.published_at is None else "update corrected"
    detail = {"update": update.id, "language": language, "fields": changed}
    audit.record(actor_of(organiser), action, f"case {case_id}", detail, now)
    return update


def outdated_in(update: CaseUpdate, language: str, source: str) -> tuple[str, ...]:
    """Return the fields of an update's translation whose original changed since."""
    row = db.session.get(UpdateText, (update.id, language))
    if row is None or language == source:
        return ()
    original = written_of(update, source)
    told = {"title": original.title, "text": original.text}
    return outdated(row.made_from, _told(row), told)


def refuse_correction(may_publish: bool) -> None:
    """Raise Refused where a published update may not be changed by whoever asks for it."""
    if not may_publish:
        raise Refused("readers see it")
    if not authors_publish():
        raise Refused("write a correction")


def discard_update(case_id: int, update_id: int, actor: str, now: datetime) -> None:
    """Throw a draft away. Raises NotFound, Refused('published already'): readers saw that one."""
    case_for_writing(case_id)
    update = update_of(case_id, update_id)
    if update.published_at is not None:
        raise Refused("published already")
    db.session.execute(delete(UpdateText).where(UpdateText.update_id == update.id))
    db.session.delete(update)
    db.session.flush()
    audit.record(actor, "update discarded", f"case {case_id}", {"update": update_id}, now)


def keep_update(update: CaseUpdate, published_at: datetime, *, first: bool = False) -> None:
    """Keep an update's words in all languages as versions that readers see.

    `first`: only where none is kept yet.
    """
    for language, told in told_of(update).items():
        if first and versions_of(update.case_id, language, update.id):
            continue
        words = {"title": told.title, "text": told.text}
        keep(
            update.case_id,
            language,
            words,
            update.written_by,
            published_at,
            update_id=update.id,
        )


def next_position(case_id: int) -> int:
    """Return the place at the end of the chain."""
    last = select(func.coalesce(func.max(CaseUpdate.position), 0))
    return int(db.session.execute(last.where(CaseUpdate.case_id == case_id)).scalar_one()) + 1


def next_number(case_id: int, *, beside: int | None = None) -> int:
    """Return the number of the next further information, drafts counted."""
    last = select(func.coalesce(func.max(CaseUpdate.number), 0)).where(
        CaseUpdate.case_id == case_id, CaseUpdate.id != (beside or 0)
    )
    return (db.session.execute(last).scalar_one() or 0) + 1


def _check(case_id: int, written: Written, update: CaseUpdate | None) -> None:
    if not written.title:
        raise Refused("no title", "title")
    if written.kind is UpdateKind.INITIAL:
        others = select(CaseUpdate.id).where(
            CaseUpdate.case_id == case_id,
            CaseUpdate.kind == UpdateKind.INITIAL,
            CaseUpdate.id != (update.id if update else 0),
        )
        if db.session.execute(others).first() is not None:
            raise Refused("one initial", "kind")


def _write_facts(update: CaseUpdate, written: Written) -> None:
    is_further = written.kind is UpdateKind.FURTHER
    if is_further and update.number is None:
        update.number = next_number(update.case_id, beside=update.id)
    elif not is_further:
        update.number = None
    update.kind = written.kind
    update.index_number = written.index_number or None
    update.issued_on = written.issued_on
    update.new_deadline_on = written.new_deadline_on


_WORDS = frozenset({"title", "text"})


def _note(update: CaseUpdate, language: str, source: str, fields: Collection[str]) -> None:
    row = db.session.get(UpdateText, (update.id, language))
    if row is not None:
        note_original(row, written_of(update, source).values(), fields)


def _translations(update: CaseUpdate, source: str) -> list[UpdateText]:
    query = select(UpdateText).where(
        UpdateText.update_id == update.id, UpdateText.language != source
    )
    return list(db.session.execute(query).scalars())


def _write_words(update: CaseUpdate, language: str, written: Written) -> None:
    text = db.session.get(UpdateText, (update.id, language))
    if text is None:
        text = UpdateText(update_id=update.id, language=language, title=written.title)
        db.session.add(text)
    text.title, text.text = written.title, written.text
    db.session.flush()

"""A sheet taken into the directory: all of it, or nothing with what is wrong by line.

Everything goes through the verbs of `officials`, so that what signers agreed to stays as it is and
each change leaves its entry in the trail. A preview is the same work, rolled back by its caller.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from petitions.domain import audit, officials
from petitions.domain.directory_sheets import (
    Fault,
    SheetOfficial,
    SheetRefused,
    SheetRow,
    read_directory,
)
from petitions.domain.fingerprints import fingerprint
from petitions.domain.official_facts import (
    OfficialFacts,
    OfficialWords,
    facts_of,
    values_of,
    words_of,
)
from petitions.domain.official_lists import texts_of
from petitions.domain.official_uses import similar_to
from petitions.domain.rights import Right
from petitions.errors import NotFound, Refused
from petitions.extensions import db
from petitions.models import Official

Field = tuple[str, str, Any, Any]
"""A field, the language of a text ("" for a fact), what stood there, what stands there now."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a sheet does to one official. `official_id` is None for a new one."""

    line: int
    official_id: int | None
    office: str
    language: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a sheet: the changes, and how many officials stay as they are."""

    changes: tuple[Change, ...]
    unchanged: int

    @property
    def added(self) -> int:
        """How many officials are new."""
        return sum(change.official_id is None for change in self.changes)

    def fingerprint(self) -> str:
        """Return a short hash of the changes: it differs where the directory changed meanwhile."""
        told = [[one.line, one.official_id, one.office, one.fields] for one in self.changes]
        return fingerprint({"changes": told, "unchanged": self.unchanged})


def take_in_directory(
    content: bytes, *, knowing: bool, actor: str, now: datetime, rights: Collection[Right] = ()
) -> Taken:
    """Take in a sheet. `knowing` says that officials like existing ones are others all the same.

    Raises SheetRefused with every fault; the caller then rolls back.
    """
    faults: list[Fault] = []
    changes: list[Change] = []
    unchanged = 0
    work = _Work(knowing=knowing, actor=actor, now=now, rights=frozenset(rights))
    for told in read_directory(content):
        found = work.take(told)
        if isinstance(found, Fault):
            faults.append(found)
        elif found.fields:
            changes.append(found)
        else:
            unchanged += 1
    if faults:
        raise SheetRefused(faults)
    taken = Taken(tuple(changes), unchanged)
    if changes:
        detail = {"added": taken.added, "changed": len(changes) - taken.added}
        audit.record(actor, "officials imported", "officials", detail, now)
    return taken


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    knowing: bool
    actor: str
    now: datetime
    rights: frozenset[Right]

    def take(self, told: SheetOfficial) -> Change | Fault:
        """Add or change one official; return what is wrong instead, with nothing of it written."""
        at = [told.head]
        try:
            with db.session.begin_nested():
                if told.head.id is None:
                    return self._added(told, at)
                return self._changed(told, told.head.id, at)
        except NotFound:
            return Fault(told.head.line, "id", "no such official")
        except Refused as refused:
            alike = self._alike(told.head) if refused.reason == "similar" else ()
            column = "" if refused.field == "knowing" else refused.field
            return Fault(at[-1].line, column, refused.reason, alike)

    def _added(self, told: SheetOfficial, at: list[SheetRow]) -> Change:
        row = told.head
        if row.language is None:
            raise Refused("language needed", "language")
        facts = OfficialFacts(**row.facts, source_language=row.language, slug=row.slug)
        words = OfficialWords(**{"office": "", **row.words})
        official = officials.add_official(
            facts, words, actor=self.actor, now=self.now, knowing=self.knowing
        )
        fields = [*_fields({}, values_of(facts_of(official)), ""), *self._words(official, told, at)]
        fields = [*_fields({}, values_of(words), row.language), *fields]
        kept = tuple(one for one in fields if one[3] and one[0] not in {"source_language", "slug"})
        return Change(row.line, None, words.office, row.language, kept)

    def _changed(self, told: SheetOfficial, official_id: int, at: list[SheetRow]) -> Change:
        official = officials.get_official(official_id)
        before = facts_of(official)
        row = told.head
        facts = replace(before, **row.facts, slug=row.slug or before.slug)
        if facts != before:
            officials.change_facts(
                official_id, facts, seen="", actor=self.actor, now=self.now, knowing=self.knowing
            )
        after = values_of(facts_of(official))
        fields = [*_fields(values_of(before), after, ""), *self._words(official, told, at)]
        source = texts_of(official_id)[official.source_language]
        return Change(row.line, official_id, source.office, source.language, tuple(fields))

    def _words(self, official: Official, told: SheetOfficial, at: list[SheetRow]) -> list[Field]:
        """Write the words of each row that has any; return what changed."""
        fields: list[Field] = []
        texts = texts_of(official.id)
        for row in (told.head, *told.others):
            at.append(row)
            language = row.language or official.source_language
            before = words_of(texts.get(language))
            after = replace(before, **row.words)
            if after == before:
                continue
            officials.write_words(
                official.id,
                language,
                after,
                seen="",
                actor=self.actor,
                now=self.now,
                rights=self.rights,
            )
            fields += _fields(values_of(before), values_of(after), language)
        return fields

    def _alike(self, row: SheetRow) -> tuple[int, ...]:
        emails = row.facts.get("emails", ())
        office, country = row.words.get("office", ""), row.facts.get("country")
        return tuple(one.id for one in similar_to(emails, office, country, but=row.id))


def _fields(before: Mapping[str, Any], after: Mapping[str, Any], language: str) -> Iterator[Field]:
    for name, value in after.items():
        if value != before.get(name):
            yield name, language, before.get(name), value

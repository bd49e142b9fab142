"""A new holder of an office: the office keeps its petitions, its bundles and its signers.

A new holder of the same office is the same recipient; another office is another official.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select

from petitions.domain import audit
from petitions.domain.fingerprints import refuse_changed
from petitions.domain.official_facts import values_of, words_of
from petitions.domain.official_lists import texts_of
from petitions.domain.officials import get_official, mark_checked, write_words
from petitions.domain.rights import Right
from petitions.errors import Refused
from petitions.extensions import db
from petitions.models import FormerHolder, Official


@dataclass(frozen=True, slots=True)
class HolderWords:
    """Who holds the office now, and how they are addressed, in one language."""

    name: str = ""
    salutation: str = ""
    form_of_address: str = ""


def shown(official_id: int) -> dict[str, dict[str, object]]:
    """Return the words of an office in each language, for a fingerprint."""
    return {tag: values_of(words_of(text)) for tag, text in texts_of(official_id).items()}


def new_holder(
    official_id: int,
    words: Mapping[str, HolderWords],
    since: date,
    *,
    seen: str,
    rights: Collection[Right],
    actor: str,
    now: datetime,
) -> Official:
    """Write who holds an office since a day, in every language that it has, and keep who did.

    Raises NotFound, ChangedMeanwhile, and Refused: 'each language' (a name would stay that is no
    longer right), 'nobody new', 'in the future', and as `write_words` does.
    """
    official = get_official(official_id, locked=True)
    refuse_changed(seen, shown(official.id))
    texts = texts_of(official.id)
    if words.keys() != texts.keys():
        raise Refused("each language")
    if since > now.date():
        raise Refused("in the future", "since")
    source = official.source_language
    before = texts[source].name
    if before == words[source].name:
        raise Refused("nobody new", f"name-{source}")
    if before:
        db.session.add(FormerHolder(official_id=official.id, name=before, until_on=since))
    for tag, text in texts.items():
        told = words[tag]
        holder = replace(
            words_of(text),
            name=told.name,
            salutation=told.salutation,
            form_of_address=told.form_of_address,
        )
        write_words(official.id, tag, holder, seen="", actor=actor, now=now, rights=rights)
    mark_checked(official.id, now.date(), actor=actor, now=now)
    detail = {"since": since.isoformat(), "languages": sorted(words)}
    audit.record(actor, "new holder of an office", f"official {official.id}", detail, now)
    return official


def former_holders(official_id: int) -> tuple[FormerHolder, ...]:
    """Return who held an office before, the last one first."""
    query = select(FormerHolder).where(FormerHolder.official_id == official_id)
    order = (FormerHolder.until_on.desc(), FormerHolder.id.desc())
    return tuple(db.session.execute(query.order_by(*order)).scalars())

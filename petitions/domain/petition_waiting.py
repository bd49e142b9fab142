"""What waits to be published on a petition: whether it does, who wrote it, what it says."""

from collections.abc import Mapping
from typing import Any

from petitions.domain.case_shown import shown_case
from petitions.domain.petition_languages import all_consents, all_words
from petitions.domain.petition_missing import complete_in_text
from petitions.domain.petition_versions import (
    addressees_of,
    aims_of,
    current,
    draft,
    offices_of,
    published,
)
from petitions.extensions import db
from petitions.models import Case, ConsentVersion, Petition, TextVersion


def waits(petition_id: int) -> bool:
    """Whether there is a draft of the text or of the consent."""
    text = draft(TextVersion, petition_id)
    return text is not None or draft(ConsentVersion, petition_id) is not None


def shown_drafts(petition_id: int) -> Mapping[str, Any]:
    """Return all that would be published, for a fingerprint of what somebody looked at."""
    text, consent = current(TextVersion, petition_id), current(ConsentVersion, petition_id)
    words, consents = all_words(text.id), all_consents(consent.id)
    aimed, rows = aims_of(text.id), addressees_of(petition_id)
    offices = offices_of(rows)
    petition = db.session.get_one(Petition, petition_id)
    case = db.session.get_one(Case, petition.case_id)
    return {
        "case": None if case.published_at else shown_case(case),  # published with its petition
        "asks": [[ask.country, sorted(aimed.get(ask.id, ()))] for ask in words.asks],
        "words": {one: words.words(one).values() for one in words.written()},
        "consents": {one: consents.words(one) for one in consents.rows},
        "offices": [[one.id, one.part, one.names_go, offices[one.id]] for one in rows],
    }


def languages_lost(petition_id: int) -> list[str]:
    """Return the languages that readers have now and would not have after publishing the draft."""
    before, after = published(TextVersion, petition_id), draft(TextVersion, petition_id)
    if before is None or after is None:
        return []
    return sorted(complete_in_text(before.id) - complete_in_text(after.id))


def authors_of_draft(petition_id: int) -> list[int]:
    """Return the ids of all organisers who wrote the drafts of text and consent."""
    text, consent = draft(TextVersion, petition_id), draft(ConsentVersion, petition_id)
    return sorted({one for version in (text, consent) if version for one in version.written_by})

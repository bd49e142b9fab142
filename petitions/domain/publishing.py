"""Publishing: a petition for the first time with its case, and later the changes of its texts.

Readers get languages that are written to the end. What is partly written in another waits in the
next draft, so that nothing of it is lost and nobody reads half a letter.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from petitions.domain import audit, cases, planned
from petitions.domain.case_finding import actor_of, refuse_own_text
from petitions.domain.fingerprints import refuse_changed
from petitions.domain.petition_languages import consents_written, languages_written
from petitions.domain.petition_missing import (
    Step,
    complete_in_consent,
    complete_in_text,
    steps,
    steps_of_text,
)
from petitions.domain.petition_versions import (
    addressees_of,
    aims_of,
    asks_in,
    copied_consent,
    copied_text,
    draft,
    drop_consent,
    drop_text,
    hold_offices,
    name_offices,
    published,
)
from petitions.domain.petition_waiting import authors_of_draft, shown_drafts, waits
from petitions.domain.petition_words import (
    consent_of,
    remove_language,
    words_of,
    write_consent,
    write_words,
)
from petitions.domain.petitions import move
from petitions.errors import Refused, TransitionRefused
from petitions.extensions import db
from petitions.models import (
    Case,
    ConsentVersion,
    Organiser,
    Petition,
    PetitionState,
    TextVersion,
)


class Incomplete(Refused):
    """Something that publishing asks for is missing; `missing` says what, and where to add it."""

    def __init__(self, missing: Sequence[Step]) -> None:
        super().__init__("incomplete")
        self.missing = tuple(missing)


def publish(petition: Petition, organiser: Organiser, now: datetime, *, seen: str = "") -> None:
    """Open a draft to readers and signers, and publish its case where that is not yet.

    Raises what `refuse_unpublishable` does. A time that was set for it is over with it.
    """
    hold_offices(addressees_of(petition.id))
    case = refuse_unpublishable(petition, organiser, now, seen=seen)
    cases.publish(case, organiser, now)
    _publish_text(petition, now)
    _publish_consent(petition, now)
    planned.forget(petition_id=petition.id)
    move(petition, PetitionState.OPEN, now, actor=actor_of(organiser))


def refuse_unpublishable(
    petition: Petition, organiser: Organiser, at: datetime, *, seen: str = ""
) -> Case:
    """Return the case of a draft that this organiser may publish at that time. Only reads.

    Raises TransitionRefused where it is no draft, ChangedMeanwhile where its words are others than
    those that whoever publishes it looked at, Incomplete, Refused('own text').
    """
    if petition.state is not PetitionState.DRAFT:
        raise TransitionRefused("only a draft is published")
    refuse_changed(seen, shown_drafts(petition.id))
    case = db.session.get_one(Case, petition.case_id)
    _refuse_incomplete(steps(petition, case, at))
    refuse_own_text(authors_of_draft(petition.id), organiser)
    if case.published_at is None:
        refuse_own_text(cases.writers_of(case), organiser)
    return case


def publish_changes(
    petition: Petition, organiser: Organiser, now: datetime, *, seen: str = ""
) -> None:
    """Make the changes of text and consent what readers see. Who signed keeps what they saw.

    Raises Refused: 'nothing waits', 'nothing complete', 'own text'; ChangedMeanwhile; Incomplete;
    TransitionRefused where the petition is a draft, or takes no signature ever again.
    """
    if petition.state in {PetitionState.DRAFT, PetitionState.STOPPED, PetitionState.ARCHIVED}:
        raise TransitionRefused("changes are published on a petition that may be signed")
    if not waits(petition.id):
        raise Refused("nothing waits")
    hold_offices(addressees_of(petition.id))
    refuse_changed(seen, shown_drafts(petition.id))
    case = db.session.get_one(Case, petition.case_id)
    _refuse_incomplete(steps_of_text(petition, case))
    refuse_own_text(authors_of_draft(petition.id), organiser)
    text, consent = _is_changed_text(petition.id), _is_changed_consent(petition.id)
    if not text and not consent:
        raise Refused("nothing complete")
    detail: dict[str, object] = {}
    if text:
        detail["text"] = _publish_text(petition, now)
    if consent:
        detail["consent"] = _publish_consent(petition, now)
    subject = f"petition {petition.id}"
    audit.record(actor_of(organiser), "petition changes published", subject, detail, now)


def discard_changes(
    petition: Petition, organiser: Organiser, now: datetime, *, seen: str = ""
) -> None:
    """Delete the drafts of a published petition. Raises Refused('nothing waits'), ChangedMeanwhile.

    What somebody wrote after the page was shown is not thrown away unseen.
    """
    if petition.state is PetitionState.DRAFT or not waits(petition.id):
        raise Refused("nothing waits")
    refuse_changed(seen, shown_drafts(petition.id))
    text, consent = draft(TextVersion, petition.id), draft(ConsentVersion, petition.id)
    if text is not None:
        drop_text(text)
    if consent is not None:
        drop_consent(consent)
    detail = {"text": text is not None, "consent": consent is not None}
    subject = f"petition {petition.id}"
    audit.record(actor_of(organiser), "petition changes discarded", subject, detail, now)


def _refuse_incomplete(found: Sequence[Step]) -> None:
    missing = [step for step in found if not step.done]
    if missing:
        raise Incomplete(missing)


def _publish_text(petition: Petition, now: datetime) -> int:
    version = draft(TextVersion, petition.id)
    if version is None:
        raise Refused("nothing waits")
    complete = complete_in_text(version.id)
    partly = {
        language: words_of(version.id, language)
        for language in languages_written(version.id)
        if language not in complete
    }
    for language in partly:
        remove_language(version, language)
    version.published_at = now
    db.session.flush()
    if partly:
        rest = copied_text(petition, now)
        rest.written_by = list(version.written_by)
        for language, words in partly.items():
            write_words(rest, language, words)
    return version.number


def _publish_consent(petition: Petition, now: datetime) -> int:
    version = draft(ConsentVersion, petition.id)
    if version is None:
        raise Refused("nothing waits")
    complete = complete_in_consent(version.id)
    partly = {
        language: consent_of(version.id, language)
        for language in consents_written(version.id)
        if language not in complete
    }
    for language, words in partly.items():
        write_consent(version, language, dict.fromkeys(words, ""))
    version.published_at = now
    db.session.flush()
    name_offices(version, addressees_of(petition.id))
    if partly:
        rest = copied_consent(petition, now)
        rest.written_by = list(version.written_by)
        for language, words in partly.items():
            write_consent(rest, language, words)
    return version.number


def _is_changed_text(petition_id: int) -> bool:
    before, after = published(TextVersion, petition_id), draft(TextVersion, petition_id)
    return after is not None and (before is None or _told(before) != _told(after))


def _is_changed_consent(petition_id: int) -> bool:
    before, after = published(ConsentVersion, petition_id), draft(ConsentVersion, petition_id)
    if after is None or before is None:
        return after is not None
    words = [
        {language: consent_of(one.id, language) for language in complete_in_consent(one.id)}
        for one in (before, after)
    ]
    return words[0] != words[1]


def _told(version: TextVersion) -> Mapping[str, Any]:
    """All of a text version that readers would get."""
    aimed = aims_of(version.id)
    asks = [(ask.country, aimed.get(ask.id, set())) for ask in asks_in(version.id)]
    words = {language: words_of(version.id, language) for language in complete_in_text(version.id)}
    return {"asks": asks, "words": words}

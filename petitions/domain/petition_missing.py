"""What a petition needs before readers may see it, and which of it is there.

The steps are words, which the console translates, with the page where each is put right.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from petitions.domain.case_missing import missing_for_publishing
from petitions.domain.case_stops import is_stopped
from petitions.domain.petition_asks import aimed_elsewhere
from petitions.domain.petition_languages import all_words, consents_written
from petitions.domain.petition_versions import addressees_of, aims_of, current, offices_of
from petitions.domain.petition_words import HowFar
from petitions.extensions import db
from petitions.models import (
    Addressee,
    AfterDeadline,
    Case,
    ConsentVersion,
    ContactOffice,
    OfficialText,
    Organisation,
    Part,
    Petition,
    TextVersion,
)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that publishing asks for, whether it is there, and where it is put right."""

    word: str
    done: bool
    endpoint: str
    values: Mapping[str, str | int] = field(default_factory=dict)
    language: str = ""
    told: Mapping[str, str | int] = field(default_factory=dict)
    """What its words name: an office, the number and the state of an ask."""


def steps(petition: Petition, case: Case, now: datetime) -> list[Step]:
    """Return all that publishing asks for, in the order in which one would do it."""
    return [
        *_of_case(case),
        *steps_of_text(petition, case),
        Step(
            "deadline" if petition.deadline_on else "no deadline",
            not petition.is_past(now),
            "petitions.facts",
            {"petition_id": petition.id},
        ),
        *_of_rule(petition),
        *_of_organisation(),
    ]


def steps_of_text(petition: Petition, case: Case) -> list[Step]:
    """Return what publishing asks of addressees, asks, texts and consent alone.

    'to addressee', 'ask', 'aimed', 'aimed elsewhere', 'voices', 'text', 'consent', 'salutation';
    the last once for each `to` addressee without one.
    """
    text = current(TextVersion, petition.id)
    consent = current(ConsentVersion, petition.id)
    here: dict[str, str | int] = {"petition_id": petition.id}
    source: dict[str, str | int] = {**here, "language": case.source_language}
    words, aimed = all_words(text.id), aims_of(text.id)
    asks, voices = words.asks, words.words(case.source_language).asks
    written = words.complete()
    agreed = complete_in_consent(consent.id)
    read_in = written or {case.source_language}  # while nothing is complete: where that begins
    receivers = [one for one in addressees_of(petition.id) if one.part is Part.TO]
    return [
        Step("to addressee", bool(receivers), "petitions.addressees", here),
        *_of_salutations(receivers, read_in, here),
        Step("ask", bool(asks), "petitions.asks", here),
        Step(
            "aimed", bool(asks) and all(aimed.get(ask.id) for ask in asks), "petitions.asks", here
        ),
        *(
            Step("aimed elsewhere", False, "petitions.asks", here, told=_ask(place, country))
            for place, country in aimed_elsewhere(text.id)
        ),
        Step("voices", bool(asks) and all(all(ask) for ask in voices), "petitions.text", source),
        Step("text", bool(written), "petitions.text", source),
        Step("consent", bool(read_in & agreed), "petitions.consent", source),
    ]


def complete_in_text(version_id: int) -> set[str]:
    """Return the languages in which text and letter and all asks of a version are written."""
    return all_words(version_id).complete()


def complete_in_consent(version_id: int) -> set[str]:
    """Return the languages in which risk, consent and news are written."""
    far = consents_written(version_id)
    return {language for language, how in far.items() if how is HowFar.COMPLETE}


def _of_case(case: Case) -> Iterator[Step]:
    here: dict[str, str | int] = {"case_id": case.id}
    if case.hidden_at is not None:
        yield Step("case hidden", False, "cases.show", here)
    if is_stopped(case.id):
        yield Step("case stopped", False, "cases.show", here)
    missing = missing_for_publishing(case)
    for one in missing:
        yield Step(f"case: {one.word}", False, one.endpoint, one.values, one.language)
    if not missing:
        yield Step("case", True, "cases.show", here)


def _of_salutations(
    receivers: list[Addressee], languages: set[str], here: Mapping[str, str | int]
) -> Iterator[Step]:
    if not receivers:
        yield Step("salutation", False, "petitions.addressees", here)
        return
    offices = offices_of(receivers)
    greeted = _greeted(receivers, languages)
    ungreeted = [one for one in receivers if one.official_id not in greeted]
    for one in ungreeted:
        at: dict[str, str | int] = {"official_id": one.official_id or 0}
        yield Step("salutation", False, "officials.show", at, told={"office": offices[one.id]})
    if not ungreeted:
        yield Step("salutation", True, "petitions.addressees", here)


def _ask(place: int, country: str) -> dict[str, str | int]:
    return {"number": place, "country": country}


def _of_rule(petition: Petition) -> Iterator[Step]:
    """Readers who are told to ask an office first need one, wherever they are."""
    if petition.after_deadline is AfterDeadline.ASK_FIRST:
        query = select(ContactOffice.id).where(ContactOffice.country.is_(None)).limit(1)
        there = db.session.execute(query).first() is not None
        yield Step("contact office", there, "organisation.index", {"_anchor": "offices"})


def _of_organisation() -> Iterator[Step]:
    row = db.session.get(Organisation, 1)
    facts = {
        "organisation name": row.name if row else "",
        "organisation address": row.postal_address if row else "",
        "organisation contact": row.contact_email if row else "",
        "organisation controller": row.controller if row else "",
    }
    for word, value in facts.items():
        yield Step(word, bool(value.strip()), "organisation.index")


def _greeted(receivers: list[Addressee], languages: set[str]) -> set[int]:
    """Return the officials among these who have a salutation in one of the languages."""
    query = select(OfficialText.official_id).where(
        OfficialText.official_id.in_([one.official_id for one in receivers if one.official_id]),
        OfficialText.language.in_(languages),
        OfficialText.salutation != "",
    )
    return set(db.session.execute(query).scalars())

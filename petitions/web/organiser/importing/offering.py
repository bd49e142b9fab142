"""From the draft that was read to the form that offers it; nothing is made up on the way."""

from typing import Any

from petitions.domain.import_matching import (
    KnownCase,
    KnownOfficial,
    cases_like,
    officials_like,
)
from petitions.i18n import SOURCE
from petitions.intake.draft import Draft, DraftOfficial
from petitions.intake.embassies import embassy_in, rule_is_meant
from petitions.intake.voices import voices_of
from petitions.models import AfterDeadline, OfficialKind, Part, PersonStatus
from petitions.web.organiser.importing.forms import NEW, DraftForm
from petitions.web.organiser.organisation_choices import country_lines, is_language, language_lines

OWN = "own"


def form_of(draft: Draft) -> DraftForm:
    """Return the form with what was read in it. A field that was not read is empty."""
    return DraftForm(
        source=draft.source,
        kind=draft.kind,
        case_id="new" if draft.kind == "new" and not _known_cases(draft) else "",
        language=draft.language or "",
        title=draft.title or "",
        case_number=draft.case_number or "",
        index_number=draft.index or "",
        issued_on=draft.issued_on,
        states=country_lines(draft.countries),
        summary=draft.summary or "",
        story=draft.story or "",
        background=draft.additional_information or "",
        people=[
            {
                "name": one.name,
                "gender": one.gender or "",
                "age": one.age,
                "status": draft.status or PersonStatus.UNKNOWN.value,
                "status_since": draft.status_since or "",
            }
            for one in draft.people
        ]
        or [{}],
        **_petition(draft),
    )


def _known_cases(draft: Draft) -> tuple[KnownCase, ...]:
    return cases_like(draft.case_number, [one.name for one in draft.people])


def _petition(draft: Draft) -> dict[str, Any]:
    named = [tag for tag in draft.letter_languages if tag != OWN and is_language(tag)]
    rule = AfterDeadline.ASK_FIRST if draft.after_deadline else AfterDeadline.CLOSE
    return {
        "begin_petition": draft.kind == "new" and bool(draft.asks),
        "petition_title": draft.title or "",
        "deadline_on": draft.deadline_on,
        "after_deadline": rule.value,
        "letter_languages": language_lines(named),
        "own_language": OWN in draft.letter_languages,
        "letter_subject": draft.title or "",
        "letter_opening": draft.summary or "",
        "asks": [_ask(ask.text, ask.states, draft.language) for ask in draft.asks],
        "officials": [_official(one, draft.language) for one in draft.officials],
        "embassies": draft.embassies
        or rule_is_meant(draft.officials, draft.countries, draft.language or SOURCE),
    }


def _ask(text: str, states: list[str], language: str | None) -> dict[str, Any]:
    voices = voices_of(text, language)
    return {
        "for_readers": voices.for_readers,
        "for_letter": voices.for_letter,
        "country": country_lines(states[:1]),
        "leave_out": False,
    }


def _embassy(one: DraftOfficial, language: str | None) -> dict[str, Any]:
    """What the paper says of an embassy; what it does not say is asked on the page."""
    read = embassy_in(one, language or SOURCE)
    if read is None:
        return {"official_kind": OfficialKind.OFFICE.value}
    return {
        "official_kind": read.kind,
        "represents": country_lines([read.represents] if read.represents else []),
        "accredited": country_lines(read.accredited),
    }


def _official(one: DraftOfficial, language: str | None) -> dict[str, Any]:
    # A house without a named holder is the office that letters go to.
    office = one.office or one.organisation or ""
    known = known_of(one.emails, office, one.name or "", one.country)
    return {
        "which": "" if known else NEW,
        "office": office,
        "name": one.name or "",
        "organisation": (one.organisation or "") if one.office else "",
        "postal_lines": "\n".join(one.lines),
        "country": country_lines([one.country] if one.country else []),
        "emails": "\n".join(one.emails),
        "faxes": "\n".join(one.faxes),
        "phones": "\n".join(one.phones),
        "pages": one.web or "",
        "salutations": "\n".join(f"{tag}: {said}" for tag, said in one.salutations.items()),
        "part": Part(one.role).value,
        **_embassy(one, language),
    }


def known_of(
    emails: list[str], office: str, name: str, country: str | None
) -> tuple[KnownOfficial, ...]:
    """Return the officials of the directory that this one may be."""
    return officials_like(emails, office, name, country)

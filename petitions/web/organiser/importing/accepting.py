"""From the form that an organiser sent to what the domain takes in."""

from petitions.domain.case_people import Known
from petitions.domain.import_petition import AskTold, OfficialTold, PetitionTold
from petitions.domain.importing import PaperTold
from petitions.domain.official_facts import OfficialFacts, OfficialWords
from petitions.models import AfterDeadline, OfficialKind, Part, PersonStatus
from petitions.web.organiser.forms import row_number
from petitions.web.organiser.importing.forms import (
    LEAVE_OUT,
    NEW,
    DraftForm,
    OfficialForm,
    country_of,
    salutation_in,
)
from petitions.web.organiser.importing.offering import OWN
from petitions.web.organiser.organisation_choices import lines_of, read_countries, read_languages


def paper_of(form: DraftForm) -> PaperTold:
    """Return what was accepted; only of a form that is valid."""
    chosen = form.case_id.data or ""
    kind = form.kind.data or ""
    return PaperTold(
        kind=kind,
        language=form.language.data or "",
        title=form.title.data or "",
        people=tuple(
            Known(
                name=one.form.name.data,
                gender=one.form.gender.data,
                age=one.form.age.data,
                status=PersonStatus(one.form.status.data or PersonStatus.UNKNOWN),
                status_since=one.form.status_since.data or "",
            )
            for one in form.people
            if one.form.name.data
        ),
        states=read_countries(form.states.data)[0],
        case_id=row_number(chosen),
        case_number=form.case_number.data or "",
        index_number=form.index_number.data or "",
        issued_on=form.issued_on.data,
        deadline_on=form.deadline_on.data,
        summary=form.summary.data or "",
        story=form.story.data or "",
        background=form.background.data or "",
        petition=_petition(form) if form.begin_petition.data else None,
    )


def _petition(form: DraftForm) -> PetitionTold:
    tags = read_languages(form.letter_languages.data)[0]
    return PetitionTold(
        title=form.petition_title.data or form.title.data or "",
        text=form.summary.data or "",
        letter_subject=form.letter_subject.data or "",
        letter_opening=form.letter_opening.data or "",
        deadline_on=form.deadline_on.data,
        after_deadline=AfterDeadline(form.after_deadline.data or ""),
        letter_languages=(*tags, OWN) if form.own_language.data else tags,
        officials=tuple(
            _official(one.form, form.language.data or "")
            for one in form.officials
            if one.form.which.data != LEAVE_OUT
        ),
        asks=tuple(
            AskTold(
                country_of(one.form.country),
                one.form.for_readers.data or "",
                one.form.for_letter.data or "",
            )
            for one in form.asks
            if not one.form.leave_out.data
        ),
        with_embassies=bool(form.embassies.data),
    )


def _official(one: OfficialForm, language: str) -> OfficialTold:
    said = dict(filter(None, map(salutation_in, lines_of(one.salutations.data))))
    kind = OfficialKind(one.official_kind.data or "")
    embassy = kind is not OfficialKind.OFFICE
    facts = OfficialFacts(
        kind=kind,
        represents=(country_of(one.represents) or None) if embassy else None,
        accredited=read_countries(one.accredited.data)[0] if embassy else (),
        country=country_of(one.country) or None,
        postal_lines=one.postal_lines.data or "",
        emails=lines_of(one.emails.data),
        faxes=lines_of(one.faxes.data),
        phones=lines_of(one.phones.data),
        pages=lines_of(one.pages.data),
        source_language=language,
    )
    words = {
        tag: OfficialWords(
            office=one.office.data or "",
            name=one.name.data or "",
            organisation=one.organisation.data or "",
            salutation=said.get(tag, ""),
        )
        for tag in dict.fromkeys([language, *said])
    }
    which = one.which.data or ""
    known = row_number(which) if which != NEW else None
    return OfficialTold(facts=facts, words=words, part=Part(one.part.data or ""), known=known)

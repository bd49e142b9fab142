"""From a draft that was read to a paper that can be taken in, where nobody looks at a page.

What cannot be kept is left out and told; whether an official is one of the directory is not
assumed: it is refused, or taken where the caller says that they are the same.
"""

from dataclasses import dataclass, field
from datetime import datetime

from petitions.domain.case_people import Known
from petitions.domain.import_matching import KnownOfficial, officials_like
from petitions.domain.import_petition import AskTold, OfficialTold, PetitionTold
from petitions.domain.importing import PaperTold
from petitions.domain.official_facts import OfficialFacts, OfficialWords
from petitions.errors import Refused
from petitions.intake.draft import Draft, DraftOfficial
from petitions.intake.embassies import EmbassyRead, embassy_in, rule_is_meant
from petitions.intake.voices import voices_of
from petitions.models import AfterDeadline, OfficialKind, Part, PersonStatus


@dataclass(frozen=True, slots=True)
class Prepared:
    """A paper to take in, and what of the draft is not in it."""

    paper: PaperTold
    left_out: list[str] = field(default_factory=list)


def prepared(draft: Draft, *, case_id: int | None, same_officials: bool, now: datetime) -> Prepared:
    """Return the paper of a draft. A petition is begun by a new paper that asks for something.

    Raises Refused: 'no language', 'official known' (the field is its number in the paper).
    """
    if draft.language is None:
        raise Refused("no language", "language")
    left_out: list[str] = []
    petition = None
    if draft.kind == "new" and draft.asks:
        petition = _petition(draft, draft.language, same_officials, now, left_out)
    paper = PaperTold(
        kind=draft.kind,
        language=draft.language,
        title=draft.title or "",
        people=tuple(
            Known(
                one.name,
                gender=one.gender or "",
                age=one.age,
                status=PersonStatus(draft.status or PersonStatus.UNKNOWN),
                status_since=draft.status_since or "",
            )
            for one in draft.people
        ),
        states=tuple(draft.countries),
        case_id=case_id,
        case_number=draft.case_number or "",
        index_number=draft.index or "",
        issued_on=draft.issued_on,
        deadline_on=draft.deadline_on,
        summary=draft.summary or "",
        story=draft.story or "",
        background=draft.additional_information or "",
        petition=petition,
    )
    return Prepared(paper, left_out)


def _petition(
    draft: Draft, language: str, same: bool, now: datetime, left_out: list[str]
) -> PetitionTold:
    deadline = draft.deadline_on
    if deadline is not None and deadline < now.date():
        left_out.append(f"the deadline {deadline.isoformat()}, which is over")
        deadline = None
    asks = []
    for number, ask in enumerate(draft.asks, start=1):
        if ask.states:
            said = voices_of(ask.text, language)
            asks.append(AskTold(ask.states[0], said.for_readers, said.for_letter))
        else:
            left_out.append(f"ask {number}, whose state is not said")
    officials = []
    for number, one in enumerate(draft.officials, start=1):
        embassy = embassy_in(one, language)
        unsaid = embassy is not None and not embassy.is_whole
        if not (one.office or one.organisation):
            left_out.append(f"official {number}, whose office is not said")
        elif unsaid and not _known(one):
            left_out.append(
                f"official {number}, an embassy: of which state, and where, is not said"
            )
        else:
            officials.append(_official(one, number, language, same, embassy))
    return PetitionTold(
        title=draft.title or "",
        text=draft.summary or "",
        letter_subject=draft.title or "",
        letter_opening=draft.summary or "",
        deadline_on=deadline,
        after_deadline=AfterDeadline.ASK_FIRST if draft.after_deadline else AfterDeadline.CLOSE,
        letter_languages=tuple(draft.letter_languages),
        officials=tuple(officials),
        asks=tuple(asks),
        with_embassies=draft.embassies or rule_is_meant(draft.officials, draft.countries, language),
    )


def _known(one: DraftOfficial) -> tuple[KnownOfficial, ...]:
    office = one.office or one.organisation or ""
    return officials_like(one.emails, office, one.name or "", one.country)


def _official(
    one: DraftOfficial, number: int, language: str, same: bool, embassy: EmbassyRead | None
) -> OfficialTold:
    office = one.office or one.organisation or ""
    known = _known(one)
    if known and not (same and len(known) == 1):
        raise Refused("official known", str(number))
    words = {
        tag: OfficialWords(
            office=office,
            name=one.name or "",
            organisation=(one.organisation or "") if one.office else "",
            salutation=one.salutations.get(tag, ""),
        )
        for tag in dict.fromkeys([language, *one.salutations])
    }
    read = embassy if embassy is not None and embassy.is_whole else None
    facts = OfficialFacts(
        kind=OfficialKind(read.kind) if read else OfficialKind.OFFICE,
        represents=read.represents if read else None,
        accredited=read.accredited if read else (),
        country=one.country,
        postal_lines="\n".join(one.lines),
        emails=tuple(one.emails),
        faxes=tuple(one.faxes),
        phones=tuple(one.phones),
        pages=(one.web,) if one.web else (),
        source_language=language,
    )
    return OfficialTold(
        facts=facts, words=words, part=Part(one.role), known=known[0].id if known else None
    )

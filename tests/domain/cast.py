"""The fixed cast of domain tests: one organisation, one case, one petition, a few officials."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from petitions.domain.case_keys import make_case_keys
from petitions.domain.signing import SigningForm
from petitions.domain.site import Site
from petitions.extensions import db
from petitions.models import (
    Accreditation,
    AddressedState,
    Addressee,
    AfterDeadline,
    Appearance,
    Ask,
    AskAddressee,
    AskText,
    Case,
    CaseText,
    ConsentOffice,
    ConsentText,
    ConsentVersion,
    LetterLanguage,
    Official,
    OfficialKind,
    OfficialText,
    Organisation,
    Part,
    Petition,
    PetitionState,
    PetitionText,
    TextVersion,
)


@dataclass(frozen=True, slots=True)
class Cast:
    """What `publish` made."""

    case: Case
    petition: Petition
    minister: Addressee
    border_agency: Addressee
    embassies: Addressee
    text: TextVersion
    consent: ConsentVersion


def publish(
    site: Site,
    now: datetime,
    *,
    slug: str = "anna-b",
    deadline_on: date | None = None,
    after_deadline: AfterDeadline = AfterDeadline.CLOSE,
    state: PetitionState = PetitionState.OPEN,
) -> Cast:
    """Publish a case with one petition to a minister, copies to an agency and to embassies."""
    if db.session.get(Organisation, 1) is None:
        db.session.add(
            Organisation(id=1, name="Watch", postal_address="1 Quay\nHaven", languages=["en"])
        )
    case = Case(slug=slug, source_language="en", created_at=now, published_at=now)
    db.session.add(case)
    db.session.flush()
    make_case_keys(case.id, site.keyring, now)
    db.session.add_all(
        [
            CaseText(case_id=case.id, language="en", title="Anna B is missing", summary="Missing."),
            AddressedState(case_id=case.id, country="UZ"),
        ]
    )
    petition = Petition(
        case_id=case.id,
        slug=slug,
        state=state,
        created_at=now,
        published_at=now,
        time_zone="Europe/Moscow",
        deadline_on=deadline_on,
        after_deadline=after_deadline,
        stop_reason="She is free." if state is PetitionState.STOPPED else None,
    )
    db.session.add(petition)
    db.session.flush()
    db.session.add(LetterLanguage(petition_id=petition.id, language="en", position=1))
    addressees = [
        _addressee(petition, 1, Part.TO, official=_official(f"minister-{slug}", "Dear Minister")),
        _addressee(petition, 2, Part.COPY, official=_official(f"agency-{slug}", "")),
        _addressee(petition, 3, Part.COPY, embassies_of="UZ"),
    ]
    text, consent = _versions(petition, now)
    add_ask(text, addressees)
    for addressee in addressees:
        name_in_consent(consent, addressee)
    db.session.flush()
    return Cast(case, petition, *addressees, text, consent)


def embassy(slug: str, *countries: str, represents: str = "UZ") -> Official:
    """Add an embassy that is accredited to some countries."""
    official = Official(
        slug=slug, kind=OfficialKind.EMBASSY, represents=represents, source_language="en"
    )
    db.session.add(official)
    db.session.flush()
    db.session.add(
        OfficialText(
            official_id=official.id, language="en", office="Embassy", salutation="Your Excellency"
        )
    )
    db.session.add_all(Accreditation(official_id=official.id, country=code) for code in countries)
    db.session.flush()
    return official


def form(email: str = "signer@example.org", **changes: object) -> SigningForm:
    """Return a signing form as a signer would send it."""
    given: dict[str, object] = {
        "name": "Ada Lovelace",
        "initials": "A. L.",
        "email": email,
        "place": "London",
        "country": "GB",
        "appearance": Appearance.FULL,
        "news": False,
        "language": "en",
        "text_number": 1,
        "consent_number": 1,
    }
    return SigningForm(**{**given, **changes})  # type: ignore[arg-type]  # a test's keyword soup


def add_ask(text: TextVersion, addressees: list[Addressee]) -> Ask:
    """Add one ask, in two voices, aimed at the addressees."""
    ask = Ask(text_version_id=text.id, position=1, country="UZ")
    db.session.add(ask)
    db.session.flush()
    db.session.add(
        AskText(
            ask_id=ask.id,
            language="en",
            for_readers="Urge the authorities to say where she is",
            for_letter="I urge you to say where she is",
        )
    )
    db.session.add_all(AskAddressee(ask_id=ask.id, addressee_id=to.id) for to in addressees)
    return ask


def name_in_consent(consent: ConsentVersion, addressee: Addressee) -> None:
    """Let a consent name an addressee, for names where the addressee gets them."""
    db.session.add(
        ConsentOffice(
            consent_version_id=consent.id, addressee_id=addressee.id, names_go=addressee.names_go
        )
    )


def _official(slug: str, salutation: str) -> Official:
    official = Official(slug=slug, country="UZ", postal_lines="Street 1", source_language="en")
    db.session.add(official)
    db.session.flush()
    db.session.add(
        OfficialText(official_id=official.id, language="en", office=slug, salutation=salutation)
    )
    return official


def _addressee(
    petition: Petition,
    position: int,
    part: Part,
    *,
    official: Official | None = None,
    embassies_of: str | None = None,
) -> Addressee:
    addressee = Addressee(
        petition_id=petition.id,
        position=position,
        part=part,
        official_id=official.id if official else None,
        embassies_of=embassies_of,
        names_go=part is Part.TO,
    )
    db.session.add(addressee)
    db.session.flush()
    return addressee


def _versions(petition: Petition, now: datetime) -> tuple[TextVersion, ConsentVersion]:
    text = TextVersion(petition_id=petition.id, number=1, created_at=now, published_at=now)
    consent = ConsentVersion(petition_id=petition.id, number=1, created_at=now, published_at=now)
    db.session.add_all([text, consent])
    db.session.flush()
    db.session.add_all(
        [
            PetitionText(
                text_version_id=text.id,
                language="en",
                title="Find Anna B",
                text="She is missing.",
                letter_subject="Anna B",
                letter_opening="Anna B is reported missing.",
                letter_closing="Yours sincerely",
            ),
            ConsentText(
                consent_version_id=consent.id, language="en", risk="Risk", consent="C", news="N"
            ),
        ]
    )
    return text, consent

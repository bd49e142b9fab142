"""The petitions of the demonstration as rows: addressees, first texts, asks, first consent."""

from datetime import datetime

from sqlalchemy import select

from petitions.domain.demonstration.telling import Told
from petitions.domain.petition_versions import name_offices
from petitions.extensions import db
from petitions.models import (
    Addressee,
    AfterDeadline,
    Ask,
    AskAddressee,
    AskText,
    ConsentText,
    ConsentVersion,
    LetterLanguage,
    Official,
    Part,
    Petition,
    PetitionState,
    PetitionText,
    TextVersion,
)


def add_petition(told: Told, case_id: int, now: datetime) -> None:
    """Add an open petition with the first version of its text and of its consent."""
    petition = Petition(
        case_id=case_id,
        slug=told["slug"],
        state=PetitionState.OPEN,
        time_zone=told["time_zone"],
        deadline_on=told.get("deadline_on"),
        after_deadline=AfterDeadline(told["after_deadline"]),
        publish_proof=True,
        created_at=now,
        published_at=now,
    )
    db.session.add(petition)
    db.session.flush()
    for position, language in enumerate(told["letter_languages"], start=1):
        row = LetterLanguage(petition_id=petition.id, language=language, position=position)
        db.session.add(row)
    addressees = {
        _key(addressee): _add_addressee(petition.id, position, addressee)
        for position, addressee in enumerate(told["addressees"], start=1)
    }
    _add_texts(petition.id, told, addressees, now)
    _add_consent(petition.id, told["consents"], list(addressees.values()), now)
    db.session.flush()


def _key(told: Told) -> str:
    """Return the name by which asks aim at an addressee."""
    return str(told["official"]) if "official" in told else f"embassies of {told['embassies_of']}"


def _add_addressee(petition_id: int, position: int, told: Told) -> Addressee:
    official_id = None
    if "official" in told:
        query = select(Official.id).where(Official.slug == told["official"])
        official_id = db.session.execute(query).scalar_one()
    addressee = Addressee(
        petition_id=petition_id,
        position=position,
        part=Part(told["part"]),
        official_id=official_id,
        embassies_of=told.get("embassies_of"),
        names_go=told["names_go"],
    )
    db.session.add(addressee)
    db.session.flush()
    return addressee


def _add_texts(
    petition_id: int, told: Told, addressees: dict[str, Addressee], now: datetime
) -> None:
    version = TextVersion(petition_id=petition_id, number=1, created_at=now, published_at=now)
    db.session.add(version)
    db.session.flush()
    for language, text in told["texts"].items():
        db.session.add(PetitionText(text_version_id=version.id, language=language, **text))
    for position, asked in enumerate(told["asks"], start=1):
        ask = Ask(text_version_id=version.id, position=position, country=asked["country"])
        db.session.add(ask)
        db.session.flush()
        for language, voices in asked["texts"].items():
            db.session.add(AskText(ask_id=ask.id, language=language, **voices))
        for key in asked["aimed_at"]:
            db.session.add(AskAddressee(ask_id=ask.id, addressee_id=addressees[key].id))


def _add_consent(
    petition_id: int, texts: dict[str, Told], addressees: list[Addressee], now: datetime
) -> None:
    version = ConsentVersion(petition_id=petition_id, number=1, created_at=now, published_at=now)
    db.session.add(version)
    db.session.flush()
    for language, text in texts.items():
        db.session.add(ConsentText(consent_version_id=version.id, language=language, **text))
    name_offices(version, addressees)

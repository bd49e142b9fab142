"""A petition as organisers make it: begun, written, aimed, ready to be published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from petitions.domain.case_keys import make_case_keys
from petitions.domain.petition_addressees import add_embassies, add_official
from petitions.domain.petition_asks import Aim, change_asks
from petitions.domain.petition_beginning import create
from petitions.domain.petition_words import Words, save_words
from petitions.domain.site import Site
from petitions.extensions import db
from petitions.models import (
    AddressedState,
    Addressee,
    AfterDeadline,
    Case,
    CaseText,
    Official,
    OfficialText,
    Organisation,
    Organiser,
    Part,
    Permission,
    PermissionGiver,
    Person,
    Petition,
)

ENGLISH = {
    "title": "Find Anna B",
    "text": "She is missing.",
    "letter_subject": "Anna B",
    "letter_opening": "Anna B is reported missing.",
    "letter_closing": "Yours sincerely,",
}
RUSSIAN = {
    "title": "Найдите Анну Б.",
    "text": "Она пропала.",
    "letter_subject": "Анна Б.",
    "letter_opening": "Сообщается, что Анна Б. пропала.",
    "letter_closing": "С уважением,",
}
ASK = ("Urge the authorities to say where she is", "I urge you to say where she is")
ASK_RU = ("Призовите власти сказать, где она", "Призываю Вас сказать, где она")


@dataclass(frozen=True, slots=True)
class Draft:
    """A petition that could be published, with whom it takes."""

    case: Case
    petition: Petition
    minister: Addressee
    embassies: Addressee
    organiser: Organiser


def organiser(name: str, now: datetime) -> Organiser:
    """Add an organiser."""
    row = Organiser(
        email=f"{name}@example.org", name=name.title(), fs_uniquifier=name, created_at=now
    )
    db.session.add(row)
    db.session.flush()
    return row


def official(slug: str, salutation: str = "Dear Minister", country: str = "UZ") -> Official:
    """Add an official with a name in English."""
    row = Official(slug=slug, country=country, postal_lines="Street 1", source_language="en")
    db.session.add(row)
    db.session.flush()
    db.session.add(
        OfficialText(official_id=row.id, language="en", office=slug, salutation=salutation)
    )
    db.session.flush()
    return row


def case_ready(site: Site, now: datetime, slug: str = "anna-b") -> Case:
    """Add a case that could be published, and an organisation that could publish it."""
    if db.session.get(Organisation, 1) is None:
        db.session.add(
            Organisation(
                id=1,
                name="Watch",
                postal_address="1 Quay\nHaven",
                contact_email="watch@example.org",
                controller="Watch, 1 Quay",
                languages=["en", "ru"],
            )
        )
    case = Case(slug=slug, source_language="en", created_at=now, time_zone="Europe/Moscow")
    db.session.add(case)
    db.session.flush()
    make_case_keys(case.id, site.keyring, now)
    db.session.add_all(
        [
            CaseText(case_id=case.id, language="en", title="Anna B is missing", summary="Missing."),
            AddressedState(case_id=case.id, country="UZ"),
            Person(case_id=case.id, position=1, name="Anna B"),
            Permission(
                case_id=case.id,
                given_by=PermissionGiver.FAMILY,
                covers_name=True,
                covers_picture=True,
                covers_place=True,
                covers_story=True,
                given_on=now.date(),
                recorded_by="Olga",
            ),
        ]
    )
    db.session.flush()
    return case


def draft(site: Site, now: datetime, slug: str = "anna-b") -> Draft:
    """Begin a petition, write and aim it: nothing is missing for publishing."""
    case = case_ready(site, now, slug)
    author = organiser(f"author-{slug}", now)
    petition = create(
        case,
        language="en",
        title=ENGLISH["title"],
        slug=slug,
        deadline_on=None,
        after_deadline=AfterDeadline.CLOSE,
        author=author.id,
        now=now,
    )
    minister = add_official(
        petition, official(f"minister-{slug}").id, Part.TO, author=author.id, now=now
    )
    embassies = add_embassies(petition, "UZ", author=author.id, now=now)
    aim(petition, author, now, minister, embassies)
    write(petition, author, now)
    return Draft(case, petition, minister, embassies, author)


def aim(petition: Petition, author: Organiser, now: datetime, *addressees: Addressee) -> None:
    """Give the petition one ask, aimed at these addressees."""
    one = Aim(None, "UZ", frozenset(to.id for to in addressees))
    change_asks(petition, [one], seen="", author=author.id, now=now)


def write(
    petition: Petition,
    author: Organiser,
    now: datetime,
    *,
    language: str = "en",
    asks: tuple[tuple[str, str], ...] = (ASK,),
    **changes: str,
) -> None:
    """Write the text in a language."""
    text = {**(RUSSIAN if language == "ru" else ENGLISH), **changes}
    save_words(petition, language, Words(text, asks), seen="", author=author.id, now=now)

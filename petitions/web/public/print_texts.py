"""What stands on a card, a poster and a sheet: a page's texts, in its language."""

import secrets
from datetime import datetime

from flask import current_app, url_for
from flask_babel import format_decimal as decimal
from flask_babel import gettext, ngettext

from petitions.documents.prints import FEWEST_LINES, Paper, Print
from petitions.domain.presenting import CasePage, PetitionPage
from petitions.domain.presenting.case_page import PersonLine
from petitions.domain.presenting.versions import AskGroup
from petitions.web.page_frame import last_day, name_of_country, organisation

_MOST_NAMES = 3
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""For numbers that are read from paper: without 0, 1, I, O."""
_GROUP = 4


def petition_card(page: PetitionPage, moment: datetime) -> Print:
    """Return the card of a petition: name, what is asked, how many signed."""
    above = gettext("Petition")
    number = rounded(page.numbers.confirmed) if page.state != "stopped" else ""
    people = names_of(page.people, page.words.language)
    return _card(
        page.words.language,
        moment,
        above=above,
        name=people,
        title=page.words.title,
        number=number,
    )


def case_card(page: CasePage, moment: datetime) -> Print:
    """Return the card of a case: name, and what it is about."""
    people = names_of(page.people, page.words.language)
    return _card(
        page.words.language, moment, above="", name=people, title=page.words.title, number=""
    )


def poster(page: PetitionPage, paper: Paper, moment: datetime) -> Print:
    """Return the poster of a petition."""
    deadline = ""
    if page.deadline_on is not None:
        day = last_day(page.deadline_on, page.time_zone)
        deadline = gettext("Last day to sign: %(day)s", day=day)
    return Print(
        kind="poster",
        language=page.words.language,
        dated_on=moment.date(),
        paper=paper,
        address=address_of(page),
        texts={
            "name": names_of(page.people, page.words.language) or page.words.title,
            "title": page.words.title,
            "paragraphs": page.words.paragraphs,
            "asks": [_asked(group) for group in page.asks],
            "call": gettext("Read it all, and sign"),
            "deadline": deadline,
            "address": address_of(page),
            "site": _site_name(),
            "code_says": gettext("QR code of the petition's address"),
            "demonstration": _demonstration(),
        },
    )


def sheet(page: PetitionPage, paper: Paper, moment: datetime) -> Print:
    """Return a sheet to collect signatures on, with a number that no other sheet has."""
    assert page.consent is not None  # noqa: S101  # nosec B101  # the view asks before
    known = organisation()
    return Print(
        kind="sheet",
        language=page.words.language,
        dated_on=moment.date(),
        paper=paper,
        address=address_of(page),
        texts={
            "title": page.words.title,
            "paragraphs": page.words.paragraphs,
            "asks": [_asked(group) for group in page.asks],
            "site": _site_name(),
            "code_says": gettext("QR code of the petition's address"),
            "demonstration": _demonstration(),
            "foot": f"{_site_name()} · {address_of(page)}",
            "words": {
                "page": gettext("Page {page} of {pages}"),
                "sheet": gettext("Sheet number"),
            },
            "number": sheet_number(),
            "notice": [
                page.consent.risk,
                page.consent.consent,
                gettext(
                    "Tick one box a line: what officials may see of you. This sheet stays with"
                    " the organisation; who is only counted is named to nobody."
                ),
                *([known.controller] if known and known.controller else []),
            ],
            "lines": FEWEST_LINES,
            "columns": [
                gettext("No."),
                gettext("Name"),
                gettext("Town or place"),
                gettext("Country"),
                gettext("Name, town, country"),
                gettext("Initials, country"),
                gettext("Only count me"),
                gettext("Signature"),
            ],
            "collected": gettext("Collected by, where, and on which day:"),
        },
    )


def address_of(page: PetitionPage, language: str | None = None) -> str:
    """Return the petition's whole address, in this language or else that of its text."""
    base_url: str = current_app.extensions["petitions"].base_url
    lang = language or (page.words.language if len(page.languages) > 1 else None)
    return base_url + url_for("reading.one_petition", petition=page.slug, lang=lang)


def names_of(people: tuple[PersonLine, ...], language: str) -> str:
    """Return the names of those in danger, each as it is written in that language if known."""
    called = [
        next((name for name, tag in person.other_names if tag == language), person.name)
        for person in people[:_MOST_NAMES]
    ]
    return ", ".join(called) + (" …" if len(people) > _MOST_NAMES else "")


def rounded(number: int) -> str:
    """Return a number of signatures that stays true for a while: two digits of it, from 100 on.

    A card is kept by others for days; what it says must not be more than there is.
    """
    if number == 0:
        return ""
    step = 10 ** (len(str(number)) - 2) if number >= 100 else 1
    shown = number - number % step
    if shown == number:
        return str(
            ngettext(
                "%(number)s signature", "%(number)s signatures", number, number=decimal(number)
            )
        )
    return str(gettext("More than %(number)s signatures", number=decimal(shown)))


def sheet_number() -> str:
    """Return a number for one sheet: eight letters and digits that are not taken for others."""
    drawn = "".join(secrets.choice(_LETTERS) for _ in range(2 * _GROUP))
    return f"{drawn[:_GROUP]}-{drawn[_GROUP:]}"


def _card(
    language: str, moment: datetime, *, above: str, name: str, title: str, number: str
) -> Print:
    return Print(
        kind="card",
        language=language,
        dated_on=moment.date(),
        texts={
            "above": above,
            "name": name or title,
            "title": title if name else "",
            "number": number,
            "site": _site_name(),
        },
    )


def _asked(group: AskGroup) -> tuple[str, tuple[str, ...]]:
    offices = [
        ", ".join(
            filter(
                None,
                [
                    f"{line.office} ({line.holder})" if line.holder else line.office,
                    name_of_country(line.country) if line.country else "",
                ],
            )
        )
        for line in group.addressees
        if line.part == "to" and not line.embassies_of
    ]
    return "; ".join(offices) or gettext("The authorities"), group.for_readers


def _site_name() -> str:
    known = organisation()
    return known.name if known else ""


def _demonstration() -> str:
    if not current_app.extensions["petitions"].demonstration:
        return ""
    return (
        str(gettext("Demonstration."))
        + " "
        + str(gettext("These are past events and office-holders; nothing is sent to any official."))
    )

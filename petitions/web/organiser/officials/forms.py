"""Forms of officials: their shape, and the way from what was typed to the domain's values."""

from dataclasses import fields
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, Field, Form, StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length, Optional, StopValidation

from petitions.domain.contact_shapes import LONGEST
from petitions.domain.official_facts import WISHES, OfficialFacts, OfficialWords
from petitions.models import OfficialKind
from petitions.web.organiser.forms import ConsoleForm, stripped, tidied
from petitions.web.organiser.officials.messages import KINDS
from petitions.web.organiser.organisation_choices import (
    country_lines,
    is_language,
    language_lines,
    lines_of,
    read_countries,
)
from petitions.web.page_frame import name_of_country

FITS = Length(max=LONGEST, message=_l("This is too long. At most 300 characters fit."))
_NO_DAY = _l("This is no day. An example: 2026-03-14")


def _is_known(_: Form, field: Field) -> None:
    if not is_language(field.data or ""):
        raise StopValidation(_l("Choose a language."))


class WordsForm(ConsoleForm):
    """How an official is named and addressed, in one language."""

    office = StringField(
        _l("Office"),
        [InputRequired(_l("Write the office, as it stands on the paper.")), FITS],
        filters=[stripped],
    )
    name = StringField(_l("Name of the person"), [FITS], filters=[stripped])
    organisation = StringField(_l("Organisation"), [FITS], filters=[stripped])
    salutation = StringField(_l("Salutation"), [FITS], filters=[stripped])
    form_of_address = StringField(_l("Form of address"), [FITS], filters=[stripped])

    def words(self) -> OfficialWords:
        """Return what was typed as the domain takes it."""
        return OfficialWords(**{each.name: self[each.name].data for each in fields(OfficialWords)})


class KnownWordsForm(WordsForm):
    """The words of an official that signers may have read of."""

    same_office = BooleanField(_l("It is the same office; only its wording is corrected"))


class FactsForm(ConsoleForm):
    """What is known of an official in whatever language."""

    kind = StringField(
        _l("What it is"),
        [AnyOf([kind.value for kind in OfficialKind], message=_l("Choose what it is."))],
        default=OfficialKind.OFFICE.value,
    )
    represents = StringField(_l("The state that it represents"))
    accredited_here = BooleanField(_l("It is responsible for the country that it is in"))
    accredited = TextAreaField(_l("Other countries that it is responsible for"), filters=[tidied])
    postal_lines = TextAreaField(_l("Postal address"), filters=[tidied])
    country = StringField(_l("Country"))
    emails = TextAreaField(_l("E-mail addresses"), filters=[tidied])
    faxes = TextAreaField(_l("Fax numbers"), filters=[tidied])
    phones = TextAreaField(_l("Telephone numbers"), filters=[tidied])
    pages = TextAreaField(_l("Web forms or pages"), filters=[tidied])
    source_language = StringField(_l("Language of the paper"), [_is_known])
    preferred_language = StringField(
        _l("Language of letters to this official"), [Optional(), _is_known]
    )
    submission_notes = TextAreaField(_l("Notes for whoever delivers"), filters=[tidied])
    one_side_only = BooleanField(_l("Paper printed on one side only"))
    case_number_on_pages = BooleanField(_l("The case number on each page"))
    never_names = BooleanField(_l("Numbers only, never names"))
    checked_on = DateField(_l("Last checked on"), [Optional()])
    slug = StringField(
        _l("Short name"), [Length(max=80, message=_l("At most 80 characters."))], filters=[stripped]
    )
    knowing = BooleanField(_l("This is another official: save anyway"))

    def validate_accredited(self, field: Any) -> None:
        """Say which lines are no country."""
        _, unread = read_countries(field.data)
        if unread:
            raise StopValidation(
                gettext("No country is called “%(line)s”. Write one on each line.", line=unread[0])
            )

    def validate_checked_on(self, field: Any) -> None:
        """Say in words of our own that a day could not be read."""
        if field.process_errors:
            field.errors = [str(_NO_DAY)]
            raise StopValidation(_NO_DAY)

    def facts(self) -> OfficialFacts:
        """Return what was typed as the domain takes it."""
        kind = OfficialKind(self.kind.data or "")
        country = self.country.data or None
        accredited, _ = read_countries(self.accredited.data)
        if country and self.accredited_here.data and kind is not OfficialKind.OFFICE:
            accredited = (*accredited, country)
        return OfficialFacts(
            kind=kind,
            country=country,
            represents=self.represents.data or None,
            accredited=tuple(sorted(set(accredited))),
            postal_lines=self.postal_lines.data or "",
            emails=lines_of(self.emails.data),
            faxes=lines_of(self.faxes.data),
            phones=lines_of(self.phones.data),
            pages=lines_of(self.pages.data),
            source_language=self.source_language.data or "",
            preferred_language=self.preferred_language.data or None,
            submission_notes=self.submission_notes.data or "",
            **{name: bool(self[name].data) for name in WISHES},
            checked_on=self.checked_on.data,
            slug=self.slug.data or "",
        )


class NewOfficialForm(FactsForm, WordsForm):
    """All of an official on one page, to be copied from paper."""


def typed_of(facts: OfficialFacts) -> dict[str, Any]:
    """Return facts as a form shows them."""
    elsewhere = [code for code in facts.accredited if code != facts.country]
    return {
        "kind": facts.kind.value,
        "represents": facts.represents or "",
        "accredited_here": facts.country in facts.accredited,
        "accredited": country_lines(elsewhere),
        "postal_lines": facts.postal_lines,
        "country": facts.country or "",
        "emails": "\n".join(facts.emails),
        "faxes": "\n".join(facts.faxes),
        "phones": "\n".join(facts.phones),
        "pages": "\n".join(facts.pages),
        "source_language": facts.source_language,
        "preferred_language": facts.preferred_language or "",
        "submission_notes": facts.submission_notes,
        **{name: getattr(facts, name) for name in WISHES},
        "checked_on": facts.checked_on,
        "slug": facts.slug,
    }


def told_of(facts: OfficialFacts) -> dict[str, Any]:
    """Return facts in words, for one who has to choose between two people's changes."""
    codes = {"country": facts.country, "represents": facts.represents}
    tags = {
        "source_language": facts.source_language,
        "preferred_language": facts.preferred_language,
    }
    return {
        **typed_of(facts),
        "kind": KINDS[facts.kind],
        "accredited": country_lines(facts.accredited),
        **{name: name_of_country(code) if code else "" for name, code in codes.items()},
        **{name: language_lines([tag]) if tag else "" for name, tag in tags.items()},
        **{name: gettext("yes") if getattr(facts, name) else gettext("no") for name in WISHES},
    }


def labels_of(form: ConsoleForm) -> dict[str, Any]:
    """Return the labels of a form's fields by the names of their values."""
    return {name: field.label.text for name, field in form._fields.items() if _is_said(field)}


def _is_said(field: Field) -> bool:
    return field.name not in {"seen", "window", "knowing", "same_office", "accredited_here"}

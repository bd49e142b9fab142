"""Words of the pages on officials for what the domain says."""

from typing import Any

from flask_babel import lazy_gettext as _l

from petitions.errors import Refused
from petitions.models import OfficialKind
from petitions.web.organiser.forms import ConsoleForm

KINDS: dict[OfficialKind, Any] = {
    OfficialKind.OFFICE: _l("Office"),
    OfficialKind.EMBASSY: _l("Embassy"),
    OfficialKind.CONSULATE: _l("Consulate"),
    OfficialKind.MISSION: _l("Mission"),
}
WHAT_KINDS_ARE: dict[OfficialKind, Any] = {
    OfficialKind.OFFICE: _l("a person in an office, or an office: a minister, a court, a prison"),
    OfficialKind.EMBASSY: _l("represents a state in other countries"),
    OfficialKind.CONSULATE: _l("a branch of an embassy"),
    OfficialKind.MISSION: _l("represents a state at an organisation, such as the United Nations"),
}
_REFUSALS: dict[str, Any] = {
    "not a country": _l("Choose a country from the list."),
    "is no embassy": _l(
        "Only an embassy, a consulate or a mission represents a state. "
        "Choose one of them above, or empty this field."
    ),
    "needs a state": _l("Choose the state that it represents."),
    "needs countries": _l(
        "Name at least one country. Signers who live there will find this embassy."
    ),
    "not of kind email": _l(
        "One of these does not read like an e-mail address. An example: name@example.org"
    ),
    "not of kind fax": _l("One of these has no number in it. Write one fax number on each line."),
    "not of kind phone": _l("One of these has no number in it. Write one number on each line."),
    "not of kind web": _l(
        "One of these is no address of a page. An example: https://example.org/contact"
    ),
    "not one each": _l("Write one on each line."),
    "in the future": _l("This day has not come yet."),
    "not a slug": _l("Small letters a to z, digits and hyphens only, at most 80."),
    "slug taken": _l("Another official has this short name."),
    "slug fixed": _l("This short name stays: a petition names the official by it."),
    "names go there": _l(
        "A petition hands names to this official. Take them off first, on the petition’s page"
        " of addressees."
    ),
    "no text": _l("There is no text in this language yet. Write it first, then choose it here."),
    "other office": _l(
        "Signers agreed to this office. A new holder of the same office: change the name. Another"
        " office: add it as a new official and take this one off the petition."
    ),
    "needs an editor": _l(
        "Nothing is saved yet: readers would see these words at once, and letters would have them."
        " Send the link above to somebody who may change officials."
    ),
    "needs a publisher": _l(
        "Signers agreed to this office. Somebody who may publish petitions corrects its wording."
    ),
    "too many": _l("At most 40 lines fit."),
    "needs an office": _l("Write the office, as it stands on the paper."),
    "too long": _l("This is too long. At most 300 characters fit."),
    "nobody new": _l("This is the name that stands there already. Write the new one."),
    "each language": _l("The languages of this office have changed. Open the page once more."),
    "similar": _l("Look at these officials first. If yours is another one, tick this and save."),
}
MERGE_REFUSALS: dict[str, Any] = {
    "name both": _l("Petitions name both. Readers see two offices there, so they stay two."),
    "being built": _l("Bundles for one of them are being built. Wait until that is done."),
    "old bundles": _l(
        "Bundles of before letters were kept go by the short name of the one that goes. Let that"
        " one stay, and the other go."
    ),
    "other office": _l("Signers agreed to the one that goes, and the other is another office."),
    "needs a publisher": _l(
        "Signers agreed to this office. Somebody who may publish petitions says that it is the same"
        " office."
    ),
}
_SHEET_FAULTS: dict[str, Any] = {
    "too large": _l("The file is too large: at most 384 KB. Take it in in parts."),
    "too many rows": _l("There are more than 1,000 rows. Take them in in parts."),
    "not UTF-8": _l("The file is not in UTF-8. Save it as “CSV UTF-8”."),
    "not CSV": _l("This is no CSV file, or a quotation mark is not closed."),
    "empty": _l("There is no row below the names of the columns."),
    "no column": _l("The first line must name the columns, “office” or “id” among them."),
    "unknown column": _l("No column is called so, or it is there twice."),
    "too many cells": _l("This row has more cells than there are columns."),
    "no such official": _l("No official has this number. Leave the cell empty for a new one."),
    "not a language": _l("This is no language. Write its tag, as in en, ru or zh-Hant."),
    "language needed": _l("Write the language of this row."),
    "not a kind": _l("Write office, embassy, consulate or mission."),
    "not a day": _l("Write the day as 2026-03-14."),
    "not two letters": _l("Write countries with their two letters, as in UZ."),
    "twice": _l("This official has this language in a row above."),
    "facts in the first row": _l("Facts stand in the first row of an official: leave this empty."),
    "similar": _l("There is an official like this already:"),
}


def sheet_words(reason: str) -> Any:
    """Return what is wrong in a line of a file."""
    return _SHEET_FAULTS.get(reason) or _REFUSALS.get(reason, reason)


def tell(refused: Refused, form: ConsoleForm) -> None:
    """Put what the domain refuses beside the field that it is about."""
    name = refused.field if refused.field in form._fields else next(iter(form._fields))
    form.add_error(name, _REFUSALS.get(refused.reason, refused.reason))


def official_words(reason: str) -> Any:
    """Return why something about an official was refused; nothing where no words are here."""
    return _REFUSALS.get(reason, "")

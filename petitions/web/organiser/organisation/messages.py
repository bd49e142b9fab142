"""Words of the pages on the organisation for what the domain says."""

from typing import Any

from flask_babel import lazy_gettext as _l

from petitions.errors import Refused
from petitions.web.organiser.forms import ConsoleForm

MISSING: dict[str, tuple[Any, str]] = {
    "name": (_l("The name: every page, mail and letter says who you are."), "name"),
    "postal address": (
        _l("The postal address: it stands at the head of letters, so that officials can answer."),
        "postal_address",
    ),
    "controller": (
        _l("Who is responsible for data: the page on privacy must say it."),
        "controller",
    ),
    "contact": (
        _l("An e-mail address: signers write there when they want to know what you keep of them."),
        "contact_email",
    ),
}
"""What each word of `domain.organisation.missing` means, and the field that it is about."""
NO_EMAIL = _l("This does not read like an e-mail address. An example: name@example.org")
NOT_HTTPS = _l("Write the whole address. It begins with https://")
NO_COLOUR = _l("Write the colour as # and six digits or letters a to f. An example: #0b6e4f")
NOT_A_TIME_ZONE = _l("Choose a time zone.")
TOO_LONG = _l("This is too long.")
_REFUSALS: dict[str, Any] = {
    "needed": _l("Write the name."),
    "too long": TOO_LONG,
    "no e-mail": NO_EMAIL,
    "not https": NOT_HTTPS,
    "no colour": NO_COLOUR,
    "not a time zone": NOT_A_TIME_ZONE,
    "no language": _l("Name at least one language."),
    "not a country": _l("Choose a country from the list."),
    "country taken": _l("There is a contact office for this choice already. Change that one."),
}
OFFICE_NEEDED = _l(
    "Petitions tell readers to ask the office for all other countries first, after the last day, so"
    " there must be one. Change its details instead, or choose another rule for these petitions:"
)
UPLOADS: dict[str, Any] = {
    "not a picture": _l("This is no picture that we can read. Choose a PNG, JPEG or WebP file."),
    "too large": _l("This file is too large. At most 10 MB."),
    "too many pixels": _l("This picture has too many pixels. Make it smaller first."),
    "damaged": _l("This file is damaged: it cannot be read to its end."),
}


def tell(refused: Refused, form: ConsoleForm) -> None:
    """Put what the domain refuses beside the field that it is about."""
    name = refused.field if refused.field in form._fields else "name"
    form.add_error(name, _REFUSALS.get(refused.reason, refused.reason))

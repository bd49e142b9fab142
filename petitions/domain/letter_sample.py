"""A letter to nobody, to see what the organisation's letters look like. Reads only."""

from dataclasses import dataclass
from datetime import date

from petitions.documents.colours import is_colour
from petitions.documents.entries import Counts, Letter, LetterAddressee
from petitions.documents.letter_preview import letter_pdf
from petitions.domain.organisation import the_organisation
from petitions.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleWords:
    """What the sample says, in the language of whoever looks at it."""

    language: str
    reference: str
    office: str
    postal_lines: tuple[str, ...]
    salutation: str
    subject: str
    opening: str
    asks: tuple[str, ...]
    closing: str


def sample_letter_pdf(words: SampleWords, today: date) -> bytes:
    """Return a sample letter with the organisation's head, address and colour, as PDF.

    Raises NotFound before set-up, and what `letter_pdf` raises.
    """
    organisation = the_organisation()
    if organisation is None:
        raise NotFound("the organisation has not been entered yet")
    accent = organisation.accent_colour
    letter = Letter(
        language=words.language,
        sender_name=organisation.name,
        sender_lines=tuple(organisation.postal_address.splitlines()),
        sender_contact=organisation.contact_email,
        reference=words.reference,
        dated_on=today,
        addressee=LetterAddressee(office=words.office, postal_lines=words.postal_lines),
        salutation=words.salutation,
        subject=words.subject,
        opening=words.opening,
        asks=words.asks,
        counts=Counts(named=120, initials=34, counted=46),
        demonstration=organisation.demonstration,
        closing=words.closing,
        signatory_lines=(organisation.name,),
        letterhead=organisation.letterhead,
        accent_colour=accent if is_colour(accent) else "",
    )
    return letter_pdf(letter)

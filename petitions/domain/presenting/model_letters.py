"""A letter to begin with: the organiser's words for one addressee, by language."""

from dataclasses import dataclass

from sqlalchemy import select

from petitions.domain.appeals import newest_text
from petitions.domain.presenting.versions import SignedWords, texts_of
from petitions.extensions import db
from petitions.models import Addressee, Ask, AskAddressee, AskText, OfficialText


@dataclass(frozen=True, slots=True)
class ModelLetter:
    """A letter in one language, in the parts that a signer may use or put in their own words."""

    language: str
    subject: str
    salutation: str
    form_of_address: str
    opening: tuple[str, ...]
    points: tuple[str, ...]
    closing: str

    @property
    def text(self) -> str:
        """The whole letter as plain paragraphs."""
        parts = (self.salutation, *self.opening, *self.points, self.closing)
        return "\n\n".join(part for part in parts if part)


def model_letters(addressee: Addressee, offices: dict[str, OfficialText]) -> dict[str, ModelLetter]:
    """Return the letters that are complete: a text, and each ask aimed at this addressee."""
    version = newest_text(addressee.petition_id)
    asks = _asks(version, addressee.id)
    texts = texts_of(version)
    return {
        language: _model(words, [ask[language] for ask in asks], offices.get(language))
        for language, words in texts.items()
        if all(language in ask for ask in asks)
    }


def _model(words: SignedWords, asks: list[str], office: OfficialText | None) -> ModelLetter:
    return ModelLetter(
        language=words.language,
        subject=" ".join(words.letter_subject.split()),
        salutation=office.salutation if office else "",
        form_of_address=office.form_of_address if office else "",
        opening=words.letter_opening,
        points=tuple(" ".join(ask.split()) for ask in asks),
        closing=words.letter_closing,
    )


def _asks(version_id: int, addressee_id: int) -> list[dict[str, str]]:
    """Return the asks aimed at an addressee in the letter's voice, each by language."""
    query = (
        select(Ask.id, AskText.language, AskText.for_letter)
        .join(AskText, AskText.ask_id == Ask.id)
        .join(AskAddressee, AskAddressee.ask_id == Ask.id)
        .where(Ask.text_version_id == version_id, AskAddressee.addressee_id == addressee_id)
        .order_by(Ask.position)
    )
    asks: dict[int, dict[str, str]] = {}
    for ask_id, language, text in db.session.execute(query):
        asks.setdefault(ask_id, {})[language] = text
    return list(asks.values())

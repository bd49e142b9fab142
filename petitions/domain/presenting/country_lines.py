"""What readers of single countries are told next to the form, in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass

from petitions.domain.country_notices import Notice, notices_of
from petitions.domain.presenting.wording import pick


@dataclass(frozen=True, slots=True)
class CountryLine:
    """What readers of one country are told, and whether they can sign. `text` may be empty."""

    country: str
    closed: bool
    language: str
    text: str


def country_lines(
    petition_id: int, wishes: Sequence[str], source: str, typed: Notice | None = None
) -> tuple[CountryLine, ...]:
    """Return the notices of a petition; `typed` stands in place of the one for its country."""
    notices = {one.country: one for one in notices_of(petition_id)}
    if typed is not None:
        notices[typed.country] = typed
    return tuple(_line(notices[country], wishes, source) for country in sorted(notices))


def line_for(lines: Sequence[CountryLine], country: str | None) -> CountryLine | None:
    """Return what readers of a country are told, if anything."""
    return next((line for line in lines if line.country == country), None)


def _line(notice: Notice, wishes: Sequence[str], source: str) -> CountryLine:
    texts = {tag: text for tag, text in notice.texts.items() if text}
    if not texts:
        return CountryLine(notice.country, notice.closed, "", "")
    language = pick(wishes, texts, source)
    return CountryLine(notice.country, notice.closed, language, texts[language])

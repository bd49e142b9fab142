"""A letter as plain text, for the body of a mail: what the printed one says, in its order."""

from collections.abc import Iterator

from petitions.documents.entries import Letter
from petitions.documents.letter import address_of, letter_data
from petitions.documents.phrases import phrases

_MARKS = dict.fromkeys((0x2068, 0x2069, 0x200B))


def letter_text(letter: Letter) -> str:
    """Return the letter with an empty line between its paragraphs."""
    return "\n\n".join("\n".join(block) for block in _blocks(letter) if block) + "\n"


def _blocks(letter: Letter) -> Iterator[list[str]]:
    words = phrases(letter.language)
    data: dict[str, object] = letter_data(letter, words)

    def texts(name: str) -> list[str]:
        value = data[name]
        return [
            _plain(str(line)) for line in (value if isinstance(value, list) else [value]) if line
        ]

    yield [_plain(line) for line in address_of(letter.addressee)]
    yield [*texts("reference_lines"), *texts("date_line")]
    yield texts("translation") + texts("copy_line")
    yield texts("subject")
    yield texts("form_of_address") + texts("salutation")
    yield from _paragraphs(data["paragraphs"])
    for number, ask in enumerate(letter.asks, 1):
        numbered = (
            f"{number}. " if len(letter.asks) > 1 or letter.setting == 1 else ""
        )  # one alone is a sentence
        yield [f"{numbered}{' '.join(ask.split())}"]
    yield from _paragraphs(data["numbers"])
    yield texts("closing")
    yield [*texts("signatory"), *(_plain(line) for line in letter.sender_lines)]
    if letter.copies:
        yield [f"{words.text('copies')}: {'; '.join(letter.copies)}"]


def _paragraphs(value: object) -> Iterator[list[str]]:
    for paragraph in value if isinstance(value, list) else []:
        yield [_plain(str(line)) for line in paragraph]


def _plain(text: str) -> str:
    return text.translate(_MARKS)

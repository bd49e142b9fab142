"""Choosing, for one reader, the language of a text among those it exists in."""

from collections.abc import Collection, Sequence

from petitions.i18n import choose_language


def pick(wishes: Sequence[str], offered: Collection[str], source: str) -> str:
    """Return the offered language that the reader wants most, or the source, or any that there is.

    Raises ValueError where nothing is offered.
    """
    if not offered:
        raise ValueError("a text in no language")
    found = choose_language(wishes, offered)
    if found is not None:
        return found
    return source if source in offered else min(offered)


def paragraphs(text: str) -> tuple[str, ...]:
    """Return the paragraphs of a plain text, each on one line."""
    return tuple(" ".join(part.split()) for part in text.split("\n\n") if part.strip())

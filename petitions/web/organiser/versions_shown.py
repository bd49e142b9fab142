"""Differences between versions as templates/organiser/versions/parts.html shows them."""

from collections.abc import Sequence

from petitions.domain.word_changes import Change
from petitions.i18n import language_name
from petitions.web.language import interface_language


def by_language(changes: Sequence[Change]) -> list[tuple[str, str, list[Change]]]:
    """Return (tag, name, changes) of each language in which something differs."""
    shown_in = interface_language()
    return [
        (
            tag,
            language_name(tag, shown_in=shown_in),
            [one for one in changes if one.language == tag],
        )
        for tag in sorted({one.language for one in changes})
    ]

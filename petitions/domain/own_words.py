"""Words that a guesser of this site's passwords tries first: the list that passwords are held to.

The organisation, its addresses, the address of the site, cases with their people, and whose account
it is. What is not in the database yet is not on the list.
"""

import re
from collections.abc import Iterable

from sqlalchemy import select

from petitions.domain.organisation import the_organisation
from petitions.extensions import db
from petitions.models import CaseText, Organiser, Person, PersonName, Petition

_SHORTEST = 4
"""Letters: shorter ones stand in many words by chance."""
_MOST = 5000
"""Of cases and people, the newest: each word makes judging a password a little slower."""


def own_words(organiser: Organiser | None, site_address: str) -> list[str]:
    """Return the words, in lower case and once each, the nearest first."""
    texts = [site_address]
    if organiser is not None:
        texts += [organiser.email, organiser.name]
    if (ours := the_organisation()) is not None:
        texts += [ours.name, ours.website, ours.contact_email, ours.postal_address]
    texts += _of_cases()
    return list(dict.fromkeys(_words(texts)))


def _of_cases() -> Iterable[str]:
    for column in (CaseText.title, Person.name, PersonName.name, Petition.slug):
        yield from db.session.execute(select(column).limit(_MOST)).scalars()


def _words(texts: Iterable[str]) -> Iterable[str]:
    for text in texts:
        lower = text.lower()
        parts = [part for part in re.split(r"[\W_]+", lower) if len(part) >= _SHORTEST]
        yield from parts
        if len(parts) > 1:
            yield "".join(parts)

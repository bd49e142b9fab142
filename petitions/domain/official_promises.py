"""What signers were told of an official: it stays the office that they agreed to.

A new holder of the same office is the same recipient. Another office is another official, whom no
earlier signature is handed to.
"""

from collections.abc import Collection

from sqlalchemy import and_, or_, select

from petitions.domain.official_facts import OfficialFacts, OfficialWords
from petitions.domain.rights import Right
from petitions.errors import Refused
from petitions.extensions import db
from petitions.models import Addressee, Bundle, Official, OfficialKind, Petition

_THE_OFFICE = ("office", "organisation")
_ITS_PLACE = ("kind", "represents", "country")


def is_promised(official: Official) -> bool:
    """Whether signers may have read of it: a published petition names it or did, or a bundle does.

    Embassies are named by the rule for those of their state.
    """
    named = Addressee.official_id == official.id
    if official.kind is not OfficialKind.OFFICE and official.represents:
        named = or_(named, Addressee.embassies_of == official.represents)
    published = and_(Addressee.petition_id == Petition.id, Petition.published_at.is_not(None))
    petitions = select(Petition.id).join(Addressee, published).where(named).limit(1)
    bundles = select(Bundle.id).where(Bundle.official_id == official.id).limit(1)
    return any(db.session.execute(query).first() for query in (petitions, bundles))


def refuse_other_words(
    official: Official,
    before: OfficialWords,
    after: OfficialWords,
    rights: Collection[Right],
    *,
    same_office: bool,
) -> None:
    """Refuse what would make an official another one than signers read of.

    Raises Refused: 'needs an editor', 'other office', 'needs a publisher'. `same_office` is the
    word of whoever publishes that only the wording is corrected.
    """
    if before == after or not is_promised(official):
        return
    # Nobody looks at these words again before readers and letters have them. A language that is
    # added is no exception: its readers, and letters in it, would get whatever office it names.
    if Right.EDIT not in rights:
        raise Refused("needs an editor", "office")
    changed = [name for name in _THE_OFFICE if getattr(before, name) != getattr(after, name)]
    if not before.office or not changed:
        return  # a new language, or a new holder
    if not same_office:
        raise Refused("other office", changed[0])
    if Right.PUBLISH not in rights:
        raise Refused("needs a publisher", changed[0])


def refuse_other_facts(official: Official, before: OfficialFacts, after: OfficialFacts) -> None:
    """Refuse facts of another office than signers read of. Raises Refused('other office')."""
    changed = [name for name in _ITS_PLACE if getattr(before, name) != getattr(after, name)]
    if changed and is_promised(official):
        raise Refused("other office", changed[0])

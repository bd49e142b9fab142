"""Which bundle follows which: what is superseded, what is continued, and what became of the people.

A bundle that holds everything supersedes all before it for the same official and text. One that
holds what came since the last continues that one, and both stay good.
"""

from dataclasses import dataclass, replace

from sqlalchemy import func, or_, select

from petitions.domain.counting import Numbers, numbers_of
from petitions.extensions import db
from petitions.models import Appearance, Bundle, BundleSignature, Signature, SignatureState

_LESS = {Appearance.FULL: 0, Appearance.INITIALS: 1, Appearance.COUNTED: 2}
_ENDED = (SignatureState.WITHDRAWN, SignatureState.SET_ASIDE)
_APART = ("attested", "paper", "partners", "appeals")


@dataclass(frozen=True, slots=True)
class ChangedSince:
    """What became of people in a frozen bundle: lines of the list, and how many have no line.

    All of it is kept out of the next bundle, or shows less there.
    """

    withdrawn: tuple[int, ...] = ()
    set_aside: tuple[int, ...] = ()
    show_less: tuple[int, ...] = ()
    unlisted: int = 0

    def __bool__(self) -> bool:
        return bool(self.withdrawn or self.set_aside or self.show_less or self.unlisted)


def last_bundle(
    petition_id: int, official_id: int, version_id: int, before: int | None = None
) -> Bundle | None:
    """Return the newest bundle of a text version for an official, if there is one."""
    query = select(Bundle).where(
        Bundle.petition_id == petition_id,
        Bundle.official_id == official_id,
        Bundle.text_version_id == version_id,
    )
    if before is not None:
        query = query.where(Bundle.number < before)
    return db.session.execute(query.order_by(Bundle.number.desc()).limit(1)).scalar_one_or_none()


def chain_of(bundle: Bundle) -> list[Bundle]:
    """Return the bundles that a bundle continues, the newest first, and then the bundle begun with.

    A bundle that continues none has none.
    """
    found: list[Bundle] = []
    while bundle.continues_id is not None:
        bundle = db.session.get_one(Bundle, bundle.continues_id)
        found.append(bundle)
    return found


def superseded_by(bundle: Bundle) -> list[Bundle]:
    """Return the bundles that a bundle supersedes: the one before, and those that one continued."""
    if bundle.supersedes_id is None:
        return []
    before = db.session.get_one(Bundle, bundle.supersedes_id)
    return [before, *chain_of(before)]


def apart_since(petition_id: int, continued: Bundle | None) -> Numbers:
    """Return what is counted apart, without what the continued bundles have told already."""
    numbers = numbers_of(petition_id)
    if continued is None:
        return numbers
    told = [continued, *chain_of(continued)]
    left = {
        name: max(0, getattr(numbers, name) - sum(getattr(one, name) for one in told))
        for name in _APART
    }
    return replace(numbers, **left)


def changed_since(bundle: Bundle) -> ChangedSince:
    """Return who in a frozen bundle was withdrawn, set aside, or shows less by now."""
    query = (
        select(
            BundleSignature.line,
            BundleSignature.appearance,
            Signature.state,
            Signature.appearance.label("now"),
        )
        .join(Signature, Signature.id == BundleSignature.signature_id)
        .where(
            BundleSignature.bundle_id == bundle.id,
            or_(
                Signature.state != SignatureState.CONFIRMED,
                Signature.appearance != BundleSignature.appearance,
            ),
        )
        .order_by(BundleSignature.line)
    )
    by_kind: dict[str, list[int]] = {"withdrawn": [], "set_aside": [], "show_less": []}
    unlisted = 0
    for line, was, state, appears in db.session.execute(query):
        if state is SignatureState.CONFIRMED and _LESS[appears] <= _LESS[was]:
            continue
        if line is None:
            unlisted += 1
        elif state is SignatureState.CONFIRMED:
            by_kind["show_less"].append(line)
        else:
            kind = "set_aside" if state is SignatureState.SET_ASIDE else "withdrawn"
            by_kind[kind].append(line)
    return ChangedSince(
        **{kind: tuple(lines) for kind, lines in by_kind.items()}, unlisted=unlisted
    )


def withdrawn_since(petition_id: int) -> dict[int, int]:
    """Return how many in each bundle of a petition stand there no more, by the bundle's id."""
    query = (
        select(BundleSignature.bundle_id, func.count())
        .join(Signature, Signature.id == BundleSignature.signature_id)
        .where(Signature.petition_id == petition_id, Signature.state.in_(_ENDED))
        .group_by(BundleSignature.bundle_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}

"""The facts of a petition that need no language: address, goal, last day, languages of letters."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import delete, select

from petitions.domain import audit
from petitions.domain.fingerprints import refuse_changed
from petitions.domain.petition_beginning import check_slug
from petitions.errors import Refused
from petitions.extensions import db
from petitions.models import AfterDeadline, LetterLanguage, Petition, PetitionState


@dataclass(frozen=True, slots=True)
class Facts:
    """What an organiser may change of a petition's facts. `letter_languages` are in their order."""

    slug: str
    goal: int | None
    time_zone: str
    deadline_on: date | None
    after_deadline: AfterDeadline
    letter_languages: tuple[str, ...]
    publish_proof: bool

    def values(self) -> Mapping[str, Any]:
        """Return plain values, for a fingerprint and for the audit trail."""
        day = self.deadline_on.isoformat() if self.deadline_on else None
        return {
            **asdict(self),
            "deadline_on": day,
            "after_deadline": str(self.after_deadline),
            "letter_languages": list(self.letter_languages),
        }


def facts_of(petition: Petition) -> Facts:
    """Return a petition's facts as they are now."""
    query = select(LetterLanguage.language).where(LetterLanguage.petition_id == petition.id)
    return Facts(
        slug=petition.slug,
        goal=petition.goal,
        time_zone=petition.time_zone,
        deadline_on=petition.deadline_on,
        after_deadline=petition.after_deadline,
        letter_languages=tuple(
            db.session.execute(query.order_by(LetterLanguage.position)).scalars()
        ),
        publish_proof=petition.publish_proof,
    )


def change_facts(petition: Petition, new: Facts, *, seen: str, author: int, now: datetime) -> bool:
    """Change the facts; return whether anything changed. Readers see it at once.

    The address is fixed once the petition is published: links point at it. Raises
    ChangedMeanwhile, Refused: 'slug malformed', 'slug taken', 'slug fixed', 'time zone unknown',
    'goal', 'deadline over', 'no letter language'.
    """
    old = facts_of(petition)
    refuse_changed(seen, old.values())
    _check(petition, old, new, now)
    before, after = old.values(), new.values()
    changed = [name for name in after if after[name] != before[name]]
    for name in changed:
        if name != "letter_languages":
            setattr(petition, name, getattr(new, name))
    if "letter_languages" in changed:
        _write_letter_languages(petition.id, new.letter_languages)
    db.session.flush()
    if changed:
        told = [name for name in changed if name != "slug"]  # an address may hold a name
        detail = {
            "fields": changed,
            "before": {name: before[name] for name in told},
            "after": {name: after[name] for name in told},
        }
        subject = f"petition {petition.id}"
        audit.record(f"organiser {author}", "petition facts changed", subject, detail, now)
    return bool(changed)


def _check(petition: Petition, old: Facts, new: Facts, now: datetime) -> None:
    if new.slug != old.slug:
        if petition.state is not PetitionState.DRAFT:
            raise Refused("slug fixed", "slug")
        check_slug(new.slug, petition.id)
    if new.goal is not None and new.goal < 1:
        raise Refused("goal", "goal")
    if new.time_zone not in available_timezones():
        raise Refused("time zone unknown", "time_zone")
    if not new.letter_languages:
        raise Refused("no letter language", "letter_languages")
    moved = (new.deadline_on, new.time_zone) != (old.deadline_on, old.time_zone)
    if (
        moved
        and new.deadline_on
        and new.deadline_on < now.astimezone(ZoneInfo(new.time_zone)).date()
    ):
        raise Refused("deadline over", "deadline_on")


def _write_letter_languages(petition_id: int, languages: tuple[str, ...]) -> None:
    db.session.execute(delete(LetterLanguage).where(LetterLanguage.petition_id == petition_id))
    db.session.flush()
    for position, language in enumerate(dict.fromkeys(languages), start=1):
        row = LetterLanguage(petition_id=petition_id, language=language, position=position)
        db.session.add(row)

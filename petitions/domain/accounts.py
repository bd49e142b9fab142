"""What organisers change of their own account."""

from datetime import datetime

from petitions.domain import audit
from petitions.domain.fingerprints import refuse_changed
from petitions.domain.names import clean_name
from petitions.extensions import db
from petitions.models import Organiser


def change_own(organiser_id: int, name: str, language: str, seen: str, now: datetime) -> None:
    """Change name and language of one's own account. Raises ChangedMeanwhile, NameRefused."""
    organiser = db.session.get_one(Organiser, organiser_id, populate_existing=True)
    before = {"name": organiser.name, "language": organiser.language}
    refuse_changed(seen, before)
    name = clean_name(name)  # shown beside what was done: nobody imitates another by hidden marks
    organiser.name, organiser.language = name, language
    who = f"organiser {organiser_id}"
    after = {"name": name, "language": language}
    audit.record(who, "account changed", who, {"before": before, "after": after}, now)

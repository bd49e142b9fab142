"""All that readers get once a case is published: what whoever publishes it has looked at."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from petitions.domain.case_facts import facts_of
from petitions.domain.case_people import known_of, persons_of
from petitions.domain.case_pictures import picture_words, pictures_in_order
from petitions.domain.case_texts import saved_words, values_of
from petitions.domain.case_updates import told_of, updates_of
from petitions.extensions import db
from petitions.models import Case, CaseText, PictureText


def shown_case(case: Case) -> Mapping[str, Any]:
    """Return facts, people, texts, pictures and published updates, in all languages."""
    languages = select(CaseText.language).where(CaseText.case_id == case.id)
    texts = {tag: saved_words(case.id, tag) for tag in db.session.execute(languages).scalars()}
    return {
        "facts": facts_of(case).values(),
        "people": [known_of(person).values() for person in persons_of(case.id)],
        "texts": {tag: values_of(words) for tag, words in texts.items() if words is not None},
        "pictures": _pictures(case.id),
        "updates": [
            {tag: told.values() for tag, told in told_of(row.update).items()}
            for row in updates_of(case.id)
            if row.update.published_at is not None
        ],
    }


def _pictures(case_id: int) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for picture in pictures_in_order(case_id):
        query = select(PictureText.language).where(PictureText.picture_id == picture.id)
        languages = db.session.execute(query).scalars()
        words = {tag: picture_words(picture, tag).values() for tag in languages}
        found.append({"id": picture.id, "words": words})
    return found

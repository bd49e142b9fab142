"""What all pages of news share: the blueprint, the petition's title, and how they change things."""

from collections.abc import Callable
from typing import cast

from flask import Blueprint, current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from petitions.domain.news import news_numbered
from petitions.domain.presenting.petition_titles import TitledPetition, titled_petitions
from petitions.domain.site import Site
from petitions.errors import ChangedMeanwhile, NotFound, Refused
from petitions.extensions import begin_write, db
from petitions.models import News
from petitions.web.language import wishes
from petitions.web.organiser.mailing.words import refusal_words

blueprint = Blueprint("mailing", __name__, url_prefix="/organiser/news")


def site() -> Site:
    """Return the running site."""
    return cast(Site, current_app.extensions["petitions"])


def found(news_id: int) -> tuple[News, TitledPetition]:
    """Return news with its petition. Raises NotFound."""
    news = news_numbered(news_id)
    return news, titled(news.petition_id)


def titled(petition_id: int) -> TitledPetition:
    """Return a petition with its title. Raises NotFound."""
    rows = titled_petitions(wishes(), petition_id)
    if not rows:
        raise NotFound("no such petition")
    return rows[0]


def press(
    change: Callable[[], object], done: str, where: str, *, again: str = ""
) -> ResponseReturnValue:
    """Run what a single button asks for, say how it went, and go on to a page.

    `again` is where to go where it was refused.
    """
    db.session.rollback()  # what the view has read so far was read as a reader
    begin_write()
    try:
        change()
    except (ChangedMeanwhile, Refused) as refusal:
        db.session.rollback()
        reason = refusal.reason if isinstance(refusal, Refused) else "changed"
        flash(refusal_words(reason), "warning")
        return redirect(again or where, 303)
    db.session.commit()
    flash(done, "done")
    return redirect(where, 303)


def page_of(news_id: int) -> str:
    """Return the address of news."""
    return url_for("mailing.show", news_id=news_id)

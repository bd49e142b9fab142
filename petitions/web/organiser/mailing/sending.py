"""Letting news go out, pausing it, going on, stopping it for good."""

from flask import current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain import news_sending, unlocked_news
from petitions.domain.case_keys import is_sealed
from petitions.domain.rights import Right
from petitions.errors import Refused
from petitions.extensions import begin_write, db
from petitions.models import Petition
from petitions.web.organiser.access import actor, allowed, organiser
from petitions.web.organiser.mailing import child, listing, words
from petitions.web.organiser.mailing.finding import blueprint, found, page_of, press
from petitions.web.organiser.sealing_forms import UnlockingForm
from petitions.web.organiser.unlocking import unlocked_by


@blueprint.post("/<int:news_id>/start")
@allowed(Right.PUBLISH, fresh=True)
def start(news_id: int) -> ResponseReturnValue:
    """Let news go out; of a sealed case it waits to be unlocked."""
    news, _ = found(news_id)
    sealed = is_sealed(db.session.get_one(Petition, news.petition_id).case_id)
    done = (
        gettext("It is ready. Unlock the case below, and it goes out.")
        if sealed
        else gettext("It goes out now, at the pace that is set.")
    )
    seen = request.form.get("seen") or "nothing"
    return press(
        lambda: news_sending.start(news_id, seen=seen, organiser=organiser(), now=now()),
        done,
        page_of(news_id),
    )


@blueprint.post("/<int:news_id>/pause")
@allowed(Right.PUBLISH)
def pause(news_id: int) -> ResponseReturnValue:
    """Let no more mails go."""
    return press(
        lambda: news_sending.pause(news_id, actor(), now()),
        gettext("Paused. A few mails that were being handed over may still arrive."),
        page_of(news_id),
    )


@blueprint.post("/<int:news_id>/resume")
@allowed(Right.PUBLISH, fresh=True)
def resume(news_id: int) -> ResponseReturnValue:
    """Go on; of a sealed case with a passphrase, by a process of its own."""
    news, _ = found(news_id)
    case_id = db.session.get_one(Petition, news.petition_id).case_id
    if not is_sealed(case_id):
        return press(
            lambda: news_sending.resume(news_id, actor(), now()),
            gettext("It goes on."),
            page_of(news_id),
        )
    form = UnlockingForm(request.form)
    unlocked = unlocked_by(form, case_id)
    if unlocked is None:
        return listing.page(news_id, unlocking=form), 422
    begin_write()
    try:
        handed = unlocked_news.begin(news_id, unlocked, organiser_id=organiser().id, now=now())
    except Refused as refusal:
        db.session.rollback()
        flash(words.refusal_words(refusal.reason), "warning")
        return redirect(page_of(news_id), 303)
    db.session.commit()
    child.start(current_app._get_current_object(), handed)  # type: ignore[attr-defined]  # the proxy
    flash(gettext("It goes out, for as long as the process that has the key lives."), "done")
    return redirect(page_of(news_id), 303)


@blueprint.get("/<int:news_id>/stop")
@allowed(Right.PUBLISH)
def ask_to_stop(news_id: int) -> ResponseReturnValue:
    """Say what stopping for good means."""
    news, petition = found(news_id)
    return render_template("organiser/mailing/stop.html", news=news, found=petition)


@blueprint.post("/<int:news_id>/stop")
@allowed(Right.PUBLISH)
def stop(news_id: int) -> ResponseReturnValue:
    """End it for good."""
    return press(
        lambda: news_sending.stop(news_id, actor(), now()),
        gettext("Stopped for good. The page behind the links is taken down."),
        page_of(news_id),
    )

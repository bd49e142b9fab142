"""How news will look: the mail as it arrives, the page behind its link; and a mail to oneself."""

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain import news as drafts
from petitions.domain import organiser_mail
from petitions.domain.outbox import ClaimedMail
from petitions.domain.rights import Right
from petitions.errors import NotFound
from petitions.extensions import begin_write, db
from petitions.mail.compose import compose
from petitions.models import MailKind
from petitions.web.organiser.access import allowed, organiser
from petitions.web.organiser.mailing.finding import blueprint, found, page_of, site


@blueprint.get("/<int:news_id>/preview/<language>")
@allowed(Right.LOOK)
def preview(news_id: int, language: str) -> ResponseReturnValue:
    """Show the mail in a language, and the page that its link leads to."""
    news, petition = found(news_id)
    text = drafts.texts_of(news_id).get(language)
    if text is None:
        raise NotFound("nothing is written in this language")
    moment = now()
    mail = ClaimedMail(
        id=0,
        petition_id=None,
        signature_id=None,
        attempts=0,
        kind=MailKind.NEWS,
        organiser_id=organiser().id,
        language=language,
        message_id="<preview@localhost>",
        created_at=moment,
        address=organiser().email,
        news_id=news_id,
    )
    message = compose(site(), current_app.extensions["petitions.mail"], mail, moment)
    body = message.get_body(("plain",))
    return render_template(
        "organiser/mailing/preview.html",
        news=news,
        found=petition,
        text=text,
        tag=language,
        mail_language=str(message["Content-Language"]),
        sender=str(message["From"]),
        subject=str(message["Subject"]),
        body=str(body.get_content()) if body else "",
    )


@blueprint.post("/<int:news_id>/try")
@allowed(Right.WRITE_TEXTS)
def try_out(news_id: int) -> ResponseReturnValue:
    """Send the mail to whoever asks, and to nobody else."""
    language = request.form.get("language", "")
    begin_write()
    news, _ = found(news_id)
    if language not in drafts.texts_of(news_id):
        raise NotFound("nothing is written in this language")
    waits = organiser_mail.try_news(site(), news, organiser(), language, now())
    db.session.commit()
    if waits:
        flash(gettext("A mail is on its way to %(address)s.", address=organiser().email), "done")
    else:
        flash(gettext("That was tried twenty times in this hour. Wait a little."), "warning")
    if request.form.get("from") == "preview":
        return redirect(url_for("mailing.preview", news_id=news_id, language=language), 303)
    return redirect(page_of(news_id), 303)

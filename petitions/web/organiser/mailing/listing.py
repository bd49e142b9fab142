"""All news with how far it is, petitions whose signers want some, and the page of one."""

from flask import current_app, make_response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from petitions.clock import now
from petitions.domain import news as drafts
from petitions.domain.case_keys import is_sealed
from petitions.domain.fingerprints import fingerprint
from petitions.domain.news_audience import audience_of
from petitions.domain.news_sending import report_of
from petitions.domain.organisers import names_of
from petitions.domain.presenting.petition_titles import titled_petitions
from petitions.domain.presenting.wording import pick
from petitions.domain.rights import Right
from petitions.domain.unlocked_news import is_abandoned
from petitions.extensions import db
from petitions.i18n import language_name
from petitions.models import News, NewsState, NewsText, PetitionState, Signature, SignatureState
from petitions.web.language import interface_language, wishes
from petitions.web.organiser.access import allowed
from petitions.web.organiser.cases import choices
from petitions.web.organiser.mailing import words
from petitions.web.organiser.mailing.finding import blueprint, found
from petitions.web.organiser.mailing.forms import SetUpForm
from petitions.web.organiser.sealing_forms import UnlockingForm

_LOOKS_AGAIN_AFTER = "5"


@blueprint.get("/")
@allowed(Right.LOOK, narrows=True)
def index() -> ResponseReturnValue:
    """List all news, and for which petitions there could be some."""
    by_id = {row.petition.id: row for row in titled_petitions(wishes())}
    rows = [
        (news, by_id[news.petition_id], report_of(news), _text_for_me(news))
        for news in drafts.all_news()
    ]
    wanted = select(Signature.petition_id, func.count()).where(
        Signature.state == SignatureState.CONFIRMED, Signature.news
    )
    grouped = db.session.execute(wanted.group_by(Signature.petition_id))
    numbers = {row[0]: row[1] for row in grouped}
    unread = {PetitionState.DRAFT, PetitionState.ARCHIVED}
    petitions = [row for row in by_id.values() if row.petition.state not in unread]
    return render_template(
        "organiser/mailing/index.html",
        rows=rows,
        petitions=[(row, numbers.get(row.petition.id, 0)) for row in petitions],
        words=words,
    )


@blueprint.get("/<int:news_id>")
@allowed(Right.LOOK)
def show(news_id: int) -> ResponseReturnValue:
    """Show a draft with what may be done to it, or how far it is."""
    answer = make_response(page(news_id))
    if drafts.news_numbered(news_id).state is NewsState.SENDING:
        answer.headers["Refresh"] = _LOOKS_AGAIN_AFTER
    return answer


def page(
    news_id: int, form: SetUpForm | None = None, unlocking: UnlockingForm | None = None
) -> str:
    """Return the page of one piece of news."""
    news, petition = found(news_id)
    form = form or SetUpForm(per_hour=news.per_hour, fallback_language=news.fallback_language or "")
    unlocking = unlocking or UnlockingForm()
    texts = drafts.texts_of(news_id)
    audience = audience_of(news) if news.state is NewsState.DRAFT else None
    report = report_of(news)
    still = audience.number if audience else report.wanted
    return render_template(
        "organiser/mailing/show.html",
        news=news,
        found=petition,
        texts=texts,
        told_in=drafts.languages_to_write(news),
        language_choices=choices.languages(),
        fallbacks=[(tag, language_name(tag, shown_in=interface_language())) for tag in texts],
        audience=audience,
        report=report,
        seen=fingerprint(drafts.shown_texts(news_id)),
        sealed=is_sealed(petition.petition.case_id),
        abandoned=is_abandoned(news, now()) and is_sealed(petition.petition.case_id),
        hours=still / news.per_hour,
        people=names_of([one for one in (news.created_by, news.started_by) if one]),
        share=current_app.extensions["petitions"].budgets.news_share,
        form=form,
        unlocking=unlocking,
        problems=[*form.problems(), *unlocking.problems()],
        words=words,
    )


def _text_for_me(news: News) -> NewsText | None:
    """Return what news says, in a language that whoever looks can read best."""
    texts = drafts.texts_of(news.id)
    return texts[pick(wishes(), texts, news.fallback_language or "")] if texts else None

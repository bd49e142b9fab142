"""Writing news: beginning it, its text in each language, the pace, throwing a draft away."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.clock import now
from petitions.domain import news as drafts
from petitions.domain.fingerprints import fingerprint
from petitions.domain.presenting.wording import pick
from petitions.domain.rights import Right
from petitions.errors import ChangedMeanwhile, NotFound, Refused
from petitions.extensions import begin_write, db
from petitions.i18n import language_name
from petitions.models import News, NewsState, NewsText
from petitions.web.language import interface_language, wishes
from petitions.web.organiser.access import actor, allowed, organiser
from petitions.web.organiser.cases import choices
from petitions.web.organiser.cases.words import UPDATE_KINDS
from petitions.web.organiser.editing.typed import restored
from petitions.web.organiser.mailing import listing, words
from petitions.web.organiser.mailing.finding import blueprint, found, page_of, press, titled
from petitions.web.organiser.mailing.forms import NewsForm, SetUpForm


@blueprint.get("/new/<int:petition_id>")
@allowed(Right.WRITE_TEXTS)
def new(petition_id: int) -> ResponseReturnValue:
    """Ask whether to begin with the words of an update."""
    petition = titled(petition_id)
    updates = [
        (update, titles[pick(wishes(), titles, interface_language())])
        for update, titles in drafts.published_updates(petition.petition.case_id)
        if titles
    ]
    return render_template(
        "organiser/mailing/new.html", found=petition, updates=updates, kinds=UPDATE_KINDS
    )


@blueprint.post("/new/<int:petition_id>")
@allowed(Right.WRITE_TEXTS)
def begin(petition_id: int) -> ResponseReturnValue:
    """Begin a draft."""
    chosen = request.form.get("update", "")
    update_id = int(chosen) if chosen.isdecimal() and len(chosen) < 10 else None
    begin_write()
    petition = titled(petition_id).petition
    try:
        news = drafts.begin(petition, organiser(), now(), update_id)
    except Refused as refusal:
        db.session.rollback()
        flash(words.refusal_words(refusal.reason), "warning")
        return redirect(url_for("mailing.index"), 303)
    news_id, language = news.id, news.fallback_language or "en"
    db.session.commit()
    if update_id is not None:
        return redirect(page_of(news_id), 303)
    return redirect(url_for("mailing.text", news_id=news_id, language=language), 303)


@blueprint.get("/<int:news_id>/write")
@allowed(Right.WRITE_TEXTS)
def add_language(news_id: int) -> ResponseReturnValue:
    """Lead to the page of a language that was chosen."""
    tag = request.args.get("tag", "")
    if not choices.is_language(tag):
        return redirect(page_of(news_id), 303)
    return redirect(url_for("mailing.text", news_id=news_id, language=tag), 303)


@blueprint.get("/<int:news_id>/text/<language>")
@allowed(Right.WRITE_TEXTS)
def text(news_id: int, language: str) -> ResponseReturnValue:
    """Show what news says in a language, to be written."""
    news, _ = found(news_id)
    if news.state is not NewsState.DRAFT:
        flash(words.refusal_words("sent already"), "info")
        return redirect(page_of(news_id), 303)
    form = restored(_filled(drafts.texts_of(news_id).get(language)))
    return _text_page(news, language, form)


@blueprint.post("/<int:news_id>/text/<language>")
@allowed(Right.WRITE_TEXTS, edits=True)
def save_text(news_id: int, language: str) -> ResponseReturnValue:
    """Keep what was written."""
    news, _ = found(news_id)
    form = NewsForm(request.form)
    if not form.validate():
        return _text_page(news, language, form), 422
    db.session.rollback()
    begin_write()
    try:
        drafts.write_text(
            news_id,
            language,
            title=form.title.data or "",
            text=form.text.data or "",
            seen=form.seen.data or "",
            organiser=organiser(),
            now=now(),
        )
    except ChangedMeanwhile as changed:
        db.session.rollback()
        form.seen.data = fingerprint(changed.values)
        theirs = drafts.texts_of(news_id).get(language)
        return _text_page(drafts.news_numbered(news_id), language, form, theirs), 409
    except Refused as refusal:
        db.session.rollback()
        if not refusal.field:
            flash(words.refusal_words(refusal.reason), "warning")
            return redirect(page_of(news_id), 303)
        form.add_error(refusal.field, words.refusal_words(refusal.reason))
        return _text_page(drafts.news_numbered(news_id), language, form), 422
    db.session.commit()
    flash(gettext("Saved."), "done")
    if request.form.get("action") == "preview":
        return redirect(url_for("mailing.preview", news_id=news_id, language=language), 303)
    return redirect(page_of(news_id), 303)


@blueprint.post("/<int:news_id>/set-up")
@allowed(Right.EDIT)
def set_up(news_id: int) -> ResponseReturnValue:
    """Choose the pace, and what signers get in whose language nothing is written."""
    form = SetUpForm(request.form)
    begin_write()
    try:
        drafts.set_up(
            news_id,
            per_hour=form.per_hour.data or 0,
            fallback_language=form.fallback_language.data or None,
            actor=actor(),
            now=now(),
        )
    except Refused as refusal:
        db.session.rollback()
        if not refusal.field:
            flash(words.refusal_words(refusal.reason), "warning")
            return redirect(page_of(news_id), 303)
        form.add_error(refusal.field, words.refusal_words(refusal.reason))
        return listing.page(news_id, form), 422
    db.session.commit()
    flash(gettext("Saved."), "done")
    return redirect(page_of(news_id), 303)


@blueprint.get("/<int:news_id>/discard")
@allowed(Right.EDIT)
def ask_to_discard(news_id: int) -> ResponseReturnValue:
    """Ask once more before a draft is thrown away."""
    news, petition = found(news_id)
    return render_template("organiser/mailing/discard.html", news=news, found=petition)


@blueprint.post("/<int:news_id>/discard")
@allowed(Right.EDIT)
def discard(news_id: int) -> ResponseReturnValue:
    """Throw a draft away."""
    return press(
        lambda: drafts.discard(news_id, actor(), now()),
        gettext("The draft was discarded."),
        url_for("mailing.index"),
        again=page_of(news_id),
    )


def _filled(there: NewsText | None) -> NewsForm:
    values = drafts.values_of(there)
    return NewsForm(**values, seen=fingerprint(values))


def _text_page(news: News, language: str, form: NewsForm, theirs: NewsText | None = None) -> str:
    if not choices.is_language(language):
        raise NotFound("no such language")
    others = {tag: one for tag, one in drafts.texts_of(news.id).items() if tag != language}
    return render_template(
        "organiser/mailing/text.html",
        news=news,
        found=titled(news.petition_id),
        tag=language,
        name=language_name(language, shown_in=interface_language()),
        beside=others.get(news.fallback_language or "") or next(iter(others.values()), None),
        theirs=theirs,
        form=form,
        problems=form.problems(),
    )

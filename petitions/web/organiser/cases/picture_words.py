"""What is said of a picture of a case, one page for each language."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from petitions.clock import now
from petitions.domain.case_finding import case_of
from petitions.domain.case_pictures import (
    PictureWords,
    describe_picture,
    one_picture,
    picture_outdated_in,
)
from petitions.domain.case_pictures import picture_words as words_of_picture
from petitions.domain.case_texts import languages_of
from petitions.domain.fingerprints import fingerprint
from petitions.domain.rights import Right
from petitions.errors import NotFound
from petitions.i18n import language_name
from petitions.models import Case
from petitions.web.language import interface_language
from petitions.web.organiser.access import actor, allowed, may
from petitions.web.organiser.cases import choices
from petitions.web.organiser.cases.saving import Trouble, blueprint, problems_of, save, saved
from petitions.web.organiser.cases.words import field_words, refusal_words
from petitions.web.organiser.editing.typed import restored
from petitions.web.organiser.forms import ConsoleForm, stripped, tidied


class DescriptionForm(ConsoleForm):
    """What is said of a picture, in one language."""

    alt = TextAreaField(
        _l("Alternative text"),
        [InputRequired(_l("Write what can be seen, for those who do not see it."))],
        filters=[tidied],
    )
    caption = TextAreaField(_l("Caption"), [Length(max=1000)], filters=[tidied])
    credit = StringField(_l("Credit"), [Length(max=300)], filters=[stripped])

    def words(self) -> PictureWords:
        """Return what was typed."""
        return PictureWords(self.alt.data or "", self.caption.data or "", self.credit.data or "")


@blueprint.get("/<int:case_id>/pictures/<int:picture_id>/text/<language>")
@allowed(Right.WRITE_TEXTS)
def picture_words(case_id: int, picture_id: int, language: str) -> ResponseReturnValue:
    """Show what is said of a picture as a form."""
    words = words_of_picture(one_picture(case_id, picture_id), language)
    form = DescriptionForm(
        alt=words.alt,
        caption=words.caption,
        credit=words.credit,
        seen=fingerprint(words.values()),
    )
    return _words_page(case_id, picture_id, language, restored(form))


@blueprint.post("/<int:case_id>/pictures/<int:picture_id>/text/<language>")
@allowed(Right.WRITE_TEXTS, edits=True)
def save_picture_words(case_id: int, picture_id: int, language: str) -> ResponseReturnValue:
    """Change what is said of a picture."""
    form = DescriptionForm(request.form)
    if not _may_describe(case_of(case_id), language):
        words = str(refusal_words("readers see it"))
        return _words_page(case_id, picture_id, language, form, Trouble(422, message=words))
    trouble: Trouble | None = Trouble(422)
    if form.validate():
        trouble = save(
            form,
            case_id,
            lambda: describe_picture(
                case_id,
                picture_id,
                language,
                form.words(),
                seen=form.seen.data or "",
                actor=actor(),
                now=now(),
                may_publish=may(Right.PUBLISH),
                is_right=bool(request.form.get("is_right")),
            ),
        )
    if trouble is not None:
        return _words_page(case_id, picture_id, language, form, trouble)
    return saved(gettext("Saved."), url_for("cases.pictures", case_id=case_id))


def _may_describe(case: Case, language: str) -> bool:
    """Readers see words of a picture at once where they see the text of that language."""
    lines = {line.language: line for line in languages_of(case)}
    seen = language in lines and lines[language].is_published
    return may(Right.PUBLISH) or not seen


def _words_page(
    case_id: int,
    picture_id: int,
    language: str,
    form: DescriptionForm,
    trouble: Trouble | None = None,
) -> ResponseReturnValue:
    case, picture = case_of(case_id), one_picture(case_id, picture_id)
    if language != case.source_language and not choices.is_language(language):
        raise NotFound("no such language")
    outdated = picture_outdated_in(picture, language, case.source_language)
    page = render_template(
        "organiser/cases/picture_words.html",
        case=case,
        picture=picture,
        tag=language,
        tag_name=language_name(language, shown_in=interface_language()),
        source=words_of_picture(picture, case.source_language),
        outdated=outdated,
        outdated_words=[field_words(name) for name in outdated],
        may_save=_may_describe(case, language),
        form=form,
        problems=problems_of(form, trouble),
        trouble=trouble,
    )
    return page, trouble.status if trouble else 200

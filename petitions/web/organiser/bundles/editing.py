"""Writing the letter to one official, before its bundle is frozen."""

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import Length

from petitions.clock import now
from petitions.domain import letter_edits
from petitions.domain.bundle_letters import languages_of_text
from petitions.domain.bundle_overview import office_names, titles_of
from petitions.domain.fingerprints import fingerprint
from petitions.domain.letter_edits import LetterWords, obligation_for, shown_values, state_of
from petitions.domain.letter_preview import PreviewedLetter, letter_preview
from petitions.domain.recipients import Recipient, recipient_to
from petitions.domain.rights import Right
from petitions.errors import BundleRefused, ChangedMeanwhile, NotFound, Refused
from petitions.extensions import begin_write, db
from petitions.i18n import language_name
from petitions.models import Petition, TextVersion
from petitions.web.language import interface_language, wishes
from petitions.web.organiser.access import allowed, organiser
from petitions.web.organiser.bundles.address import blueprint, petition_numbered
from petitions.web.organiser.forms import ConsoleForm, stripped, tidied
from petitions.web.organiser.officials.forms import labels_of
from petitions.web.organiser.organisation_conflicts import conflict_of

_LONG = Length(max=letter_edits.LONGEST, message=_l("This is too long. Please shorten it."))
_LINE = Length(max=300, message=_l("This is too long for one line: at most 300 characters."))
_HERE = "/petitions/<int:petition_id>/officials/<int:official_id>/edit"
_REFUSALS: dict[str, Any] = {
    "needed": _l("This must not be empty."),
    "too long": _l("This is too long. Please shorten it."),
    "no state": _l("This official belongs to no state: leave it empty."),
    "not published": _l("The petition is not published yet: its letters are written after that."),
}


class LetterForm(ConsoleForm):
    """The letter to one official; lists have a line each, asks an empty line between them."""

    form_of_address = StringField(_l("Form of address"), [_LINE], filters=[stripped])
    salutation = StringField(_l("Salutation"), [_LINE], filters=[stripped])
    subject = StringField(_l("Subject of the letter"), [_LINE], filters=[stripped])
    opening = TextAreaField(_l("Opening of the letter"), [_LONG], filters=[tidied])
    obligation = TextAreaField(_l("What binds the state, in a line"), [_LONG], filters=[tidied])
    asks = TextAreaField(_l("Asks"), [_LONG], filters=[tidied])
    closing = StringField(_l("Closing of the letter"), [_LINE], filters=[stripped])
    signatory_lines = TextAreaField(_l("Who signs it"), [_LONG], filters=[tidied])
    enclosures = TextAreaField(_l("Further enclosures"), [_LONG], filters=[tidied])
    copies = TextAreaField(_l("Copies go to"), [_LONG], filters=[tidied])
    translation = SelectField(_l("Translation that goes with it"), validate_choice=False)
    longer = StringField(_l("Why it may be longer than two pages"), [_LINE], filters=[stripped])

    def words(self, languages: set[str]) -> LetterWords:
        """Return what was typed; a translation is in one of these languages."""
        asks = (" ".join(ask.split()) for ask in (self.asks.data or "").split("\n\n"))
        chosen = self.translation.data or ""
        return LetterWords(
            form_of_address=self.form_of_address.data or "",
            salutation=self.salutation.data or "",
            subject=self.subject.data or "",
            opening=self.opening.data or "",
            closing=self.closing.data or "",
            signatory_lines=_lines(self.signatory_lines.data),
            enclosures=_lines(self.enclosures.data),
            copies=_lines(self.copies.data),
            asks=tuple(ask for ask in asks if ask),
            translation=chosen if chosen in languages else "",
            longer=self.longer.data or "",
        )


@blueprint.get(_HERE)
@allowed(Right.DELIVER)
def edit(petition_id: int, official_id: int) -> ResponseReturnValue:
    """Show the letter to an official as a form. Raises NotFound."""
    told = _Told.of(petition_id, official_id)
    form = LetterForm(data=_typed(told.words, told.obligation))
    form.seen.data = fingerprint(shown_values(told.words, told.obligation))
    return _page(told, form)


@blueprint.post(_HERE)
@allowed(Right.DELIVER)
def save_edit(petition_id: int, official_id: int) -> ResponseReturnValue:
    """Keep the letter as it was written, or let it say again what the petition says."""
    form = LetterForm(request.form)
    begin_write()
    told = _Told.of(petition_id, official_id)
    version = db.session.get_one(TextVersion, told.letter.bundle.text_version_id)
    mine: dict[str, Any] = {"author": organiser().id, "now": now()}
    if request.form.get("action") == "discard":
        letter_edits.discard(official_id, version, told.language, **mine)
        db.session.commit()
        flash(gettext("The letter says again what the petition says."), "done")
        return redirect(told.preview, 303)
    if not form.validate():
        db.session.rollback()
        return _page(_Told.of(petition_id, official_id), form), 422
    try:
        letter_edits.save(
            told.recipient.addressee,
            official_id,
            version,
            told.language,
            form.words(told.languages),
            obligation=form.obligation.data or "",
            before=told.words,
            seen=form.seen.data or "",
            **mine,
        )
    except Refused as refused:
        db.session.rollback()
        name = refused.field if refused.field in form._fields else "subject"
        form.add_error(name, _REFUSALS[refused.reason])
        return _page(_Told.of(petition_id, official_id), form), 422
    except ChangedMeanwhile as changed:
        db.session.rollback()
        form.seen.data = fingerprint(changed.values)
        return _page(_Told.of(petition_id, official_id), form, conflicting=True), 409
    db.session.commit()
    flash(gettext("Saved. This is the letter as the official will see it."), "done")
    return redirect(told.preview, 303)


class _Told:
    """The letter that a page is about: whose, in which language, and what it says until now."""

    def __init__(self, petition: Petition, recipient: Recipient, letter: PreviewedLetter) -> None:
        self.petition, self.recipient, self.letter = petition, recipient, letter
        self.language = letter.letter.language
        self.state = state_of(recipient.official.id)
        self.obligation = obligation_for(petition.id, self.state, self.language)
        self.words = letter_edits.words_of(
            letter.letter,
            letter_edits.translation_of(letter.bundle),
            letter_edits.longer_because(letter.bundle),
        )
        self.languages = languages_of_text(letter.bundle.text_version_id) - {self.language}
        self.preview = url_for(
            "bundles.preview",
            petition_id=petition.id,
            official_id=recipient.official.id,
            language=request.args.get("language") or None,
        )

    @classmethod
    def of(cls, petition_id: int, official_id: int) -> "_Told":
        """Find the letter by address. Raises NotFound."""
        petition = petition_numbered(petition_id)
        recipient = recipient_to(petition, official_id)
        site = current_app.extensions["petitions"]
        language = request.args.get("language") or None
        try:
            shown = letter_preview(site, petition, recipient, now(), language=language)
        except BundleRefused as refusal:
            raise NotFound("no letter to write") from refusal
        version = request.args.get("version", type=int)
        for letter in shown.letters:
            if version in {None, letter.version}:
                return cls(petition, recipient, letter)
        raise NotFound("no letter with this version of the text")


def _page(told: _Told, form: LetterForm, *, conflicting: bool = False) -> str:
    official_id = told.recipient.official.id
    theirs = _typed(told.words, told.obligation)
    mine = {name: form[name].data or "" for name in theirs}
    subject = f"petition {told.petition.id}"
    title = titles_of([told.petition.id], wishes()).get(told.petition.id, (told.petition.slug, ""))
    return render_template(
        "organiser/bundles/edit.html",
        petition=told.petition,
        title=title,
        name=office_names([official_id], wishes())[official_id],
        told=told,
        form=form,
        problems=form.problems(),
        conflict_told=conflict_of(subject, theirs, mine, labels_of(form)) if conflicting else None,
        is_edited=letter_edits.edit_of(
            official_id, told.letter.bundle.text_version_id, told.language
        ),
        translations=[
            (tag, language_name(tag, shown_in=interface_language()))
            for tag in sorted(told.languages)
        ],
        language_tag=told.language,
    )


def _typed(words: LetterWords, obligation: str) -> dict[str, str]:
    """Return a letter as its form shows it."""
    told = {
        name: "\n".join(value) if isinstance(value, list) else value
        for name, value in words.values().items()
    }
    return {**told, "asks": "\n\n".join(words.asks), "obligation": obligation}


def _lines(text: str | None) -> tuple[str, ...]:
    return tuple(line.strip() for line in (text or "").splitlines() if line.strip())

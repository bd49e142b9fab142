"""The translation that goes with a letter, where an organiser wants one for its official."""

from dataclasses import replace

from petitions.documents.entries import Letter
from petitions.domain.bundle_letters import compose_letter, languages_of_text
from petitions.domain.letter_edits import edit_of, translation_of
from petitions.errors import BundleRefused
from petitions.extensions import db
from petitions.models import Bundle, OfficialText


def compose_translation(bundle: Bundle, countries: tuple[str, ...]) -> Letter | None:
    """Return the translation that goes with a bundle's letter, where one is wanted.

    It says what was written for the official in that language, or else what the petition says in
    it. Raises BundleRefused where text or asks do not exist in that language.
    """
    language = translation_of(bundle)
    if not language or language == bundle.language:
        return None
    if language not in languages_of_text(bundle.text_version_id):
        raise BundleRefused(
            f"the translation of the letter cannot be in {language!r}: text or asks are missing"
        )
    translated = compose_letter(_in_language(bundle, language), countries)
    official, version = bundle.official_id, bundle.text_version_id
    if not (
        db.session.get(OfficialText, (official, language)) or edit_of(official, version, language)
    ):
        translated = replace(translated, salutation="", form_of_address="")  # of another language
    return replace(translated, is_translation=True, translated=False)


def _in_language(bundle: Bundle, language: str) -> Bundle:
    """A bundle like this one, in no session, with its letter in another language."""
    names = {column.key for column in bundle.__table__.columns} - {"id", "language", "letter"}
    return Bundle(**{name: getattr(bundle, name) for name in names}, language=language)

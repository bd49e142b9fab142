"""Catalogues: complete, compiled, with the right plurals and placeholders; what to run when not."""

from __future__ import annotations

import ast
import io
import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import force_locale
from jinja2 import meta

from petitions.domain.consent_words import default_consent
from petitions.i18n import (
    SOURCE,
    TRANSLATIONS,
    interface_languages,
    language_name,
    languages_in,
    with_territory,
)
from petitions.mail.templates import render_part
from tests.house.files import ROOT, modules_of_petitions, shown, tree_of

KEYWORDS = ("_l", "lazy_gettext", "lazy_ngettext:1,2", "lazy_pgettext:1c,2")
EXTRACT = (
    f".venv/bin/pybabel extract -F babel.cfg -k '{' '.join(KEYWORDS)}' --no-location --sort-output"
    " --omit-header --no-wrap -o /tmp/messages.pot ."
)
UPDATE = (
    ".venv/bin/pybabel update -i /tmp/messages.pot -d petitions/translations --no-wrap"
    " --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date"
)
COMPILE = ".venv/bin/pybabel compile -d petitions/translations"
THEN_UPDATE = f"\nRun:\n{EXTRACT}\n{UPDATE}\ntranslate what is empty, then run:\n{COMPILE}"
THEN_COMPILE = f"\nThen run: {COMPILE}"
GUIDE = ROOT / "docs" / "translating.md"
TEMPLATES = ROOT / "templates"
DEMONSTRATION = ROOT / "petitions" / "domain" / "demonstration"
ONLY_COUNT_ME = "Nothing: only count me"
QUOTED = re.compile("[«“„](.+?)[»”“]", re.DOTALL)
PLACEHOLDER = re.compile(r"%\((\w+)\)([a-z])|\{(\w*)\}")

Identity = tuple[str | None, tuple[str, ...]]
"""Context, and the text or its singular and plural: what makes two messages the same."""

LANGUAGES = sorted(path.parent.parent.name for path in TRANSLATIONS.glob("*/LC_MESSAGES/*.po"))
every_language = pytest.mark.parametrize("language", LANGUAGES)
only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@cache
def extracted() -> Catalog:
    """What the commands find in the source now."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)  # type: ignore[no-untyped-call]  # Babel has it so
    keywords = {**DEFAULT_KEYWORDS, **parse_keywords(KEYWORDS)}
    catalogue = Catalog()
    for file, line, text, _, context in extract_from_dir(ROOT, methods, options, keywords):
        catalogue.add(text, None, [(file, line)], context=context)
    return catalogue


@cache
def translated(language: str) -> Catalog:
    with catalogue_file(language, "po").open("rb") as file:
        return read_po(file, locale=language.replace("-", "_"))


def catalogue_file(language: str, suffix: str) -> Any:
    return TRANSLATIONS / language / "LC_MESSAGES" / f"messages.{suffix}"


def messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def identity(message: Message) -> Identity:
    return message.context, tuple(forms(message.id))


def forms(text: str | Iterable[str] | None) -> list[str]:
    """A message's one text, or each of its plural forms."""
    return [text or ""] if text is None or isinstance(text, str) else list(text)


def placeholders(text: str) -> set[str]:
    return {match.group() for match in PLACEHOLDER.finditer(text)}


def listed(found: Iterable[Any]) -> str:
    return "".join(f"\n  {one}" for one in found)


def test_there_is_a_translation_and_every_catalogue_is_compiled() -> None:
    assert "ru" in LANGUAGES
    assert {SOURCE, *LANGUAGES} == set(interface_languages()), (
        "a messages.po and a messages.mo belong together" + THEN_COMPILE
    )


@every_language
def test_every_text_is_translated(language: str) -> None:
    there = {identity(message): message for message in messages(translated(language))}
    wanted = {identity(message): message for message in messages(extracted())}
    missing = [
        f"{wanted[key].id}  ({wanted[key].locations[0][0]})"
        for key in wanted
        if key not in there or not all(forms(there[key].string))
    ]
    assert not missing, f"{language}: not translated:{listed(missing)}{THEN_UPDATE}"


@every_language
def test_nothing_is_left_over_or_guessed(language: str) -> None:
    catalogue = translated(language)
    wanted = {identity(message) for message in messages(extracted())}
    unknown = [m.id for m in messages(catalogue) if identity(m) not in wanted]
    obsolete = [message.id for message in catalogue.obsolete.values()]
    fuzzy = [message.id for message in catalogue if message.fuzzy]
    assert not unknown + obsolete, (
        f"{language}: no longer in the source:{listed(unknown + obsolete)}{THEN_UPDATE}"
    )
    assert not fuzzy, (
        f"{language}: guessed from a similar text (fuzzy); read it, mend it, and take the mark"
        f" off:{listed(fuzzy)}{THEN_UPDATE}"
    )


@every_language
def test_placeholders_are_those_of_the_source(language: str) -> None:
    wrong = []
    catalogue = translated(language)
    zero_alone = catalogue.plural_expr.startswith("(n==0 ? 0 ")  # "no bundle" needs no number
    for message in messages(catalogue):
        sources, texts = forms(message.id), forms(message.string)
        allowed = set().union(*map(placeholders, sources))
        # The form for one may leave the number out, if English does: "one thing".
        needed = set.intersection(*map(placeholders, sources))
        for number, text in enumerate(texts):
            least = needed if number == 0 and len(texts) > 1 else allowed
            if zero_alone and message.pluralizable and number == 0:
                least = set()
            if not least <= placeholders(text) <= allowed:
                wrong.append(f"{message.id} -> {text}")
    assert not wrong, (
        f"{language}: placeholders such as %(day)s stand in a translation as in its source:"
        f"{listed(wrong)}{THEN_COMPILE}"
    )


@every_language
def test_plural_forms_are_those_of_the_language(language: str) -> None:
    right = Catalog(locale=language.replace("-", "_"))
    header = catalogue_file(language, "po").read_text(encoding="utf-8").partition("\n\n")[0]
    assert f'"Plural-Forms: {right.plural_forms}\\n"' in header, (
        f"{language}: the header wants this line: Plural-Forms: {right.plural_forms}{THEN_COMPILE}"
    )
    wrong = [
        message.id
        for message in messages(translated(language))
        if message.pluralizable and len(forms(message.string)) != right.num_plurals
    ]
    assert not wrong, f"{language}: {right.num_plurals} forms each:{listed(wrong)}{THEN_COMPILE}"


@every_language
def test_compiled_catalogue_is_that_of_the_source(language: str) -> None:
    wanted = io.BytesIO()
    write_mo(wanted, translated(language))
    wanted.seek(0)
    with catalogue_file(language, "mo").open("rb") as file:
        compiled, fresh = read_mo(file), read_mo(wanted)
    assert compiled.plural_forms == fresh.plural_forms, THEN_COMPILE
    there = {identity(message): forms(message.string) for message in messages(compiled)}
    right = {identity(message): forms(message.string) for message in messages(fresh)}
    stale = [key[1][0] for key in right if there.get(key) != right[key]]
    stale += [key[1][0] for key in there if key not in right]
    assert not stale, (
        f"{language}: messages.mo is older than messages.po:{listed(stale)}{THEN_COMPILE}"
    )


def test_every_name_that_translates_is_a_keyword() -> None:
    """A text under an unknown name would be left out of catalogues in silence."""
    known = {*DEFAULT_KEYWORDS, *parse_keywords(KEYWORDS)}
    unknown = [
        f"{shown(path, node.lineno)}: {name.asname or name.name}"
        for path in modules_of_petitions().values()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("flask_babel")
        for name in node.names
        if name.name.endswith("gettext") and (name.asname or name.name) not in known
    ]
    assert not unknown, (
        "pybabel does not look for these names; use one that is in KEYWORDS here, or add it there"
        f" and to the command in docs/translating.md:{listed(unknown)}"
    )


@only_sqlite
def test_extraction_reads_templates_as_the_application_does(app: Flask) -> None:
    files = [file for file in TEMPLATES.rglob("*") if file.suffix in {".html", ".txt"}]
    found = {
        text[1:] if "pgettext" in name else text  # without its context
        for file in files
        for _, name, text in app.jinja_env.extract_translations(file.read_text(encoding="utf-8"))  # type: ignore[attr-defined]  # the extension's
    }
    texts = {one for text in found for one in forms(text) if one}
    known = {one for message in messages(extracted()) for one in forms(message.id)}
    assert texts <= known, f"babel.cfg misses, or reads otherwise:{listed(texts - known)}"


@only_sqlite
@every_language
def test_mails_are_translated_throughout(app: Flask, language: str) -> None:
    parts = sorted((TEMPLATES / "mail").glob("*/*"))
    assert parts
    frame = (TEMPLATES / "mail" / "frame.html").read_text(encoding="utf-8")
    english = []
    for file in parts:
        source = file.read_text(encoding="utf-8")
        names = set().union(
            *(meta.find_undeclared_variables(app.jinja_env.parse(text)) for text in (source, frame))
        )
        values = dict.fromkeys(names, "") | {"language": language, "direction": "ltr"}
        with app.app_context(), force_locale(language.replace("-", "_")):
            rendered = render_part(file.parent.name, file.name, values)
        for _, _, text in app.jinja_env.extract_translations(source):  # type: ignore[attr-defined]  # the extension's
            english += [
                f"{file.parent.name}/{file.name}: {one}"
                for one in forms(text)
                if one and PLACEHOLDER.sub("", one) in rendered
            ]
    assert not english, f"{language}: in English all the same:{listed(english)}"


@pytest.mark.parametrize("language", [SOURCE, *LANGUAGES])
def test_risk_quotes_the_choice_as_the_form_words_it(language: str) -> None:
    """A signer at risk is told which choice to take, and must find it under that name."""
    label = ONLY_COUNT_ME
    if language != SOURCE:
        label = str(translated(language)[ONLY_COUNT_ME].string)
    quoted = []
    for file in sorted(DEMONSTRATION.glob("*.toml")):
        consents = tomllib.loads(file.read_text(encoding="utf-8")).get("petition", {})
        risk = consents.get("consents", {}).get(language, {}).get("risk", "")
        quoted += [(file.name, " ".join(found.split())) for found in QUOTED.findall(risk)]
    default = default_consent(language).risk
    quoted += [("consent_words.py", " ".join(found.split())) for found in QUOTED.findall(default)]
    label = " ".join(label.split())
    assert len(quoted) == 3, "each risk quotes the choice"
    wrong = [f"{name}: {words}" for name, words in quoted if words not in label]
    assert not wrong, f"the form says “{label}”; quoted otherwise in:{listed(wrong)}"


def test_guide_gives_the_commands() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    missing = [command for command in (EXTRACT, UPDATE, COMPILE) if command not in guide]
    assert not missing, f"docs/translating.md should say:{listed(missing)}"


def test_language_of_a_shared_page_gets_the_territory_that_is_likely_for_it() -> None:
    assert with_territory("pt-BR") == "pt_BR"
    assert with_territory("sr-Latn") == "sr_RS"
    assert with_territory("zh-Hant") == "zh_TW"
    assert with_territory("eo") == "eo", "a language of the whole world"
    assert with_territory("xx") == "xx"


def test_languages_to_choose_from_are_living_ones_by_their_plain_names() -> None:
    names = dict(languages_in("en"))
    assert names["ak"] == "Akan", "not Akan (Ghana)"
    assert names["uz-Cyrl"] == "Uzbek (Cyrillic)"
    assert {"uz", "rhg", "ug", "ti", "qu", "zh-Hant"} <= set(names)
    assert not {"ae", "pi", "vo", "tok"} & set(names), "nobody writes a petition in Avestan"
    assert not [
        name for tag, name in names.items() if tag == name or ("-" not in tag and "(" in name)
    ]


def test_languages_to_choose_from_stand_in_the_reader_s_order() -> None:
    russian = [name for _, name in languages_in("ru")]
    assert russian.index("арабский") < russian.index("узбекский") < russian.index("японский")
    assert russian.index("японский") < russian.index("Arpitan"), (
        "what has no Russian name comes last"
    )
    assert language_name("ae", shown_in="ru") == "авестийский", "one that is in use keeps its name"

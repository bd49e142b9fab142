"""Officials: what is kept as written, what is refused, what the trail tells."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import func, select

from petitions.domain import audit, officials
from petitions.domain.contact_shapes import is_email, is_https, is_number, is_page, one_each
from petitions.domain.fingerprints import fingerprint
from petitions.domain.official_facts import (
    OfficialFacts,
    OfficialWords,
    facts_of,
    values_of,
    words_of,
)
from petitions.domain.official_lists import official_lines, texts_of
from petitions.domain.official_uses import is_used, similar_to, used_by
from petitions.domain.rights import GRANTS, Right
from petitions.errors import ChangedMeanwhile, NotFound, Refused
from petitions.models import (
    Accreditation,
    Official,
    OfficialContact,
    OfficialKind,
    OfficialText,
    Part,
    Role,
)
from tests.domain.cast import Cast

MINISTER = OfficialFacts(
    country="UZ",
    postal_lines="Ministry of Internal Affairs\n Ul. Yunus Rajabiy 1\nTashkent 100029",
    emails=("info@mvd.example.org", "second@mvd.example.org"),
    faxes=("+998 71 233 89 34 (say “fax”)",),
    phones=("+998 71 231 41 33",),
    pages=("www.mvd.example.org/write",),
    source_language="en",
    preferred_language="ru",
    submission_notes="The fax works in the mornings.",
    checked_on=date(2026, 3, 1),
)
WORDS = OfficialWords(
    office="Minister of Internal Affairs",
    name="Adkham Akhmadbaev",
    organisation="Ministry of Internal Affairs",
    salutation="Dear Minister",
    form_of_address="Minister",
)
EMBASSY = OfficialFacts(
    kind=OfficialKind.EMBASSY, country="DE", represents="UZ", accredited=("DE", "AT")
)


def add(
    now: datetime,
    facts: OfficialFacts = MINISTER,
    words: OfficialWords = WORDS,
    **changes: Any,
) -> Official:
    return officials.add_official(facts, words, actor="organiser 3", now=now, **changes)


def embassy(now: datetime, office: str, country: str, *accredited: str) -> Official:
    facts = replace(EMBASSY, country=country, accredited=accredited)
    return add(now, facts, OfficialWords(office=office))


def detail_of(entry: Any) -> Any:
    return json.loads(entry.detail)


def test_everything_on_paper_is_kept_as_written(database: SQLAlchemy, now: datetime) -> None:
    made = add(now)
    database.session.expire_all()

    assert facts_of(made) == replace(MINISTER, slug="minister-of-internal-affairs-uzbekistan")
    assert words_of(texts_of(made.id)["en"]) == WORDS
    assert list(texts_of(made.id)) == ["en"]
    entry = audit.latest(f"official {made.id}")
    assert entry is not None
    assert (entry.actor, entry.action) == ("organiser 3", "official added")


def test_slug_is_made_of_office_and_country_in_any_script(
    database: SQLAlchemy, now: datetime
) -> None:
    russian = replace(MINISTER, source_language="ru", emails=())
    made = add(now, russian, OfficialWords(office="Министр внутренних дел"))
    assert made.slug == "ministr-vnutrennikh-del-uzbekistan"

    again = add(now, russian, OfficialWords(office="Министр внутренних дел"), knowing=True)
    assert again.slug == "ministr-vnutrennikh-del-uzbekistan-2"


def test_slug_that_another_official_has_is_refused(database: SQLAlchemy, now: datetime) -> None:
    add(now, replace(MINISTER, slug="minister"))
    other = replace(MINISTER, slug="minister", emails=(), country="KG")
    with pytest.raises(Refused) as refused:
        add(now, other)
    assert (refused.value.reason, refused.value.field) == ("slug taken", "slug")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (replace(MINISTER, emails=("info at mvd",)), "emails"),
        (replace(MINISTER, faxes=("no number",)), "faxes"),
        (replace(MINISTER, phones=("ask",)), "phones"),
        (replace(MINISTER, pages=("javascript:alert(1)",)), "pages"),
        (replace(MINISTER, represents="UZ"), "represents"),
        (replace(MINISTER, accredited=("DE",)), "accredited"),
        (replace(MINISTER, country="XX"), "country"),
        (replace(MINISTER, slug="Not a slug"), "slug"),
        (replace(EMBASSY, represents=None), "represents"),
        (replace(EMBASSY, accredited=()), "accredited"),
    ],
)
def test_facts_that_do_not_hold_together_are_refused(
    database: SQLAlchemy, now: datetime, facts: OfficialFacts, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        add(now, facts)
    assert refused.value.field == field
    assert database.session.execute(select(func.count(Official.id))).scalar_one() == 0


def test_mission_needs_no_country(database: SQLAlchemy, now: datetime) -> None:
    facts = replace(EMBASSY, kind=OfficialKind.MISSION, country="CH", accredited=())
    assert add(now, facts, OfficialWords(office="Permanent Mission")).kind is OfficialKind.MISSION


def test_official_without_an_office_is_refused(database: SQLAlchemy, now: datetime) -> None:
    with pytest.raises(Refused) as refused:
        add(now, MINISTER, replace(WORDS, office=""))
    assert (refused.value.reason, refused.value.field) == ("needs an office", "office")


def test_similar_official_is_told_before_saving(database: SQLAlchemy, now: datetime) -> None:
    made = add(now)
    same_email = replace(MINISTER, emails=("INFO@mvd.example.org",), country="KG")
    with pytest.raises(Refused) as refused:
        add(now, same_email, OfficialWords(office="Somebody else"))
    assert refused.value.reason == "similar"

    (found,) = similar_to(same_email.emails, "Somebody else", "KG")
    assert (found.id, found.same_email) == (made.id, True)
    (found,) = similar_to((), "MINISTER of internal  affairs", "UZ")
    assert (found.id, found.same_email) == (made.id, False)
    assert similar_to((), "Minister of Internal Affairs", "KG") == ()
    assert similar_to(MINISTER.emails, WORDS.office, "UZ", but=made.id) == ()

    assert add(now, same_email, OfficialWords(office="Somebody else"), knowing=True).id != made.id


def test_change_of_facts_is_told_with_before_and_after(database: SQLAlchemy, now: datetime) -> None:
    made = add(now)
    changed = replace(
        facts_of(made),
        emails=("second@mvd.example.org", "info@mvd.example.org"),
        submission_notes="Not before ten.",
    )
    seen = fingerprint(values_of(facts_of(made)))
    officials.change_facts(made.id, changed, seen=seen, actor="organiser 4", now=now)
    database.session.expire_all()

    assert facts_of(made) == changed
    entry = audit.latest(f"official {made.id}")
    assert entry is not None
    assert (entry.actor, entry.action) == ("organiser 4", "official changed")
    assert detail_of(entry)["fields"] == ["emails", "submission_notes"]
    assert detail_of(entry)["before"] == {"emails": list(MINISTER.emails)}
    assert "mornings" not in entry.detail


def test_saving_without_a_change_leaves_no_entry(database: SQLAlchemy, now: datetime) -> None:
    made = add(now)
    officials.change_facts(made.id, facts_of(made), seen="", actor="organiser 4", now=now)
    entry = audit.latest(f"official {made.id}")
    assert entry is not None
    assert entry.action == "official added"


def test_change_after_somebody_elses_is_told(database: SQLAlchemy, now: datetime) -> None:
    made = add(now)
    seen = fingerprint(values_of(facts_of(made)))
    theirs = replace(facts_of(made), postal_lines="Tashkent")
    officials.change_facts(made.id, theirs, seen=seen, actor="organiser 4", now=now)
    with pytest.raises(ChangedMeanwhile) as told:
        officials.change_facts(made.id, MINISTER, seen=seen, actor="organiser 3", now=now)
    assert told.value.values["postal_lines"] == "Tashkent"


def test_words_of_each_language_are_apart(database: SQLAlchemy, now: datetime) -> None:
    made = add(now)
    russian = OfficialWords(office="Министр", salutation="Уважаемый господин министр!")
    officials.write_words(made.id, "ru", russian, seen="", actor="organiser 5", now=now)

    texts = texts_of(made.id)
    assert words_of(texts["ru"]) == russian
    assert words_of(texts["en"]) == WORDS
    entry = audit.latest(f"official {made.id}")
    assert entry is not None
    assert detail_of(entry)["language"] == "ru"
    assert detail_of(entry)["after"]["salutation"] == "Уважаемый господин министр!"


def test_words_of_the_source_language_stay(database: SQLAlchemy, now: datetime) -> None:
    made = add(now)
    officials.write_words(
        made.id, "ru", OfficialWords(office="Министр"), seen="", actor="organiser 5", now=now
    )
    with pytest.raises(Refused):
        officials.remove_words(made.id, "en", actor="organiser 5", now=now)
    officials.remove_words(made.id, "ru", actor="organiser 5", now=now)
    assert list(texts_of(made.id)) == ["en"]
    with pytest.raises(NotFound):
        officials.remove_words(made.id, "ru", actor="organiser 5", now=now)


def test_source_language_needs_words(database: SQLAlchemy, now: datetime) -> None:
    made = add(now)
    changed = replace(facts_of(made), source_language="ru")
    with pytest.raises(Refused) as refused:
        officials.change_facts(made.id, changed, seen="", actor="organiser 3", now=now)
    assert (refused.value.reason, refused.value.field) == ("no text", "source_language")


def test_checked_today_is_kept_and_told(database: SQLAlchemy, now: datetime) -> None:
    made = add(now)
    officials.mark_checked(made.id, now.date(), actor="organiser 3", now=now)
    assert made.checked_on == now.date()
    entry = audit.latest(f"official {made.id}")
    assert entry is not None
    assert detail_of(entry) == {"before": "2026-03-01", "after": "2026-03-14"}


def test_unused_official_is_deleted_with_all_that_belongs_to_it(
    database: SQLAlchemy, now: datetime
) -> None:
    made = add(now, replace(EMBASSY, emails=("embassy@example.org",)))
    gone = made.id
    officials.delete_official(gone, actor="organiser 3", now=now)
    for table in (Official, OfficialText, OfficialContact, Accreditation):
        assert database.session.execute(select(func.count()).select_from(table)).scalar_one() == 0
    entry = audit.latest(f"official {gone}")
    assert entry is not None
    assert entry.action == "official deleted"
    with pytest.raises(NotFound):
        officials.delete_official(gone, actor="organiser 3", now=now)


def test_addressee_is_neither_deleted_nor_given_another_slug(
    database: SQLAlchemy, cast: Cast, now: datetime
) -> None:
    official_id = cast.minister.official_id
    assert official_id is not None
    assert is_used(official_id)
    with pytest.raises(Refused) as refused:
        officials.delete_official(official_id, actor="organiser 3", now=now)
    assert refused.value.reason == "used"
    official = officials.get_official(official_id)
    changed = replace(facts_of(official), slug="another")
    with pytest.raises(Refused) as refused:
        officials.change_facts(official_id, changed, seen="", actor="organiser 3", now=now)
    assert refused.value.reason == "slug fixed"

    (use,) = used_by(official_id, ["en"])
    assert (use.petition_id, use.part, use.bundles) == (cast.petition.id, Part.TO, 0)


def test_officials_are_found_by_words_of_any_language_and_country(
    database: SQLAlchemy, now: datetime
) -> None:
    made = add(now)
    words = OfficialWords(office="Министр внутренних дел", name="Адхам Ахмадбаев")
    officials.write_words(made.id, "ru", words, seen="", actor="organiser 3", now=now)
    berlin = embassy(now, "Embassy of Uzbekistan in Berlin", "DE", "DE")

    def found(**asked: Any) -> list[int]:
        return [line.id for line in official_lines(["en"], now.date(), **asked)]

    assert found() == [berlin.id, made.id]
    assert found(words="министр АХМАДБАЕВ") == [made.id]
    assert found(words="uzbekistan") == [berlin.id, made.id]
    assert found(words="uzbekistan germany") == [berlin.id]
    assert found(words="nobody") == []
    assert found(kind=OfficialKind.EMBASSY) == [berlin.id]
    assert found(country="DE") == [berlin.id]
    assert found(country="UZ") == [berlin.id, made.id]
    assert found(only_stale=True) == [berlin.id]


def test_list_says_which_were_not_checked_for_a_year(database: SQLAlchemy, now: datetime) -> None:
    add(now)
    (line,) = official_lines(["en"], date(2026, 3, 1) + timedelta(days=365))
    assert not line.is_stale
    (line,) = official_lines(["en"], date(2026, 3, 1) + timedelta(days=366))
    assert line.is_stale
    assert line.greets_in == ("en",)


def test_embassies_of_a_state_are_listed_by_where_they_are(
    database: SQLAlchemy, now: datetime
) -> None:
    add(now)
    london = embassy(now, "Embassy in London", "GB", "GB", "IE")
    berlin = embassy(now, "Embassy in Berlin", "DE", "DE")
    assert [line.id for line in officials.embassies_of("UZ")] == [berlin.id, london.id]
    assert officials.embassies_of("RU") == ()


def test_shapes_of_contacts() -> None:
    assert is_email("info@mvd.uz")
    assert is_email("office@lantern.example")
    assert not is_email("info@mvd")
    assert not is_email("info")
    assert is_number("+998 71 233 89 34")
    assert not is_number("none")
    assert is_page("www.mvd.uz")
    assert is_page("http://mvd.uz/write?to=minister")
    assert not is_page("ftp://mvd.uz")
    assert not is_page("see their page")
    assert is_https("https://example.org/")
    assert not is_https("http://example.org/")
    assert not is_https("javascript:alert(1)//example.org")


@pytest.mark.parametrize(
    ("line", "shape", "found"),
    [
        ("+7499 265 90 77; +7499 265 97 75", is_number, ("+7499 265 90 77", "+7499 265 97 75")),
        ("265 90 77, 265 97 75", is_number, ("265 90 77", "265 97 75")),
        ("265 90 77 / 265 97 75", is_number, ("265 90 77", "265 97 75")),
        ("265 90 77/265 97 75", is_number, ("265 90 77", "265 97 75")),
        ("+49 (0)30/187 600", is_number, ("+49 (0)30/187 600",)),
        ("+998 71 239 4934, say “fax”", is_number, ("+998 71 239 4934, say “fax”",)),
        ("265 90 77, ext. 12; 265 97 75", is_number, ("265 90 77, ext. 12", "265 97 75")),
        ("Fax: 265 90 77;", is_number, ("Fax: 265 90 77",)),
        ("102", is_number, ("102",)),
        ("265 90 77, 78", is_number, None),
        ("265 90 77 / 78", is_number, None),
        ("+7499 265 90 77 +7499 265 97 75", is_number, None),
        ("a@mvd.uz; b@mvd.uz", is_email, ("a@mvd.uz", "b@mvd.uz")),
        ("a@mvd.uz,b@mvd.uz / c@mvd.uz", is_email, ("a@mvd.uz", "b@mvd.uz", "c@mvd.uz")),
        ("a@mvd.uz b@mvd.uz", is_email, None),
        ("a@mvd.uz; the second one", is_email, None),
        ("www.mvd.uz; https://mvd.uz/a", is_page, ("www.mvd.uz", "https://mvd.uz/a")),
        ("https://mvd.uz/a;https://mvd.uz/b", is_page, ("https://mvd.uz/a", "https://mvd.uz/b")),
        ("https://mvd.uz/a;v=12,index.html", is_page, ("https://mvd.uz/a;v=12,index.html",)),
        ("www.mvd.uz www.gov.uz", is_page, None),
    ],
)
def test_several_on_a_line_are_told_apart_or_refused(
    line: str, shape: Any, found: tuple[str, ...] | None
) -> None:
    assert one_each(line, shape) == found


EVERYTHING = frozenset(Right)


def named(cast: Cast) -> Official:
    official_id = cast.minister.official_id
    assert official_id is not None
    return officials.get_official(official_id)


def rewrite(official: Official, language: str, now: datetime, **changes: Any) -> None:
    """Change words of an official, with the rights and the tick that `changes` name."""
    asked = {name: changes.pop(name) for name in ("rights", "same_office") if name in changes}
    words = words_of(texts_of(official.id).get(language))
    new = replace(words, **changes)
    officials.write_words(
        official.id, language, new, seen="", actor="organiser 3", now=now, **asked
    )


def why(official: Official, language: str, now: datetime, **changes: Any) -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        rewrite(official, language, now, **changes)
    return refused.value.reason, refused.value.field


@pytest.mark.parametrize("language", ["en", "ru"])
def test_translator_alone_changes_no_word_that_signers_may_have_read(
    database: SQLAlchemy, cast: Cast, now: datetime, language: str
) -> None:
    official = named(cast)
    translator = GRANTS[Role.TRANSLATOR]
    for changes in ({"office": "Another"}, {"office": "minister-anna-b", "salutation": "Dear X"}):
        told = why(official, language, now, rights=translator, same_office=True, **changes)
        assert told == ("needs an editor", "office")
    assert list(texts_of(official.id)) == ["en"]
    unnamed = add(now)
    rewrite(unnamed, language, now, office="Another", rights=translator)
    assert texts_of(unnamed.id)[language].office == "Another"


def test_new_holder_is_the_same_recipient_and_another_office_is_not(
    database: SQLAlchemy, cast: Cast, now: datetime
) -> None:
    official = named(cast)
    rewrite(official, "en", now, name="New Holder", salutation="Dear Holder", rights=EVERYTHING)
    rewrite(official, "ru", now, office="Министр", rights={Right.EDIT})
    for name in ("office", "organisation"):
        told = why(official, "en", now, **{name: "Secret police"}, rights=EVERYTHING)
        assert told == ("other office", name)
    told = why(official, "ru", now, office="Тайная полиция", rights=EVERYTHING)
    assert told == ("other office", "office")
    assert texts_of(official.id)["en"].office == "minister-anna-b"
    assert texts_of(official.id)["en"].name == "New Holder"


def test_misspelled_office_is_corrected_by_who_publishes_and_the_trail_says_so(
    database: SQLAlchemy, cast: Cast, now: datetime
) -> None:
    official = named(cast)
    spelled = {"office": "Minister", "same_office": True}
    told = why(official, "en", now, rights={Right.EDIT}, **spelled)
    assert told == ("needs a publisher", "office")
    rewrite(official, "en", now, rights=EVERYTHING, **spelled)
    entry = audit.latest(f"official {official.id}")
    assert entry is not None
    assert detail_of(entry) == {
        "language": "en",
        "fields": ["office"],
        "before": {"office": "minister-anna-b"},
        "after": {"office": "Minister"},
        "same_office": True,
    }


@pytest.mark.parametrize(
    "changes",
    [{"country": "KZ"}, {"kind": OfficialKind.EMBASSY, "represents": "UZ", "accredited": ("DE",)}],
)
def test_office_that_signers_agreed_to_stays_where_it_is(
    database: SQLAlchemy, cast: Cast, now: datetime, changes: dict[str, Any]
) -> None:
    official = named(cast)
    facts = replace(facts_of(official), **changes)
    with pytest.raises(Refused, match="other office"):
        officials.change_facts(official.id, facts, seen="", actor="organiser 3", now=now)
    moved = replace(facts_of(official), postal_lines="Street 2", emails=("m@example.org",))
    officials.change_facts(official.id, moved, seen="", actor="organiser 3", now=now)
    assert facts_of(official).postal_lines == "Street 2"


def test_office_once_taken_off_and_embassies_of_a_rule_are_held_to_it_too(
    database: SQLAlchemy, cast: Cast, now: datetime
) -> None:
    cast.minister.removed_at = now
    for_rule = embassy(now, "Embassy in Berlin", "DE", "DE")
    elsewhere = replace(EMBASSY, represents="RU")
    of_another_state = add(now, elsewhere, OfficialWords(office="Embassy of Russia"))
    for official in (named(cast), for_rule):
        told = why(official, "en", now, office="Other", rights=EVERYTHING)
        assert told == ("other office", "office")
    rewrite(of_another_state, "en", now, office="Other")


def test_words_of_an_office_that_signers_read_of_are_not_removed(
    database: SQLAlchemy, cast: Cast, now: datetime
) -> None:
    official = named(cast)
    rewrite(official, "ru", now, office="Министр", rights=EVERYTHING)
    with pytest.raises(Refused, match="promised"):
        officials.remove_words(official.id, "ru", actor="organiser 3", now=now)
    assert set(texts_of(official.id)) == {"en", "ru"}


def test_more_contacts_than_anybody_has_are_refused(database: SQLAlchemy, now: datetime) -> None:
    many = replace(MINISTER, phones=tuple(f"+998 71 {number}" for number in range(41)))
    with pytest.raises(Refused) as refused:
        add(now, many)
    assert (refused.value.reason, refused.value.field) == ("too many", "phones")

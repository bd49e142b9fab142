"""The demonstration holds the facts of its two documents, aims each ask, and loads but once."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import func, select

from petitions.domain import samples
from petitions.domain.demonstration import load_demonstration
from petitions.domain.names import clean_name, clean_place
from petitions.domain.sealing import opener_for
from petitions.extensions import db
from petitions.i18n import interface_languages
from petitions.models import (
    Accreditation,
    AddressedState,
    Addressee,
    AfterDeadline,
    Appearance,
    Ask,
    AskAddressee,
    AskText,
    Case,
    CaseText,
    CaseUpdate,
    ConsentOffice,
    ConsentText,
    ContactKind,
    ContactOffice,
    LetterLanguage,
    Mail,
    Official,
    OfficialContact,
    OfficialText,
    Organisation,
    Part,
    Permission,
    PermissionGiver,
    Person,
    PersonStatus,
    PersonText,
    Petition,
    PetitionState,
    PetitionText,
    Picture,
    PulledStatement,
    Signature,
    SignatureState,
    UpdateText,
)
from petitions.vault import KeyRing

if TYPE_CHECKING:
    from pathlib import Path

CHAIRMAN = "ru-investigation-committee-chairman"
MINISTER = "uz-interior-minister"
DIRECTOR = "ru-border-agency-director"
KASYMAKHUNOV = "yusup-kasymakhunov"
KHAMIDKARIEV = "mirsobir-khamidkariev"
LANGUAGES = {"ar", "en", "es", "fr", "ru", "uz"}
"""Those of the interface: a visitor finds the whole site in each."""


@pytest.fixture
def keyring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "ring", "a vault key of these tests alone, long enough")


@pytest.fixture
def loaded(app: Flask, keyring: KeyRing, now: datetime) -> Iterator[None]:
    """The demonstration, loaded and not committed."""
    with app.app_context():
        load_demonstration(now, keyring)
        yield
        db.session.rollback()


def all_of(query: Any) -> list[Any]:
    return list(db.session.execute(query).scalars())


def official(slug: str) -> Official:
    return db.session.execute(select(Official).where(Official.slug == slug)).scalar_one()


def english(slug: str) -> OfficialText:
    return db.session.get_one(OfficialText, (official(slug).id, "en"))


def contacts(slug: str, kind: ContactKind) -> list[str]:
    query = select(OfficialContact.value).where(
        OfficialContact.official_id == official(slug).id, OfficialContact.kind == kind
    )
    return all_of(query.order_by(OfficialContact.position))


def petition(slug: str) -> Petition:
    return db.session.execute(select(Petition).where(Petition.slug == slug)).scalar_one()


def addressees(slug: str) -> list[tuple[str, Part, bool]]:
    """Each addressee: official's slug or state of the embassies, part, whether names go there."""
    query = (
        select(Addressee, Official.slug)
        .outerjoin(Official, Official.id == Addressee.official_id)
        .where(Addressee.petition_id == petition(slug).id)
        .order_by(Addressee.position)
    )
    rows = db.session.execute(query)
    return [(name or row.embassies_of, row.part, row.names_go) for row, name in rows]


def aims(slug: str) -> list[tuple[str, set[str]]]:
    """Each ask in order: the state, and the addressees it is aimed at."""
    query = (
        select(Ask.position, Ask.country, Official.slug, Addressee.embassies_of)
        .join(AskAddressee, AskAddressee.ask_id == Ask.id)
        .join(Addressee, Addressee.id == AskAddressee.addressee_id)
        .outerjoin(Official, Official.id == Addressee.official_id)
        .where(Addressee.petition_id == petition(slug).id)
        .order_by(Ask.position)
    )
    found: dict[int, tuple[str, set[str]]] = {}
    for position, country, name, state in db.session.execute(query):
        found.setdefault(position, (country, set()))[1].add(name or state)
    return list(found.values())


@pytest.mark.usefixtures("loaded")
class TestOfficials:
    def test_chairman_is_as_in_the_document(self) -> None:
        text = english(CHAIRMAN)
        assert text.name == "Aleksandr Ivanovich Bastrykin"
        assert text.office == "Chairman of the Investigation Committee of the Russian Federation"
        assert text.organisation == "Investigation Committee of the Russian Federation"
        assert text.salutation == "Dear Chairman of the Investigation Committee"
        assert official(CHAIRMAN).country == "RU"
        assert official(CHAIRMAN).postal_lines.splitlines() == [
            "Tekhnicheskii pereulok, dom 2",
            "105005 Moscow, Russian Federation",
        ]
        faxes = ["+7499 265 90 77", "+7499 265 97 75"]
        assert contacts(CHAIRMAN, ContactKind.FAX) == faxes
        assert contacts(CHAIRMAN, ContactKind.EMAIL) == []

    def test_minister_is_as_in_the_document(self) -> None:
        text = english(MINISTER)
        assert text.name == "Bahodir Ahmedovich Matlubov"
        assert text.office == "Minister of Internal Affairs of Uzbekistan"
        assert text.organisation == "Ministerstvo vnutrennikh del"
        assert text.salutation == "Dear Minister"
        assert official(MINISTER).country == "UZ"
        assert official(MINISTER).postal_lines.splitlines() == [
            "ul. Junus Rajabiy 1",
            "Tashkent 100029",
            "UZBEKISTAN",
        ]
        assert contacts(MINISTER, ContactKind.FAX) == ["+ 998 71 233 89 34"]
        assert contacts(MINISTER, ContactKind.EMAIL) == ["mvd@mvd.uz", "info@mvd.uz"]

    def test_director_is_as_in_the_document_and_has_no_salutation(self) -> None:
        text = english(DIRECTOR)
        assert text.name == "Vladimir Egorovich Pronichev"
        assert text.office == "Deputy Director of FSB, Director of Border Agency"
        assert official(DIRECTOR).country == "RU"
        assert official(DIRECTOR).postal_lines.splitlines() == [
            "Ul. Bolshaia Lubianka, dom 1/3",
            "107031 Moscow, Russian Federation",
        ]
        assert contacts(DIRECTOR, ContactKind.FAX) == ["+7 495 914 26 32"]
        assert contacts(DIRECTOR, ContactKind.EMAIL) == ["fsb@fsb.ru"]
        query = select(OfficialText.salutation)
        assert set(all_of(query.where(OfficialText.official_id == official(DIRECTOR).id))) == {""}

    def test_those_written_to_are_greeted_in_every_language(self) -> None:
        for slug in (CHAIRMAN, MINISTER):
            query = select(OfficialText.language).where(
                OfficialText.official_id == official(slug).id, OfficialText.salutation != ""
            )
            assert set(all_of(query)) == LANGUAGES

    def test_nobody_is_said_to_have_been_checked(self) -> None:
        assert set(all_of(select(Official.checked_on))) == {None}

    def test_embassies_of_both_states_can_be_found_by_country(self) -> None:
        query = select(Official.represents, Accreditation.country).join(
            Accreditation, Accreditation.official_id == Official.id
        )
        found = {tuple(row) for row in db.session.execute(query)}
        assert {("RU", "GB"), ("UZ", "GB"), ("RU", "IE"), ("UZ", "IE")} <= found
        assert {("RU", "US"), ("UZ", "US"), ("RU", "CA"), ("UZ", "CA")} <= found

    def test_one_embassy_serves_two_countries(self) -> None:
        query = select(Accreditation.country).where(
            Accreditation.official_id == official("uz-embassy-london").id
        )
        assert set(all_of(query)) == {"GB", "IE"}


@pytest.mark.usefixtures("loaded")
class TestKasymakhunov:
    def test_person_is_missing_and_what_is_unknown_is_empty(self) -> None:
        query = select(Person).join(Case, Case.id == Person.case_id)
        person = db.session.execute(query.where(Case.slug == KASYMAKHUNOV)).scalar_one()
        assert (person.name, person.gender, person.age) == ("Yusup Kasymakhunov", "m", None)
        assert (person.status, person.status_as_of) == (PersonStatus.MISSING, date(2012, 12, 14))
        assert person.status_since == "2012-12-14"
        assert "Tashkent" in person.believed_held
        assert "Andizhan" in person.believed_held

    def test_case_addresses_both_states(self) -> None:
        case = db.session.execute(select(Case).where(Case.slug == KASYMAKHUNOV)).scalar_one()
        query = select(AddressedState.country).where(AddressedState.case_id == case.id)
        assert set(all_of(query)) == {"RU", "UZ"}
        assert (case.country_of_events, case.time_zone) == ("RU", "Europe/Moscow")
        assert case.number is None
        assert case.published_at is not None

    def test_two_get_names_and_copies_get_none(self) -> None:
        assert addressees(KASYMAKHUNOV) == [
            (CHAIRMAN, Part.TO, True),
            (MINISTER, Part.TO, True),
            (DIRECTOR, Part.COPY, False),
            ("RU", Part.COPY, False),
            ("UZ", Part.COPY, False),
        ]

    def test_each_ask_is_aimed_at_the_state_it_concerns(self) -> None:
        assert aims(KASYMAKHUNOV) == [
            ("RU", {CHAIRMAN, DIRECTOR, "RU"}),
            ("RU", {CHAIRMAN, DIRECTOR, "RU"}),
            ("UZ", {MINISTER, "UZ"}),
        ]

    def test_last_day_is_the_27th_in_moscow(self, now: datetime) -> None:
        found = petition(KASYMAKHUNOV)
        assert (found.state, found.deadline_on) == (PetitionState.OPEN, date(2013, 1, 27))
        assert found.deadline_at() == datetime(2013, 1, 27, 20, tzinfo=UTC)  # midnight in Moscow
        assert found.is_past(now)

    def test_after_the_last_day_a_contact_office_is_asked_first(self, now: datetime) -> None:
        found = petition(KASYMAKHUNOV)
        assert found.after_deadline is AfterDeadline.ASK_FIRST
        assert found.takes_signatures(now)
        for_all = select(ContactOffice.name).where(ContactOffice.country.is_(None))
        assert "section office" in db.session.execute(for_all).scalar_one()

    def test_letters_may_be_in_russian_or_the_signers_own_language(self) -> None:
        query = select(LetterLanguage.language).where(
            LetterLanguage.petition_id == petition(KASYMAKHUNOV).id
        )
        assert set(all_of(query)) == {"own", "ru"}


@pytest.mark.usefixtures("loaded")
class TestKhamidkariev:
    def test_person_is_detained_as_of_no_known_day(self) -> None:
        query = select(Person).join(Case, Case.id == Person.case_id)
        person = db.session.execute(query.where(Case.slug == KHAMIDKARIEV)).scalar_one()
        assert (person.name, person.gender, person.age) == ("Mirsobir Khamidkariev", "m", None)
        assert (person.status, person.status_as_of) == (PersonStatus.DETAINED, None)
        assert person.status_since == "2014-06", "the account gives a month and no day"

    def test_petition_is_open_without_a_last_day(self, now: datetime) -> None:
        found = petition(KHAMIDKARIEV)
        assert (found.state, found.deadline_on) == (PetitionState.OPEN, None)
        assert found.takes_signatures(now)

    def test_one_ask_is_aimed_at_the_chairman(self) -> None:
        assert addressees(KHAMIDKARIEV) == [(CHAIRMAN, Part.TO, True)]
        assert aims(KHAMIDKARIEV) == [("RU", {CHAIRMAN})]

    def test_petition_says_that_the_office_is_the_demonstrations_choice(self) -> None:
        query = select(PetitionText).where(
            PetitionText.title.contains("Khamidkariev"), PetitionText.language == "en"
        )
        text = db.session.execute(query).scalar_one().text
        assert "without naming an office" in text
        assert "is the choice of this demonstration" in text

    def test_story_has_a_narrator_and_a_call_to_act(self) -> None:
        text = db.session.execute(
            select(CaseText)
            .join(Case, Case.id == CaseText.case_id)
            .where(Case.slug == KHAMIDKARIEV, CaseText.language == "en")
        ).scalar_one()
        assert "Illarion Vasiliev" in text.narrator
        assert text.call_to_act
        for fact in ("taxi", "pharmacy", "June 2014", "basement", "two days", "border control"):
            assert fact in text.story, f"the story lost a fact: {fact}"

    def test_two_statements_are_pulled_in_reported_speech(self) -> None:
        rows = all_of(select(PulledStatement))
        assert Counter(row.language for row in rows) == dict.fromkeys(LANGUAGES, 2)
        lawyer = re.compile("lawyer|адвокат|avocat|abogado|advokat|محام", re.IGNORECASE)
        for row in rows:
            assert re.search("Vasiliev|Васильев|فاسيلييف", row.attribution)
            assert lawyer.search(row.text)


@pytest.mark.usefixtures("loaded")
class TestBoth:
    @pytest.mark.parametrize(
        "table", [CaseText, UpdateText, PetitionText, AskText, ConsentText, OfficialText]
    )
    def test_every_text_is_there_in_every_language(self, table: Any) -> None:
        languages = Counter(row.language for row in all_of(select(table)))
        assert set(languages) == LANGUAGES == {"en", *interface_languages()}
        assert len(set(languages.values())) == 1

    @pytest.mark.parametrize("table", [CaseText, PetitionText, AskText, ConsentText])
    def test_no_translation_leaves_out_what_the_original_says(self, table: Any) -> None:
        mapped = sa.inspect(table)
        said: dict[int, dict[str, int]] = {}
        for row in all_of(select(table)):
            told = {column.name: getattr(row, column.name) for column in mapped.columns}
            paragraphs = {
                name: text.count("\n\n") + 1
                for name, text in told.items()
                if isinstance(text, str) and text and name != "language"
            }
            if table is PetitionText:  # the Russian letter is shorter by a sentence or two
                paragraphs = dict.fromkeys(paragraphs, 1)
            key = told[mapped.primary_key[0].name]
            assert said.setdefault(key, paragraphs) == paragraphs, (key, row.language)

    def test_where_a_person_is_held_is_told_in_every_language(self) -> None:
        languages = Counter(all_of(select(PersonText.language)))
        assert languages == dict.fromkeys(LANGUAGES - {"en"}, 2)

    def test_asks_have_two_voices(self) -> None:
        for row in all_of(select(AskText).where(AskText.language == "en")):
            assert row.for_readers.startswith("Urge the ")
            assert row.for_letter.startswith("I urge you to ")

    def test_nothing_is_put_as_a_quotation(self) -> None:
        for row in all_of(select(CaseText)):
            for text in (row.standfirst, row.summary, row.story, row.background):
                assert not {"“", "”", '"'} & set(text)

    def test_risk_is_told_in_the_words_agreed(self) -> None:
        for row in all_of(select(ConsentText).where(ConsentText.language == "en")):
            assert row.risk == (
                "Officials may keep this list. If you, your family, papers or travel connect you "
                "with Russia or Uzbekistan, wherever you live, choose “only count me” or do not "
                "sign."
            )

    def test_consent_names_each_office_that_gets_names_with_its_holder(self) -> None:
        query = (
            select(ConsentText.consent, ConsentText.language, ConsentOffice.addressee_id)
            .join(ConsentOffice, ConsentOffice.consent_version_id == ConsentText.consent_version_id)
            .where(ConsentOffice.names_go, ConsentText.language == "en")
        )
        rows = db.session.execute(query).all()
        assert len(rows) == 3
        for consent, language, addressee_id in rows:
            addressee = db.session.get_one(Addressee, addressee_id)
            text = db.session.get_one(OfficialText, (addressee.official_id, language))
            assert text.office in consent
            assert text.name in consent

    def test_consent_covers_every_addressee_as_it_is(self) -> None:
        named = {row.addressee_id: row.names_go for row in all_of(select(ConsentOffice))}
        assert named == {row.id: row.names_go for row in all_of(select(Addressee))}

    def test_nobody_could_be_asked_and_a_second_organiser_agreed(self) -> None:
        rows = all_of(select(Permission))
        assert len(rows) == 2
        for row in rows:
            assert row.given_by is PermissionGiver.NOBODY
            assert row.covers_name
            assert not row.covers_picture

    def test_dates_that_the_documents_lack_stay_empty(self) -> None:
        assert all_of(select(CaseUpdate.issued_on)) == [None, None]
        assert all_of(select(Case.number)) == [None, None]
        assert all_of(select(Picture)) == []

    def test_organisation_is_invented_and_says_so(self) -> None:
        organisation = db.session.get_one(Organisation, 1)
        assert organisation.demonstration
        assert "invented" in organisation.about
        assert organisation.contact_email.endswith(".example")

    def test_loading_again_changes_nothing(self, keyring: KeyRing, now: datetime) -> None:
        load_demonstration(now, keyring)
        assert db.session.execute(select(func.count(Case.id))).scalar_one() == 2
        assert db.session.execute(select(func.count(Organisation.id))).scalar_one() == 1

    def test_loading_queues_no_mail(self) -> None:
        assert all_of(select(Mail.id)) == []


@pytest.mark.usefixtures("loaded")
class TestSamples:
    def test_samples_are_confirmed_sealed_and_without_address(
        self, keyring: KeyRing, now: datetime
    ) -> None:
        signed = petition(KHAMIDKARIEV)
        assert samples.add_samples(signed, 50, keyring, now) == 50
        opener = opener_for(signed.case_id, keyring)
        rows = all_of(select(Signature).order_by(Signature.id))
        assert len({row.lookup for row in rows}) == 50
        for row in rows:
            assert (row.state, row.confirmed_at) == (SignatureState.CONFIRMED, now)
            assert (row.address_sealed, row.news, row.late) == (None, False, False)
        opened = {
            opener.person(row.data_key_id, row.person_sealed, signed.id, row.order_number).name
            for row in rows
        }
        assert opened == {samples.sample_signer(index).name for index in range(50)}

    def test_samples_after_the_last_day_are_late(self, keyring: KeyRing, now: datetime) -> None:
        samples.add_samples(petition(KASYMAKHUNOV), 2, keyring, now)
        assert all_of(select(Signature.late)) == [True, True]

    def test_samples_come_in_batches_and_tell_their_progress(
        self, keyring: KeyRing, now: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(samples, "BATCH", 4)
        told: list[tuple[int, int]] = []
        samples.add_samples(
            petition(KHAMIDKARIEV), 10, keyring, now, lambda done, of: told.append((done, of))
        )
        assert told == [(4, 10), (8, 10), (10, 10)]

    def test_samples_are_refused_outside_a_demonstration(
        self, keyring: KeyRing, now: datetime
    ) -> None:
        db.session.get_one(Organisation, 1).demonstration = False
        with pytest.raises(samples.NotADemonstration):
            samples.add_samples(petition(KHAMIDKARIEV), 1, keyring, now)


def test_a_number_always_gives_the_same_signer() -> None:
    assert samples.sample_signer(4711) == samples.sample_signer(4711)
    assert len({samples.sample_signer(index).name for index in range(2000)}) > 600


def test_signers_come_from_at_least_25_scripts_at_once() -> None:
    assert len({samples.sample_signer(index).script for index in range(100)}) >= 25


def test_script_of_a_pool_is_the_script_of_its_names() -> None:
    words = {"Han": "CJK", "Myanmar": "MYANMAR", "Oriya": "ORIYA"}
    for signer in map(samples.sample_signer, range(2000)):
        beginning = unicodedata.name(signer.name[0])
        if signer.script != "Han" or not beginning.startswith("HIRAGANA"):
            assert beginning.startswith(words.get(signer.script, signer.script.upper()))


def test_sample_names_and_places_pass_the_rules_for_real_ones() -> None:
    for signer in map(samples.sample_signer, range(5000)):
        assert clean_name(signer.name) == signer.name
        assert clean_place(signer.place) == signer.place
        assert signer.initials


def test_six_of_ten_samples_show_their_name_and_two_are_only_counted() -> None:
    shown = Counter(samples.sample_signer(index).appearance for index in range(10_000))
    assert shown[Appearance.FULL] == pytest.approx(6000, abs=200)
    assert shown[Appearance.INITIALS] == pytest.approx(2000, abs=200)
    assert shown[Appearance.COUNTED] == pytest.approx(2000, abs=200)


def test_nothing_of_a_sample_signer_is_in_its_repr() -> None:
    signer = samples.sample_signer(0)
    assert signer.name not in repr(signer)

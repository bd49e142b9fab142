"""Publishing: what is missing is listed, readers get what is complete, nothing written is lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from petitions.domain import audit, signing
from petitions.domain.bundles import freeze
from petitions.domain.eligibility import counts_by_country
from petitions.domain.fingerprints import fingerprint
from petitions.domain.frozen_letters import kept_letter
from petitions.domain.petition_addressees import (
    MOST_ADDRESSEES,
    Place,
    add_embassies,
    add_official,
    change_addressees,
    places_of,
)
from petitions.domain.petition_asks import MOST_ASKS, Aim, change_asks
from petitions.domain.petition_comparing import compare
from petitions.domain.petition_versions import current, offices_named, published
from petitions.domain.petition_versions import draft as draft_of
from petitions.domain.petition_waiting import authors_of_draft, languages_lost, shown_drafts, waits
from petitions.domain.petition_words import (
    Words,
    consent_of,
    save_consent,
    save_words,
    shown_values,
    words_of,
)
from petitions.domain.petitions import MovedMeanwhile, move, petition_to_change
from petitions.domain.presenting import petition_page
from petitions.domain.publishing import Incomplete, discard_changes, publish, publish_changes
from petitions.domain.recipients import recipient_named, recipients_of
from petitions.domain.site import Site
from petitions.domain.word_changes import Change
from petitions.errors import ChangedMeanwhile, Refused, TransitionRefused
from petitions.extensions import begin_write, db
from petitions.models import (
    AddressedState,
    Addressee,
    AfterDeadline,
    CaseUpdate,
    ConsentOffice,
    ConsentVersion,
    ContactOffice,
    OfficialText,
    Organisation,
    Part,
    Permission,
    PetitionState,
    Signature,
    TextVersion,
    UpdateKind,
)
from tests.domain.cast import form
from tests.domain.petition_cast import (
    ASK,
    ASK_RU,
    Draft,
    aim,
    draft,
    official,
    organiser,
    write,
)


@pytest.fixture
def ready(database: SQLAlchemy, site: Site, now: datetime) -> Draft:
    return draft(site, now)


@pytest.fixture
def live(ready: Draft, now: datetime) -> Draft:
    publish(ready.petition, ready.organiser, now)
    return ready


def test_draft_that_lacks_nothing_opens_with_its_case(ready: Draft, now: datetime) -> None:
    publish(ready.petition, ready.organiser, now)
    assert ready.petition.state is PetitionState.OPEN
    assert ready.case.published_at == now
    page = petition_page(ready.petition, ready.case, ["en"], now)
    assert page.consent is not None
    assert (page.text_number, page.consent_number) == (1, 1)
    offices = offices_named(current(ConsentVersion, ready.petition.id).id)
    assert offices == {ready.minister.id: True, ready.embassies.id: False}
    newest_entry = audit.latest(f"petition {ready.petition.id}")
    assert newest_entry is not None
    assert (newest_entry.action, newest_entry.actor) == (
        "petition opened",
        f"organiser {ready.organiser.id}",
    )


def _no_permission(made: Draft, now: datetime) -> None:
    db.session.execute(db.delete(Permission))


def _no_salutation(made: Draft, now: datetime) -> None:
    db.session.execute(db.update(OfficialText).values(salutation=""))


def _no_address(made: Draft, now: datetime) -> None:
    db.session.execute(db.update(Organisation).values(postal_address=" "))


def _no_controller(made: Draft, now: datetime) -> None:
    db.session.execute(db.update(Organisation).values(controller=""))


def _only_copies(made: Draft, now: datetime) -> None:
    places = [Place(made.minister.id, Part.COPY, False), Place(made.embassies.id, Part.COPY, False)]
    change_addressees(made.petition, places, seen="", author=made.organiser.id, now=now)


def _no_asks(made: Draft, now: datetime) -> None:
    change_asks(made.petition, [], seen="", author=made.organiser.id, now=now)


def _aimless(made: Draft, now: datetime) -> None:
    aims = [Aim(1, "UZ", frozenset())]
    change_asks(made.petition, aims, seen="", author=made.organiser.id, now=now)


def _one_voice(made: Draft, now: datetime) -> None:
    write(made.petition, made.organiser, now, asks=(("Urge them", ""),))


def _no_letter(made: Draft, now: datetime) -> None:
    write(made.petition, made.organiser, now, letter_opening="")


def _no_consent(made: Draft, now: datetime) -> None:
    words = {"risk": "", "consent": "", "news": ""}
    save_consent(made.petition, "en", words, seen="", author=made.organiser.id, now=now)


def _past(made: Draft, now: datetime) -> None:
    made.petition.deadline_on = now.date() - timedelta(days=2)


def _one_ungreeted(made: Draft, now: datetime) -> None:
    clerk = official("clerk", salutation="")
    add_official(made.petition, clerk.id, Part.TO, author=made.organiser.id, now=now)


def _aimed_elsewhere(made: Draft, now: datetime) -> None:
    db.session.add(AddressedState(case_id=made.case.id, country="RU"))
    aims = [Aim(1, "RU", frozenset({made.minister.id, made.embassies.id}))]
    change_asks(made.petition, aims, seen="", author=made.organiser.id, now=now)


def _nobody_to_ask(made: Draft, now: datetime) -> None:
    made.petition.after_deadline = AfterDeadline.ASK_FIRST
    db.session.add(ContactOffice(country="DE", name="Berlin office"))


def _stopped_case(made: Draft, now: datetime) -> None:
    for position, kind in enumerate((UpdateKind.STOP, UpdateKind.CORRECTION), start=1):
        row = CaseUpdate(case_id=made.case.id, position=position, kind=kind, published_at=now)
        db.session.add(row)
    db.session.flush()


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (_stopped_case, "case stopped"),
        (_no_permission, "case: permission"),
        (_no_salutation, "salutation"),
        (_no_address, "organisation address"),
        (_no_controller, "organisation controller"),
        (_only_copies, "to addressee"),
        (_no_asks, "ask"),
        (_aimless, "aimed"),
        (_one_voice, "voices"),
        (_no_letter, "text"),
        (_no_consent, "consent"),
        (_past, "deadline"),
        (_one_ungreeted, "salutation"),
        (_aimed_elsewhere, "aimed elsewhere"),
        (_nobody_to_ask, "contact office"),
    ],
)
def test_what_is_missing_is_listed_with_its_page(
    ready: Draft, now: datetime, spoil: Callable[[Draft, datetime], None], word: str
) -> None:
    spoil(ready, now)
    db.session.flush()
    db.session.expire_all()
    with pytest.raises(Incomplete) as refused:
        publish(ready.petition, ready.organiser, now)
    found = {step.word: step.endpoint for step in refused.value.missing}
    assert word in found
    assert all(found.values())
    assert ready.petition.state is PetitionState.DRAFT
    assert ready.case.published_at is None


def test_case_that_calls_again_after_its_stop_action_opens_petitions_again(
    ready: Draft, now: datetime
) -> None:
    _stopped_case(ready, now)
    call = CaseUpdate(case_id=ready.case.id, position=3, kind=UpdateKind.FURTHER, number=1)
    db.session.add(call)
    with pytest.raises(Incomplete):  # a call that is still a draft calls nobody
        publish(ready.petition, ready.organiser, now)
    call.published_at = now
    publish(ready.petition, ready.organiser, now)
    assert ready.petition.state is PetitionState.OPEN


def test_last_day_is_still_good_for_publishing(ready: Draft) -> None:
    ready.petition.deadline_on = date(2026, 1, 27)  # "before 28 January", in Moscow
    publish(ready.petition, ready.organiser, datetime.fromisoformat("2026-01-27T20:59:00+00:00"))
    assert ready.petition.state is PetitionState.OPEN


def test_author_may_not_publish_alone_where_the_organisation_says_so(
    ready: Draft, now: datetime
) -> None:
    db.session.get_one(Organisation, 1).authors_publish = False
    with pytest.raises(Refused, match="own text"):
        publish(ready.petition, ready.organiser, now)
    publish(ready.petition, organiser("second", now), now)
    assert ready.petition.state is PetitionState.OPEN
    words = {"risk": "Other", "consent": "Words", "news": "News"}
    save_consent(ready.petition, "en", words, seen="", author=ready.organiser.id, now=now)
    assert authors_of_draft(ready.petition.id) == [ready.organiser.id]
    with pytest.raises(Refused, match="own text"):
        publish_changes(ready.petition, ready.organiser, now)


def test_author_of_a_half_written_consent_is_known_in_the_next_draft(
    live: Draft, now: datetime
) -> None:
    db.session.get_one(Organisation, 1).authors_publish = False
    translator, second = organiser("translator", now), organiser("second", now)
    later, latest = now + timedelta(days=1), now + timedelta(days=2)
    half = {"risk": "Риск", "consent": "Да", "news": ""}
    save_consent(live.petition, "ru", half, seen="", author=translator.id, now=now)
    english = {**consent_of(current(ConsentVersion, live.petition.id).id, "en"), "news": "Other"}
    save_consent(live.petition, "en", english, seen="", author=live.organiser.id, now=now)
    publish_changes(live.petition, second, later)

    whole = {**half, "news": "Новости"}
    save_consent(live.petition, "ru", whole, seen="", author=live.organiser.id, now=latest)
    authors = sorted([translator.id, live.organiser.id])
    waiting = draft_of(ConsentVersion, live.petition.id)
    assert waiting is not None
    assert set(authors) <= set(waiting.written_by)
    for author in (translator, live.organiser):
        with pytest.raises(Refused, match="own text"):
            publish_changes(live.petition, author, latest)
    publish_changes(live.petition, second, latest)


def test_consent_keeps_the_offices_in_the_words_that_signers_read(
    live: Draft, now: datetime
) -> None:
    first = published(ConsentVersion, live.petition.id)
    assert first is not None
    add_official(live.petition, official("clerk").id, Part.COPY, author=live.organiser.id, now=now)
    second = published(ConsentVersion, live.petition.id)
    assert second is not None
    db.session.execute(db.update(OfficialText).values(office="Another office"))
    db.session.expire_all()

    def told(version: ConsentVersion) -> list[str]:
        query = db.select(ConsentOffice.office).where(
            ConsentOffice.consent_version_id == version.id
        )
        return sorted(db.session.execute(query).scalars())

    assert told(first) == ["", "minister-anna-b"]
    assert told(second) == ["", "clerk", "minister-anna-b"]


def test_office_in_other_words_than_looked_at_is_not_published(ready: Draft, now: datetime) -> None:
    seen = fingerprint(shown_drafts(ready.petition.id))
    db.session.execute(db.update(OfficialText).values(office="Another office"))
    db.session.expire_all()
    with pytest.raises(ChangedMeanwhile):
        publish(ready.petition, ready.organiser, now, seen=seen)


def test_half_written_language_waits_in_the_next_draft(ready: Draft, now: datetime) -> None:
    write(ready.petition, ready.organiser, now, language="ru", asks=(ASK_RU,), letter_closing="")
    publish(ready.petition, ready.organiser, now)
    page = petition_page(ready.petition, ready.case, ["ru"], now)
    assert page.languages == ("en",)
    waiting = draft_of(TextVersion, ready.petition.id)
    assert waiting is not None
    assert words_of(waiting.id, "ru").text["title"] == "Найдите Анну Б."
    assert words_of(waiting.id, "ru").asks == (ASK_RU,)
    with pytest.raises(Refused, match="nothing complete"):
        publish_changes(ready.petition, ready.organiser, now)


def test_published_version_never_changes_and_signers_keep_it(
    site: Site, live: Draft, now: datetime
) -> None:
    signing.sign(site, live.petition, form(), now)
    before = published(TextVersion, live.petition.id)
    assert before is not None
    told = words_of(before.id, "en")
    write(live.petition, live.organiser, now, title="Where is Anna B?")
    assert words_of(before.id, "en") == told
    assert petition_page(live.petition, live.case, ["en"], now).words.title == "Find Anna B"
    publish_changes(live.petition, live.organiser, now)
    page = petition_page(live.petition, live.case, ["en"], now)
    assert (page.words.title, page.text_number) == ("Where is Anna B?", 2)
    assert words_of(before.id, "en") == told
    signature = db.session.execute(db.select(Signature)).scalar_one()
    assert signature.text_version_id == before.id
    assert not waits(live.petition.id)


def test_asks_changed_later_are_in_bundles_of_those_who_signed_them_alone(
    site: Site, live: Draft, now: datetime
) -> None:
    signing.sign(site, live.petition, form("one@example.org"), now)
    other = ("Urge the authorities to free her", "I urge you to free her")
    write(live.petition, live.organiser, now, asks=(other,))
    publish_changes(live.petition, live.organiser, now)
    for name in ("two", "three"):
        signing.sign(site, live.petition, form(f"{name}@example.org", text_number=2), now)
    for signature in db.session.execute(db.select(Signature)).scalars().all():
        signing.confirm(live.petition, signature.id, now)  # also of those who signed the old asks
    minister = recipient_named(live.petition, "minister-anna-b")
    made = freeze(live.petition, minister, now)
    letters = [kept_letter(bundle) for bundle in made]
    told = [
        (one.eligible, letter.asks) for one, letter in zip(made, letters, strict=True) if letter
    ]
    assert told == [(1, (ASK[1],)), (2, (other[1],))]
    page = petition_page(live.petition, live.case, ["en"], now)
    assert page.asks[0].for_readers == (other[0],)


def test_comparison_shows_what_the_draft_changes(live: Draft, now: datetime) -> None:
    write(live.petition, live.organiser, now, title="Find Anna B today")
    found = compare(live.petition.id)
    assert [(one.field, one.language) for one in found.words] == [("title", "en")]
    assert found.words[0].parts() == [("same", "Find Anna B"), ("in", "today")]
    assert not found.aims


@pytest.mark.parametrize(
    ("before", "after", "parts"),
    [
        ("a b c", "a x c", [("same", "a"), ("out", "b"), ("in", "x"), ("same", "c")]),
        ("a", "a a", [("same", "a"), ("in", "a")]),
        ("a b a", "a", [("same", "a"), ("out", "b a")]),
        ("", "a b", [("in", "a b")]),
        ("a b", "", [("out", "a b")]),
    ],
)
def test_comparison_tells_what_is_out_and_what_is_in(
    before: str, after: str, parts: list[tuple[str, str]]
) -> None:
    assert Change("text", "en", 0, before, after).parts() == parts


def test_comparison_of_long_texts_shows_what_differs_as_a_whole() -> None:
    old = " ".join(f"old{number} same" for number in range(201))
    new = " ".join(f"new{number} same" for number in range(201))
    parts = Change("text", "en", 0, f"Head {old} end.", f"Head {new} end.").parts()
    assert parts == [
        ("same", "Head"),
        ("out", old.removesuffix(" same")),
        ("in", new.removesuffix(" same")),
        ("same", "same end."),
    ]
    short = Change("text", "en", 0, f"{old} one {old}", f"{old} two {old}").parts()
    assert short == [("same", old), ("out", "one"), ("in", "two"), ("same", old)]


def test_new_ask_that_is_not_translated_says_which_language_is_lost(
    ready: Draft, now: datetime
) -> None:
    write(ready.petition, ready.organiser, now, language="ru", asks=(ASK_RU,))
    consent = {"risk": "Риск", "consent": "Да", "news": "Новости"}
    save_consent(ready.petition, "ru", consent, seen="", author=ready.organiser.id, now=now)
    publish(ready.petition, ready.organiser, now)
    both = frozenset({ready.minister.id, ready.embassies.id})
    aims = [Aim(1, "UZ", both), Aim(None, "UZ", both)]
    change_asks(ready.petition, aims, seen="", author=ready.organiser.id, now=now)
    assert languages_lost(ready.petition.id) == ["en", "ru"]
    asks = (("Urge them", "I urge you"),) * 2
    write(ready.petition, ready.organiser, now, asks=asks)
    assert languages_lost(ready.petition.id) == ["ru"]


def test_discarding_leaves_what_is_published(live: Draft, now: datetime) -> None:
    write(live.petition, live.organiser, now, title="Other")
    words = {**consent_of(current(ConsentVersion, live.petition.id).id, "en"), "news": "Other"}
    save_consent(live.petition, "en", words, seen="", author=live.organiser.id, now=now)
    discard_changes(live.petition, live.organiser, now)
    assert not waits(live.petition.id)
    assert petition_page(live.petition, live.case, ["en"], now).words.title == "Find Anna B"
    with pytest.raises(Refused, match="nothing waits"):
        discard_changes(live.petition, live.organiser, now)


def test_only_a_draft_is_published_and_only_a_living_one_changed(
    live: Draft, now: datetime
) -> None:
    with pytest.raises(TransitionRefused):
        publish(live.petition, live.organiser, now)
    write(live.petition, live.organiser, now, title="Other")
    move(live.petition, PetitionState.STOPPED, now, actor="organiser 1", stop_reason="Free.")
    with pytest.raises(TransitionRefused):
        publish_changes(live.petition, live.organiser, now)


def test_lost_race_between_two_organisers_is_told(live: Draft, now: datetime) -> None:
    move(live.petition, PetitionState.PAUSED, now, actor="organiser 1", seen=PetitionState.OPEN)
    with pytest.raises(MovedMeanwhile):
        move(live.petition, PetitionState.CLOSED, now, actor="organiser 2", seen=PetitionState.OPEN)
    # What this session read before the other moved it does not count either.
    db.session.execute(
        db.text("UPDATE petition SET state = 'closed' WHERE id = :id"), {"id": live.petition.id}
    )
    with pytest.raises(MovedMeanwhile):
        move(live.petition, PetitionState.OPEN, now, actor="organiser 2")


def test_office_added_later_gets_only_those_who_sign_from_then_on(
    site: Site, live: Draft, now: datetime
) -> None:
    signing.sign(site, live.petition, form("one@example.org"), now)
    added = add_official(
        live.petition, official("prosecutor").id, Part.TO, author=live.organiser.id, now=now
    )
    aim(live.petition, live.organiser, now, live.minister, added)
    version = published(ConsentVersion, live.petition.id)
    assert version is not None
    assert version.number == 2
    assert consent_of(version.id, "en")["risk"]
    assert offices_named(version.id)[added.id] is True
    signing.sign(site, live.petition, form("two@example.org", consent_number=2), now)
    for signature in db.session.execute(db.select(Signature)).scalars().all():
        signing.confirm(live.petition, signature.id, now)
    text = published(TextVersion, live.petition.id)
    assert text is not None
    totals = {
        recipient.official.slug: sum(
            sum(counts.values()) for counts in counts_by_country(recipient, text).values()
        )
        for recipient in recipients_of(live.petition)
        if recipient.addressee.part is Part.TO
    }
    assert totals == {"minister-anna-b": 2, "prosecutor": 1}


def test_taken_off_a_published_petition_is_kept_and_comes_back(live: Draft, now: datetime) -> None:
    places = places_of(live.petition.id)
    change_addressees(live.petition, places[:1], seen="", author=live.organiser.id, now=now)
    assert live.embassies.removed_at == now
    assert [
        line.id for line in petition_page(live.petition, live.case, ["en"], now).addressees
    ] == [live.minister.id]
    back = add_embassies(live.petition, "UZ", author=live.organiser.id, now=now)
    assert back.id == live.embassies.id
    version = published(ConsentVersion, live.petition.id)
    assert version is not None
    assert (version.number, offices_named(version.id)) == (
        3,
        {live.minister.id: True, live.embassies.id: False},
    )


def test_consent_draft_stays_behind_one_renewed_for_offices(live: Draft, now: datetime) -> None:
    words = {**consent_of(current(ConsentVersion, live.petition.id).id, "en"), "news": "Other"}
    save_consent(live.petition, "en", words, seen="", author=live.organiser.id, now=now)
    add_official(live.petition, official("clerk").id, Part.COPY, author=live.organiser.id, now=now)
    publish_changes(live.petition, live.organiser, now)
    version = published(ConsentVersion, live.petition.id)
    assert version is not None
    assert version.number == 3
    assert consent_of(version.id, "en")["news"] == "Other"
    assert len(offices_named(version.id)) == 3


def test_hidden_case_is_not_published_with(ready: Draft, now: datetime) -> None:
    ready.case.hidden_at, ready.case.hidden_reason = now, "Family asks"
    with pytest.raises(Incomplete) as refused:
        publish(ready.petition, ready.organiser, now)
    assert "case hidden" in {step.word for step in refused.value.missing}


def test_two_who_begin_to_change_a_published_text_share_one_draft(
    app: Flask, live: Draft, now: datetime
) -> None:
    petition_id, author = live.petition.id, live.organiser.id
    db.session.commit()
    words = words_of(current(TextVersion, petition_id).id, "en")
    seen = fingerprint(shown_values(current(TextVersion, petition_id).id, "en", "en"))
    db.session.rollback()
    gate = Barrier(2)

    def change(title: str) -> str:
        new = Words({**words.text, "title": title}, words.asks)
        with app.app_context():
            gate.wait()
            begin_write()
            petition = petition_to_change(petition_id)
            try:
                save_words(petition, "en", new, seen=seen, author=author, now=now)
            except ChangedMeanwhile:
                db.session.rollback()
                return "told"
            db.session.commit()
            return "saved"

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(change, ["One", "Two"]))
    assert told == ["saved", "told"]
    drafts = db.session.execute(db.select(TextVersion).where(TextVersion.published_at.is_(None)))
    assert len(drafts.scalars().all()) == 1


def test_no_petition_has_more_asks_or_addressees_than_fit_on_a_page(
    ready: Draft, now: datetime
) -> None:
    aims = [Aim(None, "UZ", frozenset())] * (MOST_ASKS + 1)
    with pytest.raises(Refused, match="too many asks"):
        change_asks(ready.petition, aims, seen="", author=ready.organiser.id, now=now)
    there = len(places_of(ready.petition.id))
    for number in range(MOST_ADDRESSEES - there):
        row = Addressee(
            petition_id=ready.petition.id,
            position=number + 3,
            part=Part.COPY,
            official_id=official(f"clerk-{number}").id,
            names_go=False,
        )
        db.session.add(row)
    last = official("last")
    with pytest.raises(Refused, match="too many addressees"):
        add_official(ready.petition, last.id, Part.COPY, author=ready.organiser.id, now=now)

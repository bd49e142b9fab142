"""Petitions in the console: what an organiser sees, saves, is refused, and what is left behind."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest
from werkzeug.test import TestResponse

from petitions.domain import audit
from petitions.domain.fingerprints import fingerprint
from petitions.domain.petition_addressees import places_of
from petitions.domain.petition_asks import change_asks
from petitions.domain.petition_versions import current, published
from petitions.domain.petition_versions import draft as draft_of
from petitions.domain.petition_waiting import shown_drafts
from petitions.domain.petition_words import consent_of, words_of
from petitions.domain.petitions import move, petition_to_change
from petitions.domain.publishing import publish, publish_changes
from petitions.models import (
    AddressedState,
    Ask,
    ConsentVersion,
    LetterLanguage,
    OfficialKind,
    OfficialText,
    Organisation,
    Petition,
    PetitionState,
    Role,
    TextVersion,
)
from tests.domain.petition_cast import ASK, ENGLISH, Draft, case_ready, draft, official, write

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

SignedIn = Callable[..., Any]
PAGES = (
    "", "/facts", "/text/en", "/text/ru", "/text/ar", "/consent/en", "/consent/fr", "/asks",
    "/addressees", "/publish", "/preview", "/new-language",
)  # fmt: skip


@pytest.fixture
def ready(database: SQLAlchemy, site: Any, frozen_time: object, now: datetime) -> Draft:
    made = draft(site, now)
    database.session.commit()
    return made


@pytest.fixture
def live(database: SQLAlchemy, ready: Draft, now: datetime) -> Draft:
    publish(ready.petition, ready.organiser, now)
    database.session.commit()
    return ready


@pytest.fixture
def campaigner(frozen_time: object, signed_in: SignedIn) -> Any:
    return signed_in(Role.CAMPAIGNER, name="Olga")


def at(made: Draft, path: str = "") -> str:
    return f"/organiser/petitions/{made.petition.id}{path}"


def form_of(answer: TestResponse, action: str = "") -> dict[str, Any]:
    """What a browser would send if the button of the page's own form were pressed."""
    forms = lxml.html.document_fromstring(answer.text).forms
    posting = [one for one in forms if one.method == "POST" and "/petitions/" in one.action]
    form = next(one for one in posting if action in one.action)
    sent: dict[str, Any] = {}
    for name, value in form.form_values():
        # A browser leaves out the line break that a text area begins with.
        sent.setdefault(name, []).append(value.removeprefix("\n"))
    return {name: values[0] if len(values) == 1 else values for name, values in sent.items()}


def main_text(answer: TestResponse) -> str:
    page = lxml.html.document_fromstring(answer.text)
    return " ".join(page.xpath("//main")[0].text_content().split())


def test_empty_list_teaches_what_to_do(signed_in: SignedIn) -> None:
    page = signed_in(Role.CAMPAIGNER).get("/organiser/petitions/")
    assert "It belongs to a case" in main_text(page)


def test_list_tells_state_case_and_numbers_and_is_filtered(ready: Draft, campaigner: Any) -> None:
    page = campaigner.get("/organiser/petitions/")
    assert "Find Anna B" in main_text(page)
    assert "Anna B is missing" in main_text(page)
    assert "Find Anna B" not in main_text(campaigner.get("/organiser/petitions/?state=open"))
    assert "Find Anna B" in main_text(campaigner.get("/organiser/petitions/?state=draft"))
    assert campaigner.get("/organiser/petitions/?state=nonsense").status_code == 200


def test_pages_of_a_draft_and_of_a_published_petition_show(
    database: SQLAlchemy, ready: Draft, campaigner: Any, now: datetime
) -> None:
    for path in PAGES:
        assert campaigner.get(at(ready, path)).status_code == 200
    publish(ready.petition, ready.organiser, now)
    write(ready.petition, ready.organiser, now, title="Where is Anna B?")
    database.session.commit()
    for path in (*PAGES, "/changes"):
        expected = 303 if path == "/publish" else 200
        assert campaigner.get(at(ready, path)).status_code == expected


def test_begun_with_a_title_and_a_day(
    database: SQLAlchemy, site: Any, campaigner: Any, frozen_time: object, now: datetime
) -> None:
    case = case_ready(site, now)
    page = campaigner.get(f"/organiser/petitions/new/{case.id}")
    assert "the 27th" in page.text
    sent = form_of(page) | {"title": "Тайна Анны", "deadline_on": "2026-04-27"}
    answer = campaigner.post(f"/organiser/petitions/new/{case.id}", data=sent)
    assert answer.status_code == 303
    made = database.session.execute(database.select(Petition)).scalar_one()
    assert (made.state, made.deadline_on) == (PetitionState.DRAFT, date(2026, 4, 27))
    assert re.fullmatch("[a-z-]+", made.slug)
    assert made.time_zone == "Europe/Moscow"
    consent = current(ConsentVersion, made.id)
    assert "those who do harm" in consent_of(consent.id, "en")["risk"]
    letters = database.session.execute(database.select(LetterLanguage.language)).scalars().all()
    assert set(letters) == {"en", "own"}
    shown = campaigner.get(answer.location)
    assert "An addressee of the kind “to”" in main_text(shown)


CANNOT_BEGIN: list[tuple[dict[str, str], str]] = [
    ({"title": " "}, "Write a title."),
    ({"slug": "Anna B"}, "Use small letters"),
    ({"slug": "anna-b"}, "Another petition has this address"),
    ({"deadline_on": "2026-03-13"}, "This day is over"),
    ({"deadline_on": "soon"}, "Write the day as year"),
    ({"language": "xx-nothing"}, "Choose a language"),
]


def test_what_cannot_begin_is_said_beside_its_field(ready: Draft, campaigner: Any) -> None:
    url = f"/organiser/petitions/new/{ready.case.id}"
    for typed, words in CANNOT_BEGIN:
        answer = campaigner.post(url, data=form_of(campaigner.get(url)) | {"title": "New"} | typed)
        assert answer.status_code == 422
        assert words in answer.text
        assert all(value in answer.text for name, value in typed.items() if name != "language")


def test_text_is_saved_and_preview_saves_nothing(
    database: SQLAlchemy, ready: Draft, campaigner: Any
) -> None:
    url = at(ready, "/text/en")
    sent = form_of(campaigner.get(url)) | {"title": "Where is Anna?", "asks-0-for_letter": "I ask"}
    preview = campaigner.post(url, data=sent | {"action": "preview"})
    assert "Where is Anna?" in preview.text
    assert "nothing is saved yet" in preview.text
    assert database.session.get_one(Petition, ready.petition.id)
    version = current(TextVersion, ready.petition.id)
    assert words_of(version.id, "en").text["title"] == "Find Anna B"
    kept = form_of(preview, "/text/en")
    back = campaigner.post(url, data=kept | {"action": "edit"})
    assert form_of(back)["title"] == "Where is Anna?"
    assert campaigner.post(url, data=kept | {"action": "save"}).status_code == 303
    database.session.expire_all()
    words = words_of(version.id, "en")
    assert words.text["title"] == "Where is Anna?"
    assert words.asks == ((ASK[0], "I ask"),)
    assert campaigner.organiser_id in database.session.get_one(TextVersion, version.id).written_by
    entry = audit.latest(f"petition {ready.petition.id}")
    assert entry is not None
    assert (entry.actor, entry.action) == (
        f"organiser {campaigner.organiser_id}",
        "petition text changed",
    )


def test_form_in_the_preview_cannot_be_sent(ready: Draft, campaigner: Any) -> None:
    page = lxml.html.document_fromstring(campaigner.get(at(ready, "/preview")).text)
    form = page.xpath("//form[contains(@action, '/sign')]")[0]
    assert form.xpath("ancestor::fieldset[@disabled]")
    assert not page.xpath("//input[@name='stamp']/@value")[0]


def test_preview_leads_to_no_page_that_does_not_exist(
    database: SQLAlchemy, ready: Draft, campaigner: Any, now: datetime
) -> None:
    def linked() -> list[str]:
        page = lxml.html.document_fromstring(campaigner.get(at(ready, "/preview")).text)
        assert "Write a letter" in page.xpath("string(//p[@class='ways'])")
        return [str(one) for one in page.xpath("//main//a[not(starts-with(@href, '#'))]/@href")]

    for address in linked():
        assert campaigner.get(address).status_code == 200, address
    assert not any("/letters" in address for address in linked())
    publish(ready.petition, ready.organiser, now)
    database.session.commit()
    assert any(campaigner.get(one).status_code == 200 for one in linked() if "/letter" in one)


def test_two_who_write_the_same_text_are_told_and_lose_nothing(
    database: SQLAlchemy, ready: Draft, campaigner: Any, now: datetime
) -> None:
    url = at(ready, "/text/en")
    sent = form_of(campaigner.get(url)) | {"title": "Mine"}
    write(ready.petition, ready.organiser, now, title="Theirs")
    database.session.commit()
    answer = campaigner.post(url, data=sent)
    assert answer.status_code == 409
    assert "Author-Anna-B" in answer.text
    assert "Theirs" in answer.text
    again = form_of(answer)
    assert again["title"] == "Mine"
    assert campaigner.post(url, data=again).status_code == 303
    assert words_of(current(TextVersion, 1).id, "en").text["title"] == "Mine"


def test_asks_in_another_order_meanwhile_are_told_to_the_translator(
    database: SQLAlchemy, ready: Draft, campaigner: Any, signed_in: SignedIn, now: datetime
) -> None:
    asks = at(ready, "/asks")
    more = campaigner.post(asks, data=form_of(campaigner.get(asks)) | {"more": "1"})
    assert campaigner.post(asks, data=form_of(more)).status_code == 303
    words = words_of(current(TextVersion, ready.petition.id).id, "en")
    write(ready.petition, ready.organiser, now, asks=(words.asks[0], ("Urge B", "I urge B")))
    database.session.commit()
    translator = signed_in(Role.TRANSLATOR)
    url = at(ready, "/text/ru")
    sent = form_of(translator.get(url)) | {"asks-0-for_readers": "Первая"}
    turned = form_of(campaigner.get(asks))
    turned |= {"asks-0-position": "2", "asks-1-position": "1"}
    assert campaigner.post(asks, data=turned).status_code == 303
    answer = translator.post(url, data=sent)
    assert answer.status_code == 409
    assert form_of(answer)["asks-0-for_readers"] == "Первая"


def test_asks_are_added_aimed_and_removed(
    database: SQLAlchemy, ready: Draft, campaigner: Any
) -> None:
    url = at(ready, "/asks")
    more = campaigner.post(url, data=form_of(campaigner.get(url)) | {"more": "1"})
    sent = form_of(more) | {"asks-1-addressees": str(ready.minister.id), "asks-1-position": "1"}
    sent["asks-0-position"] = "2"
    answer = campaigner.post(url, data=sent)
    assert "/text/en" in answer.location
    version = current(TextVersion, ready.petition.id)
    words = words_of(version.id, "en")
    assert words.asks == (("", ""), ASK)
    removed = form_of(campaigner.get(url)) | {"asks-0-remove": "y"}
    assert campaigner.post(url, data=removed).status_code == 303
    assert words_of(version.id, "en").asks == (ASK,)
    assert database.session.execute(database.select(Ask)).scalars().one().position == 1


def test_ask_at_a_state_that_is_not_addressed_is_refused(ready: Draft, campaigner: Any) -> None:
    url = at(ready, "/asks")
    answer = campaigner.post(url, data=form_of(campaigner.get(url)) | {"asks-0-country": "FR"})
    assert answer.status_code == 422
    assert "Aim each ask at a state that the case is addressed to." in answer.text


def test_asks_changed_by_another_meanwhile_keep_a_row_each(
    database: SQLAlchemy, ready: Draft, campaigner: Any, signed_in: SignedIn
) -> None:
    url = at(ready, "/asks")
    sent = form_of(campaigner.get(url)) | {"asks-0-addressees": str(ready.minister.id)}
    other = signed_in(Role.CAMPAIGNER)
    more = form_of(other.post(url, data=form_of(other.get(url)) | {"more": "1"}))
    assert other.post(url, data=more).status_code == 303
    answer = campaigner.post(url, data=sent)
    assert answer.status_code == 409
    assert campaigner.post(url, data=form_of(answer)).status_code == 303
    rows = database.session.execute(database.select(Ask)).scalars().all()
    assert len(rows) == 2


def test_official_is_added_and_names_to_a_copy_need_a_reason(
    database: SQLAlchemy, ready: Draft, campaigner: Any
) -> None:
    clerk = official("clerk", country="RU")
    database.session.commit()
    url = at(ready, "/addressees")
    page = campaigner.get(url)
    assert "clerk" in page.text
    assert f'href="/organiser/officials/{ready.minister.id}"' in page.text  # names, salutation
    sent = form_of(page) | {"action": "add", "official_id": str(clerk.id), "new_part": "copy"}
    assert campaigner.post(url, data=sent).status_code == 303
    form = form_of(campaigner.get(url)) | {"addressees-2-names_go": "y"}
    answer = campaigner.post(url, data=form)
    assert answer.status_code == 422
    assert "Names go to copies only for a reason." in answer.text
    form["addressees-2-names_reason"] = "The clerk keeps the list"
    assert campaigner.post(url, data=form).status_code == 303
    database.session.expire_all()
    place = places_of(ready.petition.id)[2]
    assert (place.names_go, place.names_reason) == (True, "The clerk keeps the list")
    form = form_of(campaigner.get(url)) | {"addressees-2-remove": "y"}
    assert campaigner.post(url, data=form).status_code == 303
    assert len(places_of(ready.petition.id)) == 2


def test_addressee_added_by_another_meanwhile_is_not_taken_off(
    database: SQLAlchemy, ready: Draft, campaigner: Any, signed_in: SignedIn
) -> None:
    clerk = official("clerk")
    database.session.commit()
    url = at(ready, "/addressees")
    sent = form_of(campaigner.get(url))
    other = signed_in(Role.CAMPAIGNER)
    added = form_of(other.get(url)) | {"official_id": str(clerk.id)}
    added |= {"action": "add", "new_part": "to"}
    other.post(url, data=added)
    answer = campaigner.post(url, data=sent)
    assert answer.status_code == 409
    assert campaigner.post(url, data=form_of(answer)).status_code == 303
    assert len(places_of(ready.petition.id)) == 3


def test_addressee_added_to_a_published_petition_makes_a_new_consent(
    database: SQLAlchemy, live: Draft, campaigner: Any
) -> None:
    clerk = official("clerk")
    database.session.commit()
    url = at(live, "/addressees")
    page = campaigner.get(url)
    assert "Whoever signs from now on" in main_text(page)
    sent = form_of(page) | {"action": "add", "official_id": str(clerk.id), "new_part": "to"}
    campaigner.post(url, data=sent)
    version = published(ConsentVersion, live.petition.id)
    assert version is not None
    assert version.number == 2
    assert "no ask is aimed here" in main_text(campaigner.get(at(live)))


def test_facts_are_saved_and_the_address_is_fixed_once_published(
    database: SQLAlchemy, ready: Draft, campaigner: Any, now: datetime
) -> None:
    url = at(ready, "/facts")
    sent = form_of(campaigner.get(url)) | {
        "slug": "anna",
        "goal": "5000",
        "deadline_on": "2026-04-27",
        "letter_languages-0": "ru",
        "after_deadline": "mark late",
        "publish_proof": "y",
    }
    assert campaigner.post(url, data=sent).status_code == 303
    database.session.expire_all()
    made = database.session.get_one(Petition, ready.petition.id)
    assert (made.slug, made.goal, made.after_deadline) == ("anna", 5000, "mark late")
    publish(made, ready.organiser, now)
    database.session.commit()
    sent = form_of(campaigner.get(url))
    assert "slug" not in sent
    answer = campaigner.post(url, data=sent | {"slug": "other"})
    assert answer.status_code == 422
    assert database.session.get_one(Petition, made.id).slug == "anna"


CANNOT_BE: list[tuple[dict[str, str], str]] = [
    ({"goal": "many"}, "Write a whole number"),
    ({"goal": "0"}, "above zero"),
    ({"goal": "99999999999999999999"}, "above zero"),
    ({"deadline_on": "2026-01-01"}, "This day is over"),
    ({"time_zone": "Mars/Base"}, "Choose a time zone"),
    ({"letter_languages-0": "", "letter_languages-1": ""}, "at least one language"),
    ({"after_deadline": "explode"}, "Choose one of these."),
]


def test_facts_that_cannot_be_are_refused(ready: Draft, campaigner: Any) -> None:
    url = at(ready, "/facts")
    for typed, words in CANNOT_BE:
        answer = campaigner.post(url, data=form_of(campaigner.get(url)) | typed)
        assert answer.status_code == 422
        assert words in answer.text


def test_facts_changed_meanwhile_are_told(
    database: SQLAlchemy, ready: Draft, campaigner: Any
) -> None:
    url = at(ready, "/facts")
    sent = form_of(campaigner.get(url)) | {"goal": "100"}
    ready.petition.goal = 70
    answer = campaigner.post(url, data=sent)
    assert answer.status_code == 409
    assert form_of(answer)["goal"] == "100"
    assert campaigner.post(url, data=form_of(answer)).status_code == 303
    database.session.expire_all()
    assert database.session.get_one(Petition, ready.petition.id).goal == 100


def test_consent_suggests_words_and_saves_them(
    database: SQLAlchemy, ready: Draft, campaigner: Any
) -> None:
    url = at(ready, "/consent/ru")
    page = campaigner.get(url)
    assert "These words are a suggestion" in page.text
    assert campaigner.post(url, data=form_of(page)).status_code == 303
    version = current(ConsentVersion, ready.petition.id)
    assert "политические" in consent_of(version.id, "ru")["consent"]
    typed = form_of(campaigner.get(url)) | {"risk": "Другой риск", "action": "preview"}
    preview = campaigner.post(url, data=typed)
    assert "nothing is saved yet" in preview.text
    assert "suggestion" not in campaigner.get(url).text


def test_missing_things_are_listed_with_links_and_then_it_opens(
    database: SQLAlchemy, ready: Draft, campaigner: Any
) -> None:
    sent = form_of(campaigner.get(at(ready, "/publish")), "/publish")
    database.session.execute(database.update(OfficialText).values(salutation=""))
    database.session.commit()
    url = at(ready, "/publish")
    page = campaigner.get(url)
    assert not [one for one in lxml.html.document_fromstring(page.text).forms if url in one.action]
    answer = campaigner.post(url, data=sent)
    assert answer.status_code == 422
    assert "A salutation for minister-anna-b" in answer.text
    assert f"/organiser/officials/{ready.minister.official_id}" in answer.text
    database.session.execute(database.update(OfficialText).values(salutation="Dear Minister"))
    database.session.commit()
    assert campaigner.post(url, data=form_of(campaigner.get(url), "/publish")).status_code == 303
    database.session.expire_all()
    assert database.session.get_one(Petition, ready.petition.id).state is PetitionState.OPEN
    public = campaigner.get("/petitions/anna-b")
    assert "Find Anna B" in public.text
    assert campaigner.post_form(url).status_code == 303


def test_text_changed_after_it_was_looked_at_is_not_published_unseen(
    database: SQLAlchemy, ready: Draft, campaigner: Any, now: datetime
) -> None:
    url = at(ready, "/publish")
    sent = form_of(campaigner.get(url), "/publish")
    write(ready.petition, ready.organiser, now, title="Something else")
    database.session.commit()
    assert campaigner.post(url, data=sent).status_code == 409
    database.session.expire_all()
    assert database.session.get_one(Petition, ready.petition.id).state is PetitionState.DRAFT


def test_own_text_is_published_by_somebody_else(
    database: SQLAlchemy, ready: Draft, campaigner: Any, signed_in: SignedIn, now: datetime
) -> None:
    database.session.get_one(Organisation, 1).authors_publish = False
    write(ready.petition, database.session.get_one(type(ready.organiser), campaigner.organiser_id),
          now, title="By Olga")  # fmt: skip
    database.session.commit()
    url = at(ready, "/publish")
    assert "Somebody else publishes it" in campaigner.get(url).text
    assert "Publish" not in [
        button.text
        for button in lxml.html.document_fromstring(campaigner.get(url).text).xpath(
            "//main//button"
        )
    ]
    second = signed_in(Role.ADMIN)
    sent = form_of(second.get(url), "/publish")
    refused = campaigner.post_form(url, {"seen": sent["seen"]})
    assert refused.status_code == 422
    assert "somebody else publishes it" in refused.text
    assert second.post(url, data=sent).status_code == 303


def test_changes_of_a_published_petition_wait_are_compared_and_published(
    database: SQLAlchemy, live: Draft, campaigner: Any
) -> None:
    url = at(live, "/text/en")
    sent = form_of(campaigner.get(url)) | {"title": "Find Anna B now"}
    assert campaigner.post(url, data=sent).status_code == 303
    assert "Find Anna B now" not in campaigner.get("/petitions/anna-b").text
    assert "Changes wait to be published" in campaigner.get(at(live)).text
    assert "Find Anna B now" in campaigner.get(at(live, "/preview")).text
    page = campaigner.get(at(live, "/changes"))
    new = lxml.html.document_fromstring(page.text).xpath("//ins/text()")
    assert new == ["now"]
    sent = form_of(page, "/changes/publish")
    assert campaigner.post(at(live, "/changes/publish"), data=sent).status_code == 303
    assert "Find Anna B now" in campaigner.get("/petitions/anna-b").text
    assert campaigner.get(at(live, "/changes")).status_code == 303
    assert campaigner.post_form(at(live, "/changes/publish")).status_code == 303


def test_changes_are_discarded(database: SQLAlchemy, live: Draft, campaigner: Any) -> None:
    url = at(live, "/text/en")
    campaigner.post(url, data=form_of(campaigner.get(url)) | {"title": "Other"})
    sent = form_of(campaigner.get(at(live, "/changes")), "/changes/discard")
    campaigner.post(url, data=form_of(campaigner.get(url)) | {"text": "Written meanwhile"})
    answer = campaigner.post(at(live, "/changes/discard"), data=sent)
    assert answer.status_code == 409
    assert "It was changed meanwhile" in answer.text
    sent = form_of(answer, "/changes/discard")
    assert campaigner.post(at(live, "/changes/discard"), data=sent).status_code == 303
    assert draft_of(TextVersion, live.petition.id) is None
    assert ENGLISH["title"] in campaigner.get(at(live)).text


def test_saving_without_a_change_begins_no_draft(live: Draft, campaigner: Any) -> None:
    for path in ("/text/en", "/consent/en", "/asks"):
        url = at(live, path)
        assert campaigner.post(url, data=form_of(campaigner.get(url))).status_code == 303
    assert draft_of(TextVersion, live.petition.id) is None
    assert draft_of(ConsentVersion, live.petition.id) is None


def test_states_move_by_buttons_that_say_what_happens(
    database: SQLAlchemy, live: Draft, campaigner: Any
) -> None:
    page = campaigner.get(at(live))
    assert "Signatures that were sent can still be confirmed" in main_text(page)
    buttons = lxml.html.document_fromstring(page.text).xpath("//form[contains(@action, '/move/')]")
    assert [form.action.rpartition("/")[2] for form in buttons] == ["paused", "closed"]
    for to in ("paused", "open", "closed"):
        sent = form_of(campaigner.get(at(live)), f"/move/{to}")
        assert campaigner.post(at(live, f"/move/{to}"), data=sent).status_code == 303
        database.session.expire_all()
        assert database.session.get_one(Petition, live.petition.id).state == to
    entry = audit.latest(f"petition {live.petition.id}")
    assert entry is not None
    assert entry.action == "petition closed"
    page = campaigner.get(at(live, "/move/archived"))
    assert "This cannot be undone" in main_text(page)
    assert campaigner.post(at(live, "/move/archived"), data=form_of(page)).status_code == 303
    for path in ("/text/en", "/consent/en", "/asks", "/facts", "/addressees"):
        refused = campaigner.post(at(live, path), data=form_of(campaigner.get(at(live, path))))
        assert refused.status_code == 422
        assert "archived" in refused.text


def test_stopping_needs_a_reason_that_readers_see(
    database: SQLAlchemy, live: Draft, campaigner: Any
) -> None:
    url = at(live, "/move/stopped")
    sent = form_of(campaigner.get(url))
    refused = campaigner.post(url, data=sent)
    assert refused.status_code == 422
    assert "Write the reason. Readers will see it." in refused.text
    assert campaigner.post(url, data=sent | {"reason": "She is free."}).status_code == 303
    assert "She is free." in campaigner.get("/petitions/anna-b").text


def test_lost_race_is_told_and_keeps_the_reason(
    database: SQLAlchemy, live: Draft, campaigner: Any, now: datetime
) -> None:
    stop = form_of(campaigner.get(at(live, "/move/stopped"))) | {"reason": "She is free."}
    close = form_of(campaigner.get(at(live)), "/move/closed")
    actor = f"organiser {live.organiser.id}"
    move(live.petition, PetitionState.PAUSED, now, actor=actor)
    database.session.commit()
    refused = campaigner.post(at(live, "/move/stopped"), data=stop)
    assert refused.status_code == 409
    assert "Author-Anna-B" in refused.text
    assert form_of(refused)["reason"] == "She is free."
    campaigner.post(at(live, "/move/closed"), data=close)
    told = campaigner.get(at(live))
    assert "Nothing was changed: the petition is paused now." in told.text
    database.session.expire_all()
    assert database.session.get_one(Petition, live.petition.id).state is PetitionState.PAUSED
    assert campaigner.get(at(live, "/move/archived")).status_code == 303
    assert campaigner.get(at(live, "/move/nonsense")).status_code == 404


def test_translator_writes_texts_and_nothing_else(
    database: SQLAlchemy, ready: Draft, signed_in: SignedIn
) -> None:
    translator = signed_in(Role.TRANSLATOR)
    shown = translator.get(at(ready)).text
    assert at(ready, "/text/ru") in shown
    assert at(ready, "/addressees") not in shown
    url = at(ready, "/text/ru")
    sent = form_of(translator.get(url)) | {"title": "Где Анна?"}
    assert translator.post(url, data=sent).status_code == 303
    for path in ("/facts", "/asks", "/addressees"):
        assert translator.get(at(ready, path)).status_code == 403
    for path in ("/publish", "/move/closed", "/changes/publish", "/changes/discard"):
        assert translator.post_form(at(ready, path)).status_code == 403


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.DELIVERER])
def test_others_look_and_change_nothing(ready: Draft, signed_in: SignedIn, role: Role) -> None:
    one = signed_in(role)
    assert one.get(at(ready)).status_code == 200
    assert one.get(at(ready, "/preview")).status_code == 200
    for path in ("/text/en", "/consent/en", "/facts", "/asks", "/addressees"):
        assert one.get(at(ready, path)).status_code == 403


def test_what_is_not_there_is_not_found(ready: Draft, campaigner: Any) -> None:
    assert campaigner.get("/organiser/petitions/99").status_code == 404
    assert campaigner.get("/organiser/petitions/new/99").status_code == 404
    assert campaigner.get(at(ready, "/text/nonsense")).status_code == 404


def test_long_line_is_refused_and_kept(ready: Draft, campaigner: Any, now: datetime) -> None:
    url = at(ready, "/text/en")
    answer = campaigner.post(url, data=form_of(campaigner.get(url)) | {"title": "x" * 301})
    assert answer.status_code == 422
    assert "x" * 301 in answer.text


def test_pausing_can_be_undone(database: SQLAlchemy, live: Draft, campaigner: Any) -> None:
    sent = form_of(campaigner.get(at(live)), "/move/paused")
    campaigner.post(at(live, "/move/paused"), data=sent)
    told = campaigner.get(at(live))
    undo = lxml.html.document_fromstring(told.text).xpath("//*[@class='flash done']//form")[0]
    assert campaigner.post(undo.action, data=dict(undo.form_values())).status_code == 303
    database.session.expire_all()
    assert database.session.get_one(Petition, live.petition.id).state is PetitionState.OPEN


def test_ask_gone_meanwhile_leaves_what_was_typed_for_it(
    database: SQLAlchemy, ready: Draft, campaigner: Any, now: datetime
) -> None:
    url = at(ready, "/text/en")
    sent = form_of(campaigner.get(url)) | {"asks-0-for_readers": "Words for an ask that goes"}
    change_asks(ready.petition, [], seen="", author=ready.organiser.id, now=now)
    database.session.commit()
    for action, status in (("save", 409), ("edit", 200)):
        answer = campaigner.post(url, data=sent | {"action": action})
        assert answer.status_code == status
        assert "Words for an ask that goes" in answer.text


def test_taking_off_can_be_undone(database: SQLAlchemy, live: Draft, campaigner: Any) -> None:
    url = at(live, "/addressees")
    before = places_of(live.petition.id)
    for number in ("0", "1"):
        taken = form_of(campaigner.get(url)) | {f"addressees-{number}-remove": "y"}
        assert campaigner.post(url, data=taken).status_code == 303
        page = lxml.html.document_fromstring(campaigner.get(url).text)
        undo = page.xpath("//*[@class='flash done']//form")[0]
        assert len(places_of(live.petition.id)) == 1
        assert campaigner.post(undo.action, data=dict(undo.form_values())).status_code == 303
        database.session.expire_all()
        assert {one.id for one in places_of(live.petition.id)} == {one.id for one in before}


@pytest.mark.parametrize("path", ["/publish", "/text/en", "/consent/en", "/asks", "/addressees"])
def test_form_that_saw_nothing_is_told_what_stands_there(
    database: SQLAlchemy, ready: Draft, campaigner: Any, path: str
) -> None:
    sent = form_of(campaigner.get(at(ready, path)))
    del sent["seen"]
    answer = campaigner.post(at(ready, path), data=sent)
    assert answer.status_code == 409
    database.session.expire_all()
    assert database.session.get_one(Petition, ready.petition.id).state is PetitionState.DRAFT


def test_changes_are_neither_published_nor_discarded_unseen(
    database: SQLAlchemy, live: Draft, campaigner: Any
) -> None:
    url = at(live, "/text/en")
    campaigner.post(url, data=form_of(campaigner.get(url)) | {"title": "Other"})
    for action in ("publish", "discard"):
        assert campaigner.post_form(at(live, f"/changes/{action}")).status_code == 409
    assert draft_of(TextVersion, live.petition.id) is not None
    assert campaigner.post_form(at(live, "/move/paused")).status_code == 303
    database.session.expire_all()
    assert database.session.get_one(Petition, live.petition.id).state is PetitionState.OPEN


def test_draft_is_opened_by_publishing_alone(
    database: SQLAlchemy, ready: Draft, campaigner: Any
) -> None:
    for sent in ({}, {"from": "draft"}):
        assert campaigner.post_form(at(ready, "/move/open"), sent).status_code == 303
        database.session.expire_all()
        assert database.session.get_one(Petition, ready.petition.id).state is PetitionState.DRAFT


@pytest.mark.parametrize(
    ("path", "row", "most"),
    [
        ("/asks", "asks-{}-country", 40),
        ("/addressees", "addressees-{}-part", 200),
        ("/facts", "letter_languages-{}", 40),
        ("/text/en", "asks-{}-for_readers", 40),
    ],
)
def test_more_rows_than_fit_are_refused(
    ready: Draft, campaigner: Any, path: str, row: str, most: int
) -> None:
    sent = form_of(campaigner.get(at(ready, path)))
    many = {row.format(number): "UZ" for number in (*range(2, most + 60), "²", "9" * 40)}
    answer = campaigner.post(at(ready, path), data={**many, **sent})
    assert answer.status_code == 422
    assert f"At most {most} rows fit here" in answer.text
    assert len(places_of(ready.petition.id)) == 2


def test_number_that_no_row_can_have_is_refused(ready: Draft, campaigner: Any) -> None:
    sent = form_of(campaigner.get(at(ready, "/asks")))
    for number in ("9" * 30, str(2**63), "-1", "0"):
        answer = campaigner.post(at(ready, "/asks"), data={**sent, "asks-0-addressees": number})
        assert answer.status_code == 422
        added = {"official_id": number, "part": "to"}
        answer = campaigner.post_form(at(ready, "/addressees/add"), added)
        assert answer.status_code in {303, 404}


def test_ask_aimed_at_another_state_is_warned_of_and_not_published(
    database: SQLAlchemy, ready: Draft, campaigner: Any
) -> None:
    database.session.add(AddressedState(case_id=ready.case.id, country="RU"))
    database.session.commit()
    url = at(ready, "/asks")
    more = form_of(campaigner.post(url, data=form_of(campaigner.get(url)) | {"more": "1"}))
    assert more["asks-1-country"] == ""  # two states: nobody chooses one for the organiser
    answer = campaigner.post(url, data=form_of(campaigner.get(url)) | {"asks-0-country": "RU"})
    assert answer.location == url
    told = "Ask 1 is for Russia, but none of its addressees is"
    assert told in main_text(campaigner.get(url))
    assert told in main_text(campaigner.get(at(ready, "/publish")))
    campaigner.post(url, data=form_of(campaigner.get(url)) | {"asks-0-country": "UZ"})
    assert told not in main_text(campaigner.get(url))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("typed", ["1,000", "1.000", "1 000", "1’000", "1000"])
def test_goal_may_have_marks_between_thousands(
    database: SQLAlchemy, ready: Draft, campaigner: Any, typed: str
) -> None:
    url = at(ready, "/facts")
    answer = campaigner.post(url, data=form_of(campaigner.get(url)) | {"goal": typed})
    assert answer.status_code == 303
    database.session.expire_all()
    assert database.session.get_one(Petition, ready.petition.id).goal == 1000


def test_page_names_the_case_and_says_that_there_is_no_last_day(
    ready: Draft, campaigner: Any
) -> None:
    told = main_text(campaigner.get(at(ready)))
    assert "Case: Anna B is missing" in told
    assert "There is no last day" in told


def test_adding_saves_what_was_changed_above_and_asks_for_the_part(
    database: SQLAlchemy, ready: Draft, campaigner: Any
) -> None:
    clerk = official("clerk", salutation="", country="RU")
    clerk.kind, clerk.represents = OfficialKind.EMBASSY, "UZ"
    database.session.commit()
    url = at(ready, "/addressees")
    page = campaigner.get(url)
    assert "clerk, of Uzbekistan in: Russia – no salutation yet" in page.text
    sent = form_of(page) | {"action": "add", "official_id": str(clerk.id)}
    sent.pop("addressees-0-names_go")
    assert "new_part" not in sent
    entered = form_of(campaigner.get(f"{url}?added={clerk.id}"))
    assert (entered["official_id"], entered["new_part"]) == (str(clerk.id), "copy")
    refused = campaigner.post(url, data=sent)
    assert refused.status_code == 422
    assert "Choose “to” or “copy”." in refused.text
    typed = form_of(refused)
    assert (typed["official_id"], typed["new_part"]) == (str(clerk.id), "copy")
    assert "addressees-0-names_go" not in typed
    assert campaigner.post(url, data=typed | {"action": "add"}).status_code == 303
    database.session.expire_all()
    places = places_of(ready.petition.id)
    assert (len(places), places[0].names_go, places[2].part) == (3, False, "copy")


def test_words_of_an_older_version_are_compared_and_used_again_by_the_ordinary_way(
    live: Draft, signed_in: SignedIn, database: SQLAlchemy, now: datetime
) -> None:
    client = signed_in(Role.CAMPAIGNER)
    at = f"/organiser/petitions/{live.petition.id}"
    first = words_of(published_id(live), "en").text["title"]
    form = typed_at(client, f"{at}/text/en")
    assert client.post_form(f"{at}/text/en", {**form, "title": "Let her go"}).status_code == 303
    assert "Version 2" not in client.get(f"{at}/versions").text, "it is not published yet"
    publish_changes_of(live, database, now)
    assert "Version 2" in client.get(f"{at}/versions").text
    second = client.get(f"{at}/versions/2")
    shown = lxml.html.document_fromstring(second.text)
    assert " ".join(shown.xpath("//main//ins/text()")) == "Let her go"
    assert " ".join(shown.xpath("//main//del/text()")) == first
    assert "Use these words again" not in second.text
    assert client.get(f"{at}/versions/3").status_code == 404
    before = lxml.html.document_fromstring(client.get(f"{at}/versions/1").text)
    [again] = before.xpath("//section[@id='again']//a[contains(@href, '/en?')]/@href")
    form = typed_at(client, again)
    assert form["title"] == first
    assert client.post_form(f"{at}/text/en", form).status_code == 303
    waiting = draft_of(TextVersion, live.petition.id)
    assert waiting is not None
    assert words_of(waiting.id, "en").text["title"] == first
    assert waiting.number == 3


def published_id(live: Draft) -> int:
    found = published(TextVersion, live.petition.id)
    assert found is not None
    return found.id


def typed_at(client: Any, url: str) -> dict[str, Any]:
    shown = lxml.html.document_fromstring(client.get(url).text)
    form = shown.xpath("//div[@class='console-body']//form")[-1]
    return {name: value for name, value in form.form_values() if name != "csrf_token"}


def publish_changes_of(live: Draft, database: SQLAlchemy, now: datetime) -> None:
    petition = petition_to_change(live.petition.id)
    publish_changes(petition, live.organiser, now, seen=fingerprint(shown_drafts(petition.id)))
    database.session.commit()

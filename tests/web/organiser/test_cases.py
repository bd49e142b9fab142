"""Cases in the console: begun, told, permitted, shown in pictures, updated, hidden."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from petitions import clock
from petitions.domain import audit, cases
from petitions.models import (
    Case,
    CaseDraft,
    CaseText,
    CaseTextVersion,
    CaseUpdate,
    Organisation,
    Organiser,
    Permission,
    Person,
    PersonName,
    Petition,
    PetitionState,
    Picture,
    Role,
)
from tests.pages import CheckingClient
from tests.web.organiser.conftest import OrganisersClient

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

SignedIn = Callable[..., OrganisersClient]


@pytest.fixture
def vera(signed_in: SignedIn) -> OrganisersClient:
    return signed_in(Role.CAMPAIGNER, name="Vera")


@pytest.fixture
def case(database: SQLAlchemy, site: Any, vera: OrganisersClient) -> Case:
    organiser = database.session.get(Organiser, vera.organiser_id)
    assert organiser is not None
    made = cases.create(
        title="Anna B: missing since May",
        language="en",
        people=["Anna B"],
        states=["UZ"],
        organiser=organiser,
        keyring=site.keyring,
        now=clock.now(),
    )
    database.session.commit()
    return made


@pytest.fixture
def published(case: Case, vera: OrganisersClient) -> Case:
    save_text(vera, case, summary="She did not come home.")
    permit(vera, case)
    answer = publish(vera, case)
    assert answer.status_code == 303
    return case


def at(case: Case) -> str:
    return f"/organiser/cases/{case.id}"


def form_of(client: OrganisersClient, url: str, number: int = -1) -> dict[str, Any]:
    """What the page's form would send, of those in its body."""
    page = lxml.html.document_fromstring(client.get(url).text)
    forms = page.xpath("//div[@class='console-body']//form")
    values = {k: v for k, v in forms[number].form_values() if k not in {"csrf_token", "more"}}
    return {name: value.removeprefix("\n") for name, value in values.items()}  # as browsers do


def save_text(
    client: OrganisersClient, case: Case, language: str = "en", **typed: str
) -> TestResponse:
    url = f"{at(case)}/text/{language}"
    return client.post_form(url, {**form_of(client, url), "action": "save", **typed})


def permit(client: OrganisersClient, case: Case, **typed: Any) -> TestResponse:
    given = {
        "given_by": "family",
        "covers": ["name", "picture", "place", "story"],
        "given_on": "2026-01-02",
    }
    return client.post_form(f"{at(case)}/permission", {**given, **typed})


def publish(client: OrganisersClient, case: Case) -> TestResponse:
    """Press the button of the case's page."""
    return client.post_form(f"{at(case)}/publish", {"seen": seen_by(client, case)})


def seen_by(client: OrganisersClient, case: Case) -> str:
    page = lxml.html.document_fromstring(client.get(at(case)).text)
    return next(
        iter(page.xpath("//form[contains(@action, 'publish')]//*[@name='seen']/@value")), ""
    )


def jpeg() -> io.BytesIO:
    written = io.BytesIO()
    Image.new("RGB", (320, 240), "teal").save(written, "JPEG")
    written.seek(0)
    return written


def words_of(answer: TestResponse) -> str:
    return " ".join(lxml.html.document_fromstring(answer.text).text_content().split())


def test_empty_list_teaches_and_leads_on(vera: OrganisersClient) -> None:
    page = vera.get("/organiser/cases/")
    assert "No case yet" in page.text
    assert 'href="/organiser/cases/new"' in page.text


def test_case_begins_with_title_language_names_and_states(
    vera: OrganisersClient, database: SQLAlchemy
) -> None:
    assert vera.get("/organiser/cases/new").status_code == 200
    typed = {
        "title": "Мирсобир Хамидкариев: похищен",
        "language": "ru",
        "people-0": "Мирсобир Хамидкариев",
        "states-0": "RU",
        "states-1": "UZ",
    }
    answer = vera.post_form("/organiser/cases/new", {**typed, "action": "save"})
    assert answer.status_code == 303
    case = database.session.execute(select(Case)).scalar_one()
    assert (case.slug, case.source_language) == ("mirsobir-khamidkariev", "ru")
    page = vera.get(answer.location)
    assert "A permission to publish" in page.text
    assert "The case is begun" in page.text
    listed = words_of(vera.get("/organiser/cases/"))
    assert "Мирсобир Хамидкариев: похищен" in listed
    assert "Russia, Uzbekistan" in listed
    assert "draft" in listed


def test_refused_beginning_keeps_what_was_typed(
    vera: OrganisersClient, database: SQLAlchemy
) -> None:
    answer = vera.post_form("/organiser/cases/new", {"title": "Half a case", "language": "xx"})
    assert answer.status_code == 422
    assert 'value="Half a case"' in answer.text
    assert "Write at least one name." in answer.text
    assert database.session.execute(select(Case)).first() is None


def test_more_rows_are_given_without_saving(vera: OrganisersClient, database: SQLAlchemy) -> None:
    typed = {"title": "Seven people", "people-0": "One", "people-1": "Two", "more": "people"}
    answer = vera.post_form("/organiser/cases/new", typed)
    assert answer.status_code == 200
    assert 'name="people-4"' in answer.text
    assert 'value="Two"' in answer.text
    assert database.session.execute(select(Case)).first() is None


def test_unpublished_case_is_read_by_nobody(case: Case, client: CheckingClient) -> None:
    assert client.get(f"/cases/{case.slug}").status_code == 404


def test_text_is_previewed_as_readers_will_see_it_and_nothing_is_saved(
    vera: OrganisersClient, case: Case, database: SQLAlchemy
) -> None:
    url = f"{at(case)}/text/en"
    typed = {**form_of(vera, url), "story": "### In May\n\nShe *left*.", "statements-0-text": "Go!"}
    page = vera.post_form(url, {**typed, "action": "preview"})
    assert page.status_code == 200
    assert "Preview: nothing is saved yet" in page.text
    assert "<em>left</em>" in page.text
    assert database.session.get(CaseText, (case.id, "en")).story == ""
    held = lxml.html.document_fromstring(page.text).xpath("//main//form")[0]
    kept = {k: v for k, v in held.form_values() if k != "csrf_token"}
    assert kept["story"].replace("\r", "") == typed["story"]
    again = vera.post_form(url, {**kept, "action": "edit"})
    assert "She *left*." in again.text
    assert vera.post_form(url, {**kept, "action": "save"}).status_code == 303
    database.session.expire_all()
    assert database.session.get(CaseText, (case.id, "en")).story.endswith("She *left*.")


def test_two_who_write_at_once_are_told_of_each_other(
    vera: OrganisersClient, signed_in: SignedIn, case: Case, database: SQLAlchemy
) -> None:
    boris = signed_in(Role.TRANSLATOR, name="Boris")
    url = f"{at(case)}/text/en"
    mine, his = form_of(vera, url), form_of(boris, url)
    assert boris.post_form(url, {**his, "summary": "Boris wrote this."}).status_code == 303
    refused = vera.post_form(url, {**mine, "summary": "Vera wrote this."})
    assert refused.status_code == 409
    assert "Somebody else has changed this meanwhile" in refused.text
    assert "Boris saved a change" in words_of(refused)
    assert "Boris wrote this." in refused.text
    assert "Vera wrote this." in refused.text
    seen = re.search(r'name="seen"[^>]* value="([^"]+)"', refused.text)
    assert seen
    again = vera.post_form(url, {**mine, "summary": "Both wrote this.", "seen": seen[1]})
    assert again.status_code == 303
    assert database.session.get(CaseText, (case.id, "en")).summary == "Both wrote this."


def test_translator_writes_beside_the_source_but_not_facts(
    signed_in: SignedIn, case: Case, database: SQLAlchemy
) -> None:
    boris = signed_in(Role.TRANSLATOR, name="Boris")
    page = boris.get(f"{at(case)}/text/uz")
    assert "In English" in page.text
    assert "Anna B: missing since May" in page.text
    assert save_text(boris, case, "uz", title="Anna B").status_code == 303
    assert database.session.get(CaseText, (case.id, "uz")).written_by == [boris.organiser_id]
    assert boris.get(f"{at(case)}/facts").status_code == 403
    assert boris.post_form(f"{at(case)}/hide", {"reason": "x"}).status_code == 403


def test_new_language_is_chosen_and_nothing_is_written(
    vera: OrganisersClient, case: Case, counted: Callable[[], dict[str, int]]
) -> None:
    before = counted()
    assert vera.get(f"{at(case)}/languages/new").status_code == 200
    answer = vera.get(f"{at(case)}/languages/new?tag=uz")
    assert answer.location.endswith("/text/uz")
    assert vera.get(answer.location).status_code == 200
    assert vera.get(f"{at(case)}/text/nothing-like-it").status_code == 404
    assert counted() == before


def test_changes_of_a_published_text_wait_are_compared_and_published(
    vera: OrganisersClient, published: Case, client: CheckingClient, database: SQLAlchemy
) -> None:
    answer = save_text(vera, published, summary="She came home.")
    assert answer.location.endswith("/text/en/changes")
    page = vera.get(answer.location)
    assert "<del>She did not come home.</del>" in page.text
    assert "<ins>She came home.</ins>" in page.text
    assert "did not come" in client.get(f"/cases/{published.slug}").text
    assert "changes waiting" in vera.get("/organiser/cases/").text
    assert "She came home." in vera.get(f"{at(published)}/preview/en").text
    vera.post_form(answer.location, form_of(vera, answer.location))
    assert "She came home." in client.get(f"/cases/{published.slug}").text
    assert database.session.execute(select(CaseDraft)).first() is None


def test_changes_are_discarded_after_asking_once_more(
    vera: OrganisersClient, published: Case, database: SQLAlchemy
) -> None:
    save_text(vera, published, summary="She came home.")
    url = f"{at(published)}/text/en/discard"
    assert vera.post_form(url, form_of(vera, url)).status_code == 303
    assert database.session.execute(select(CaseDraft)).first() is None


def test_whoever_wrote_changes_does_not_publish_them_alone(
    vera: OrganisersClient, signed_in: SignedIn, published: Case, database: SQLAlchemy
) -> None:
    database.session.add(Organisation(id=1, name="Watch", authors_publish=False))
    url = save_text(vera, published, summary="She came home.").location
    refused = vera.post_form(url, form_of(vera, url), follow_redirects=True)
    assert "somebody else publishes it" in refused.text
    boris = signed_in(Role.CAMPAIGNER, name="Boris")
    boris.post_form(url, form_of(boris, url))
    assert database.session.get(CaseText, (published.id, "en")).summary == "She came home."


def test_language_is_removed_after_asking_once_more(
    vera: OrganisersClient, case: Case, database: SQLAlchemy
) -> None:
    save_text(vera, case, "uz", title="Anna B")
    url = f"{at(case)}/text/uz/remove"
    assert "cannot be undone" in vera.get(url).text
    assert vera.post_form(url).status_code == 303
    assert database.session.get(CaseText, (case.id, "uz")) is None


def test_case_is_published_without_a_petition_when_nothing_is_missing(
    vera: OrganisersClient, case: Case, client: CheckingClient
) -> None:
    url = f"{at(case)}/publish"
    refused = vera.post_form(url, {"seen": seen_by(vera, case)}, follow_redirects=True)
    assert "Something is still missing" in refused.text
    save_text(vera, case, summary="She did not come home.")
    permit(vera, case)
    page = vera.get(at(case))
    assert "Nothing is missing" in page.text
    publish(vera, case)
    assert "She did not come home." in client.get(f"/cases/{case.slug}").text


def test_second_organiser_agrees_by_a_button_that_the_first_does_not_have(
    vera: OrganisersClient, signed_in: SignedIn, case: Case, database: SQLAlchemy
) -> None:
    refused = permit(vera, case, given_by="nobody", reason="")
    assert refused.status_code == 422
    assert "Write the reason." in refused.text
    permit(vera, case, given_by="nobody", reason="Her family fled.")
    permission = database.session.execute(select(Permission)).scalar_one()
    agree = f"{at(case)}/permission/{permission.id}/agree"
    assert "I agree to publish" not in vera.get(f"{at(case)}/permission").text
    assert "wrote this down yourself" in vera.post_form(agree, follow_redirects=True).text
    assert "A second organiser who agrees" in vera.get(at(case)).text
    boris = signed_in(Role.CAMPAIGNER, name="Boris")
    page = boris.get(f"{at(case)}/permission").text
    assert "Her family fled." in page
    assert "I agree to publish" in page
    boris.post_form(agree)
    database.session.expire_all()
    assert permission.second_organiser == "Boris"


def test_permission_to_be_reviewed_is_shown(
    vera: OrganisersClient, case: Case, database: SQLAlchemy
) -> None:
    permit(vera, case, review_on="2026-02-01")
    assert "The permission is to be reviewed" in vera.get(at(case)).text
    assert "permission to be reviewed" in vera.get("/organiser/cases/").text


def test_facts_are_changed_and_refused_beside_their_field(
    vera: OrganisersClient, case: Case, database: SQLAlchemy
) -> None:
    url = f"{at(case)}/facts"
    typed = form_of(vera, url)
    refused = vera.post_form(url, {**typed, "slug": "Not An Address"})
    assert refused.status_code == 422
    assert 'id="slug-error"' in refused.text
    more = vera.post_form(url, {**typed, "more": "states"})
    assert 'name="states-4"' in more.text
    saved = vera.post_form(url, {**typed, "slug": "anna", "time_zone": "Asia/Tashkent"})
    assert saved.status_code == 303
    database.session.refresh(case)
    assert (case.slug, case.time_zone) == ("anna", "Asia/Tashkent")


def test_people_are_added_changed_ordered_and_removed(
    vera: OrganisersClient, case: Case, database: SQLAlchemy
) -> None:
    typed = {
        "name": "Yusup",
        "status": "missing",
        "status_as_of": "2026-01-05",
        "status_since": "2025-12",
        "age": "41",
        "other_names-0-name": "Юсуп",
        "other_names-0-language": "ru",
    }
    url = f"{at(case)}/people/new"
    refused = vera.post_form(url, {**typed, "age": "forty", "status_as_of": "January"})
    assert refused.status_code == 422
    assert 'value="January"' in refused.text
    assert 'value="forty"' in refused.text
    assert vera.post_form(url, typed).status_code == 303
    person = database.session.execute(select(Person).where(Person.name == "Yusup")).scalar_one()
    assert (person.age, person.status_as_of) == (41, date(2026, 1, 5))
    assert "Since when: December 2025" in words_of(vera.get(at(case)))
    assert database.session.get(PersonName, (person.id, 1)).language == "ru"
    vera.post_form(f"{at(case)}/people/{person.id}/move", {"way": "up"})
    page = f"{at(case)}/people/{person.id}"
    database.session.add(CaseText(case_id=case.id, language="ru", title="Юсуп"))
    database.session.commit()
    sent = {**form_of(vera, page), "believed_held": "Tashkent", "held_in-0-text": "Ташкент"}
    assert sent["held_in-0-language"] == "ru"
    assert "Believed to be held, in Russian" in vera.get(page).text
    assert vera.post_form(page, sent).status_code == 303
    assert form_of(vera, page)["held_in-0-text"] == "Ташкент"
    shown = words_of(vera.get(at(case)))
    assert shown.index("Yusup") < shown.index("Anna B", shown.index("What you can do"))
    assert "Tashkent" in shown
    vera.post_form(f"{at(case)}/people/{person.id}/remove")
    assert database.session.execute(select(Person.name)).scalars().all() == ["Anna B"]


@pytest.mark.parametrize(
    ("page", "row", "most", "action"),
    [
        ("/people/new", "other_names-{}-name", 40, "save"),
        ("/people/new", "other_names-{}-name", 40, "more"),
        ("/text/en", "statements-{}-text", 60, "preview"),
        ("/text/en", "statements-{}-text", 60, "edit"),
        ("/facts", "states-{}", 60, "save"),
    ],
)
def test_rows_beyond_what_fits_are_refused_and_told(
    vera: OrganisersClient, case: Case, *, page: str, row: str, most: int, action: str
) -> None:
    url = at(case) + page
    press = {"more": "rows"} if action == "more" else {"action": action}
    sent = {row.format(n): "UZ" for n in range(900)}
    answer = vera.post_form(url, {**form_of(vera, url), **press, **sent})
    assert answer.status_code == 422
    assert f"At most {most} rows fit here, and 900 came." in answer.text
    assert f'name="{row.format(most - 1)}"' in answer.text
    assert f'name="{row.format(most)}"' not in answer.text


def test_case_begins_with_no_more_names_than_fit(
    vera: OrganisersClient, database: SQLAlchemy
) -> None:
    names = {f"people-{n}": f"Name {n}" for n in range(61)}
    typed = {"title": "Many", "language": "en", "states-0": "UZ"}
    refused = vera.post_form("/organiser/cases/new", {**typed, **names})
    assert refused.status_code == 422
    assert "At most 60 rows fit here, and 61 came." in refused.text
    assert database.session.execute(select(Case)).first() is None
    names.pop("people-60")
    full = vera.post_form("/organiser/cases/new", {**typed, **names, "more": "people"})
    assert "At most 60 rows fit here." in full.text
    assert 'value="Name 59"' in full.text
    assert vera.post_form("/organiser/cases/new", {**typed, **names}).status_code == 303


def test_case_changed_meanwhile_is_shown_anew_before_it_is_published(
    vera: OrganisersClient, case: Case, database: SQLAlchemy
) -> None:
    save_text(vera, case, summary="She did not come home.")
    permit(vera, case)
    seen = seen_by(vera, case)
    save_text(vera, case, "uz", title="Slipped in")
    for sent in ({"seen": seen}, {}):
        refused = vera.post_form(f"{at(case)}/publish", sent, follow_redirects=True)
        assert "Somebody else has changed this meanwhile" in refused.text
        database.session.refresh(case)
        assert case.published_at is None
    publish(vera, case)
    database.session.refresh(case)
    assert case.published_at is not None


def test_permission_that_covers_less_than_readers_see_is_told_and_refuses_more(
    vera: OrganisersClient, published: Case, database: SQLAlchemy
) -> None:
    permit(vera, published, covers=["picture"])
    page = words_of(vera.get(at(published)))
    assert "Readers see what the permission does not cover" in page
    assert "covers less than what readers see" in vera.get("/organiser/").text
    url = f"{at(published)}/people/new"
    refused = vera.post_form(url, {**form_of(vera, url), "name": "Botir"})
    assert refused.status_code == 422
    assert 'id="name-error"' in refused.text
    assert f'href="{at(published)}/permission"' in refused.text
    changes = save_text(vera, published, story="They came at night.").location
    assert "The permission does not cover the story" in vera.get(changes).text
    kept = vera.post_form(changes, form_of(vera, changes), follow_redirects=True)
    assert "Readers would see this story at once" in kept.text
    assert database.session.get(CaseText, (published.id, "en")).story == ""


def test_picture_is_added_described_shown_in_previews_and_removed(
    vera: OrganisersClient, case: Case, database: SQLAlchemy
) -> None:
    url = f"{at(case)}/pictures"
    nothing = vera.post_form(url, {"alt": "Anna"})
    assert nothing.status_code == 422
    assert "Choose a picture." in nothing.text
    wrong = vera.post_form(url, {"alt": "Anna", "file": (io.BytesIO(b"no picture"), "a.jpg")})
    assert wrong.status_code == 422
    typed = {"alt": "Anna laughing", "credit": "Family", "file": (jpeg(), "anna.jpg")}
    assert vera.post_form(url, typed).status_code == 303
    picture = database.session.execute(select(Picture)).scalar_one()
    page = vera.get(url)
    assert "Anna laughing" in page.text
    file = vera.get(f"{at(case)}/pictures/{picture.id}/file")
    assert file.mimetype == "image/jpeg"
    assert file.headers["Cache-Control"] == "no-store"
    preview = vera.get(f"{at(case)}/preview/en")
    source = lxml.html.document_fromstring(preview.text).xpath("//figure//img/@src")[0]
    assert source.startswith("/organiser/")
    assert vera.get(source).mimetype == "image/jpeg"
    words = f"{at(case)}/pictures/{picture.id}/text/en"
    vera.post_form(words, {**form_of(vera, words), "alt": "Anna, laughing"})
    assert "Anna, laughing" in vera.get(url).text
    vera.post_form(f"{at(case)}/pictures/{picture.id}/remove")
    assert database.session.execute(select(Picture)).first() is None


def test_translator_leaves_words_of_pictures_that_readers_see(
    vera: OrganisersClient, signed_in: SignedIn, published: Case, database: SQLAlchemy
) -> None:
    vera.post_form(f"{at(published)}/pictures", {"alt": "Anna", "file": (jpeg(), "a.jpg")})
    picture = database.session.execute(select(Picture)).scalar_one()
    boris = signed_in(Role.TRANSLATOR)
    url = f"{at(published)}/pictures/{picture.id}/text"
    assert boris.post_form(f"{url}/en", {"alt": "Other"}).status_code == 422
    typed = form_of(boris, f"{url}/uz")
    credited = boris.post_form(f"{url}/uz", {**typed, "alt": "Anna (uz)", "credit": "Boris"})
    assert credited.status_code == 422
    assert 'id="credit-error"' in credited.text
    assert boris.post_form(f"{url}/uz", {**typed, "alt": "Anna (uz)"}).status_code == 303
    database.session.refresh(picture)
    assert not picture.credit


def test_update_is_previewed_saved_and_published_with_a_new_deadline(
    vera: OrganisersClient, published: Case, database: SQLAlchemy, client: CheckingClient
) -> None:
    petition = open_petition(published, database)
    url = f"{at(published)}/updates/new"
    shown = form_of(vera, url)
    assert shown["kind"] == "further", "readers know the case"
    typed = {
        **shown,
        "title": "She was seen in Osh",
        "text": "By *two* people.",
        "new_deadline_on": "2099-05-01",
    }
    preview = vera.post_form(url, {**typed, "action": "preview"})
    assert "Further information, number 1" in preview.text
    assert "<em>two</em>" in preview.text
    assert database.session.execute(select(CaseUpdate)).first() is None
    vera.post_form(url, {**typed, "action": "save"})
    update = database.session.execute(select(CaseUpdate)).scalar_one()
    assert "seen in Osh" not in client.get(f"/cases/{published.slug}").text
    publish = f"{at(published)}/updates/{update.id}/publish"
    asked = vera.get(publish)
    assert "Give the running petition of this case the new deadline" in asked.text
    assert "checked" not in asked.text
    vera.post_form(publish, {**form_of(vera, publish), "move_deadline": "yes"})
    assert "seen in Osh" in client.get(f"/cases/{published.slug}").text
    database.session.refresh(petition)
    assert petition.deadline_on == date(2099, 5, 1)


def test_stop_action_leaves_no_form_and_no_call_to_act(
    client: CheckingClient, vera: OrganisersClient, published: Case, database: SQLAlchemy
) -> None:
    petition = open_petition(published, database)
    vera.post_form(f"{at(published)}/updates/new", {"kind": "stop", "title": "She is free"})
    update = database.session.execute(select(CaseUpdate)).scalar_one()
    publish = f"{at(published)}/updates/{update.id}/publish"
    assert "One petition of this case stops" in vera.get(publish).text
    vera.post_form(publish, form_of(vera, publish))
    database.session.refresh(petition)
    assert (petition.state, petition.stop_reason) == (PetitionState.STOPPED, "She is free")
    vera.post_form(f"{at(published)}/updates/new", {"kind": "outcome", "title": "What we learned"})
    later = database.session.execute(select(CaseUpdate).order_by(CaseUpdate.id.desc())).scalars()
    publish = f"{at(published)}/updates/{later.first().id}/publish"
    vera.post_form(publish, form_of(vera, publish))
    told = client.get(f"/cases/{published.slug}").text
    assert "Please take no further action" in told
    assert "What you can do" not in told


def test_outdated_translation_is_marked_for_organisers_and_readers(
    client: CheckingClient, vera: OrganisersClient, published: Case
) -> None:
    def save(language: str, **typed: str) -> None:
        url = f"{at(published)}/text/{language}"
        vera.post_form(url, {**form_of(vera, url), **typed})
        vera.post_form(f"{url}/changes", form_of(vera, f"{url}/changes", 0))

    save("ru", title="Анна Б.", summary="Она под стражей.")
    save("en", summary="She was moved to another prison.")
    assert "translation outdated Summary" in words_of(vera.get(at(published)))
    form = vera.get(f"{at(published)}/text/ru").text
    assert "Translation outdated" in form
    assert form.count("changed since the translation") == 1
    assert "Читать оригинал" in client.get(f"/cases/{published.slug}?lang=ru").text
    assert "Read the original" not in client.get(f"/cases/{published.slug}?lang=en").text
    url = f"{at(published)}/text/ru"
    vera.post_form(url, {**form_of(vera, url), "is_right": "yes"})
    assert "Читать оригинал" not in client.get(f"/cases/{published.slug}?lang=ru").text
    assert "translation outdated" not in words_of(vera.get(at(published)))


def test_published_update_is_corrected_in_wording_by_who_may_publish(
    vera: OrganisersClient, signed_in: SignedIn, published: Case, database: SQLAlchemy
) -> None:
    vera.post_form(f"{at(published)}/updates/new", {"kind": "correction", "title": "Her nmae"})
    update = database.session.execute(select(CaseUpdate)).scalar_one()
    publish = f"{at(published)}/updates/{update.id}/publish"
    vera.post_form(publish, form_of(vera, publish))
    url = f"{at(published)}/updates/{update.id}/text/en"
    boris = signed_in(Role.TRANSLATOR)
    refused = boris.post_form(url, {"title": "Other"})
    assert refused.status_code == 422
    assert "whoever may publish changes it" in refused.text
    vera.post_form(url, {**form_of(vera, url), "title": "Her name", "kind": "stop"})
    database.session.refresh(update)
    assert update.kind == "correction"
    assert "Her name" in vera.get(at(published)).text
    assert audit.latest(f"case {published.id}").action == "update corrected"


def test_update_changed_in_another_language_meanwhile_is_shown_anew_before_it_is_published(
    vera: OrganisersClient, signed_in: SignedIn, published: Case, database: SQLAlchemy
) -> None:
    vera.post_form(f"{at(published)}/updates/new", {"kind": "outcome", "title": "She is home"})
    update = database.session.execute(select(CaseUpdate)).scalar_one()
    one = f"{at(published)}/updates/{update.id}"
    typed = form_of(vera, f"{one}/publish")
    boris = signed_in(Role.TRANSLATOR, name="Boris")
    words = {**form_of(boris, f"{one}/text/ru"), "title": "Она дома", "action": "save"}
    assert boris.post_form(f"{one}/text/ru", words).status_code == 303
    refused = vera.post_form(f"{one}/publish", typed)
    assert refused.location.endswith("/publish")
    page = vera.get(refused.location).text
    assert "Somebody else has changed this meanwhile" in page
    assert "Она дома" in page
    database.session.refresh(update)
    assert update.published_at is None
    vera.post_form(f"{one}/publish", form_of(vera, f"{one}/publish"))
    database.session.refresh(update)
    assert update.published_at is not None


def test_published_update_is_not_corrected_where_authors_do_not_publish(
    vera: OrganisersClient, published: Case, database: SQLAlchemy
) -> None:
    vera.post_form(f"{at(published)}/updates/new", {"kind": "outcome", "title": "She is home"})
    update = database.session.execute(select(CaseUpdate)).scalar_one()
    one = f"{at(published)}/updates/{update.id}"
    vera.post_form(f"{one}/publish", form_of(vera, f"{one}/publish"))
    database.session.add(Organisation(id=1, name="Watch", authors_publish=False))
    database.session.commit()
    page = vera.get(f"{one}/text/en")
    assert "Write a correction instead" in page.text
    assert 'name="title"' not in page.text
    refused = vera.post_form(f"{one}/text/en", {"title": "Slipped in"})
    assert refused.status_code == 422
    assert "Write a correction instead" in refused.text
    assert "She is home" in vera.get(at(published)).text


def test_draft_of_an_update_is_discarded(
    vera: OrganisersClient, case: Case, database: SQLAlchemy
) -> None:
    assert form_of(vera, f"{at(case)}/updates/new")["kind"] == "initial"
    vera.post_form(f"{at(case)}/updates/new", {"kind": "initial", "title": "First"})
    assert form_of(vera, f"{at(case)}/updates/new")["kind"] == "further"
    update = database.session.execute(select(CaseUpdate)).scalar_one()
    assert vera.get(f"{at(case)}/updates/{update.id}/preview/en").status_code == 200
    url = f"{at(case)}/updates/{update.id}/discard"
    assert "“First” is thrown away" in vera.get(url).text
    vera.post_form(url)
    assert database.session.execute(select(CaseUpdate)).first() is None


def test_case_is_hidden_at_once_and_shown_again(
    *,
    vera: OrganisersClient,
    signed_in: SignedIn,
    published: Case,
    client: CheckingClient,
    database: SQLAlchemy,
    site: Any,
) -> None:
    url = f"{at(published)}/hide"
    assert vera.post_form(url, {"reason": " "}).status_code == 422
    assert client.get(f"/cases/{published.slug}").status_code == 200
    vera.post_form(url, {"reason": "Her brother was threatened."})
    assert client.get(f"/cases/{published.slug}").status_code == 410
    page = vera.get(at(published))
    assert "This case is hidden" in page.text
    assert "Her brother was threatened." in page.text
    assert "Her brother was threatened." in vera.get(f"{at(published)}/show-again").text
    assert "threatened" not in signed_in(Role.TRANSLATOR).get(at(published)).text
    database.session.refresh(published)
    assert published.hidden_reason == "in the audit trail"
    entry = audit.latest(f"case {published.id}")
    assert "brother" not in entry.detail
    assert audit.reason_of(entry, site.keyring) == "Her brother was threatened."
    vera.post_form(f"{at(published)}/show-again", {"reason": "The family asks for it."})
    assert client.get(f"/cases/{published.slug}").status_code == 200


@pytest.mark.parametrize("role", list(Role))
def test_everybody_with_an_account_reads_cases(
    signed_in: SignedIn, published: Case, role: Role
) -> None:
    reader = signed_in(role)
    for page in ("", "/text/en", "/permission", "/pictures", "/preview/en"):
        assert reader.get(at(published) + page).status_code == 200


def open_petition(case: Case, database: SQLAlchemy) -> Petition:
    petition = Petition(
        case_id=case.id,
        slug="find-anna",
        state=PetitionState.OPEN,
        created_at=clock.now(),
        published_at=clock.now(),
    )
    database.session.add(petition)
    database.session.commit()
    return petition


@pytest.fixture
def counted(database: SQLAlchemy) -> Callable[[], dict[str, int]]:
    from tests.web.conftest import counted as shared

    made: Callable[[], dict[str, int]] = shared.__wrapped__(database)  # type: ignore[attr-defined]  # pytest's fixture wrapper
    return made


def changes(client: OrganisersClient, case: Case, **typed: str) -> None:
    """Write changes of the published text, and publish them."""
    save_text(client, case, **typed)
    url = f"{at(case)}/text/en/changes"
    assert client.post_form(url, form_of(client, url)).status_code == 303


def test_words_of_an_older_text_are_compared_and_used_again(
    published: Case, vera: OrganisersClient, database: SQLAlchemy
) -> None:
    here = f"{at(published)}/text/en"
    changes(vera, published, summary="She was seen in Osh.")
    assert "Version 2" in vera.get(f"{here}/versions").text
    second = lxml.html.document_fromstring(vera.get(f"{here}/versions/2").text)
    assert second.xpath("string(//main//ins)") == "was seen in Osh."
    assert second.xpath("string(//main//del)") == "did not come home."
    assert not second.xpath("//*[@id='again']"), "what readers see is in the form anyway"
    assert vera.get(f"{here}/versions/3").status_code == 404
    first = lxml.html.document_fromstring(vera.get(f"{here}/versions/1").text)
    [again] = first.xpath("//*[@id='again']//a/@href")
    form = form_of(vera, again)
    assert form["summary"] == "She did not come home."
    assert vera.post_form(here, {**form, "action": "save"}).status_code == 303
    assert "She did not come home." in vera.get(f"{here}/changes").text
    assert vera.get(f"{here}?version=99").status_code == 404


def test_text_published_before_versions_were_kept_becomes_the_first(
    published: Case, vera: OrganisersClient, database: SQLAlchemy
) -> None:
    database.session.execute(database.delete(CaseTextVersion))
    database.session.commit()
    here = f"{at(published)}/text/en"
    assert "becomes the first version" in vera.get(f"{here}/versions").text
    changes(vera, published, summary="She was seen in Osh.")
    first = lxml.html.document_fromstring(vera.get(f"{here}/versions/1").text)
    assert "She did not come home." in first.xpath("string(//main)")


def test_old_version_is_deleted_for_good_and_the_record_tells_it(
    published: Case, vera: OrganisersClient, database: SQLAlchemy, signed_in: SignedIn
) -> None:
    changes(vera, published, summary="She was seen in Osh.")
    here = f"{at(published)}/text/en/versions"
    assert signed_in(Role.TRANSLATOR).post_form(f"{here}/1/forget").status_code == 403
    told = vera.post_form(f"{here}/2/forget", follow_redirects=True)
    assert "Readers see this version: it stays." in told.text
    assert vera.post_form(f"{here}/1/forget").status_code == 303
    assert vera.get(f"{here}/1").status_code == 404
    kept = list(database.session.execute(select(CaseTextVersion.number)).scalars())
    assert kept == [2]
    newest = audit.latest(f"case {published.id}")
    assert newest is not None
    assert newest.action == "version forgotten"
    changes(vera, published, summary="She is home.")
    assert "Version 3" in vera.get(here).text, "numbers are not given twice"


def test_corrected_update_keeps_what_readers_saw_before(
    published: Case, vera: OrganisersClient
) -> None:
    new = f"{at(published)}/updates/new"
    sent = {**form_of(vera, new), "action": "save", "title": "She was seen", "text": "In Osh."}
    update = vera.post_form(new, sent).location.split("/text/")[0]
    url = f"{update}/publish"
    assert vera.post_form(url, form_of(vera, url)).status_code == 303
    words = f"{update}/text/en"
    sent = {**form_of(vera, words), "action": "save", "text": "In Jalal-Abad."}
    assert vera.post_form(words, sent).status_code == 303
    assert "Versions of the text" in vera.get(words).text
    second = lxml.html.document_fromstring(vera.get(f"{words}/versions/2").text)
    assert second.xpath("string(//main//ins)") == "Jalal-Abad."
    assert form_of(vera, f"{words}?version=1")["text"].strip() == "In Osh."
    assert vera.post_form(f"{words}/versions/1/forget").status_code == 303
    assert vera.get(f"{words}/versions/1").status_code == 404


def test_translator_writes_where_somebody_is_believed_to_be_held(
    case: Case, vera: OrganisersClient, database: SQLAlchemy, signed_in: SignedIn
) -> None:
    [person] = database.session.execute(select(Person)).scalars()
    person.believed_held = "Prison 64/29"
    database.session.commit()
    save_text(vera, case, "ru", title="Анна Б.")
    boris = signed_in(Role.TRANSLATOR, name="Boris")
    url = f"{at(case)}/people/{person.id}/held"
    assert url in boris.get(at(case)).text
    assert "Prison 64/29" in boris.get(url).text
    sent = form_of(boris, url)
    assert boris.post_form(url, {**sent, "held_in-0-text": "Колония 64/29"}).status_code == 303
    database.session.expire_all()
    assert "Колония 64/29" in boris.get(url).text
    assert boris.post_form(url, {**sent, "held_in-0-text": "Другая"}).status_code == 409
    newest = audit.latest(f"case {case.id}")
    assert newest is not None
    assert (newest.action, newest.actor) == ("person changed", f"organiser {boris.organiser_id}")
    assert boris.get(f"{at(case)}/people/{person.id}").status_code == 403

    save_text(vera, case, summary="She did not come home.")
    permit(vera, case)
    publish(vera, case)
    again = {**form_of(boris, url), "held_in-0-text": "Другая колония"}
    refused = boris.post_form(url, again)
    assert refused.status_code == 422
    assert "nobody looks at this again" in refused.text
    assert "Другая колония" in refused.text
    assert vera.post_form(url, {**form_of(vera, url), **again}).status_code == 303

"""Deliveries and replies in the console, and what readers see of them."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import lxml.html
import pytest
from sqlalchemy import select

from petitions.clock import now as real_now
from petitions.domain import audit
from petitions.models import Bundle, Delivery, DeliveryOutcome, Reply, Role
from tests.documents.pictures import emblem
from tests.domain.cast import Cast
from tests.pages import CheckingClient
from tests.web.organiser.conftest import OrganisersClient
from tests.web.organiser.handing_over import SIGNERS, frozen, stage

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

SignedIn = Callable[..., OrganisersClient]
MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.fixture
def cast(database: SQLAlchemy, site: Any) -> Cast:
    return stage(site, real_now())


@pytest.fixture
def bundle(cast: Cast) -> Bundle:
    return frozen(cast, real_now())


@pytest.fixture
def deliverer(signed_in: SignedIn) -> OrganisersClient:
    return signed_in(Role.DELIVERER, name="Dora")


def yesterday() -> str:
    return (real_now().astimezone(MOSCOW).date() - timedelta(days=1)).isoformat()


def typed(**changes: Any) -> dict[str, Any]:
    return {
        "state": "done",
        "channel": "meeting",
        "attempted_on": yesterday(),
        "attempted_time": "15:30",
        "place": "Gate 3",
        "handed_over_by": "Vera Volkova",
        "outcome": "refused",
        "note": "The guard took no paper.",
        "public": "y",
        **changes,
    }


def words(html: str) -> str:
    return " ".join(lxml.html.document_fromstring(html).text_content().split())


def log(client: OrganisersClient, bundle: Bundle, **changes: Any) -> Any:
    return client.post_form(f"/organiser/deliveries/new/{bundle.id}", typed(**changes))


def only(database: SQLAlchemy) -> Delivery:
    return database.session.execute(select(Delivery)).scalar_one()


def test_logged_delivery_is_shown_to_organisers_whole_and_to_readers_in_one_line(
    deliverer: OrganisersClient, client: CheckingClient, bundle: Bundle, database: SQLAlchemy
) -> None:
    answer = log(deliverer, bundle)
    assert answer.status_code == 303
    delivery = only(database)
    assert delivery.attempted_at is not None
    assert f"{delivery.attempted_at.astimezone(MOSCOW):%H:%M}" == "15:30"
    page = words(deliverer.get(answer.location).text)
    for told in ("15:30", "Moscow", "Gate 3", "Vera Volkova", "took no paper", "refused", "Dora"):
        assert told in page
    for address, heading in (("petitions", "Handing over"), ("cases", "What has been done")):
        public = words(client.get(f"/{address}/anna-b").text)
        assert heading in public
        assert ": minister-anna-b, Uzbekistan: in person, refused" in public
        for kept in ("Vera", "Gate 3", "took no paper", "15:30"):
            assert kept not in public


def test_readers_see_nothing_of_a_delivery_that_is_not_public(
    deliverer: OrganisersClient, client: CheckingClient, bundle: Bundle
) -> None:
    log(deliverer, bundle, public="")
    for address in ("/petitions/anna-b", "/cases/anna-b"):
        assert "in person, refused" not in words(client.get(address).text)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"state": ""}, "Say how far it is."),
        ({"channel": "pigeon"}, "Choose the channel"),
        ({"outcome": ""}, "a delivery that is done has an outcome"),
        ({"outcome": "posted"}, "does not go with this channel"),
        ({"state": "agreed"}, "Only a delivery that is done has an outcome"),
        ({"attempted_on": ""}, "Say on which day"),
        ({"attempted_on": "20 May"}, "Write the day as"),
        ({"attempted_time": "late"}, "Write the time as"),
        ({"attempted_on": "2999-01-01"}, "This day has not come yet"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(
    deliverer: OrganisersClient,
    bundle: Bundle,
    database: SQLAlchemy,
    changes: dict[str, str],
    message: str,
) -> None:
    answer = log(deliverer, bundle, **changes)
    assert answer.status_code == 422
    assert message in answer.text
    for kept in ("Gate 3", "Vera Volkova", "The guard took no paper."):
        assert kept in answer.text
    for value in changes.values():
        assert value == "pigeon" or value in answer.text
    assert database.session.execute(select(Delivery)).first() is None


def test_time_may_be_left_out(
    deliverer: OrganisersClient, bundle: Bundle, database: SQLAlchemy
) -> None:
    answer = log(deliverer, bundle, attempted_time="")
    assert "00:00" not in deliverer.get(answer.location).text
    edit = deliverer.get(f"{answer.location}/edit").text
    assert 'name="attempted_time" type="time" value=""' in edit


def test_correction_is_kept_with_what_stood_there(
    deliverer: OrganisersClient, bundle: Bundle, database: SQLAlchemy
) -> None:
    there = log(deliverer, bundle).location
    page = lxml.html.document_fromstring(deliverer.get(f"{there}/edit").text)
    seen = page.xpath('//input[@name="seen"]/@value')[0]
    changed = typed(outcome="accepted without meeting", seen=seen)
    assert deliverer.post_form(f"{there}/edit", changed).status_code == 303
    assert only(database).outcome is DeliveryOutcome.ACCEPTED_WITHOUT_MEETING
    assert '"before": {"outcome": "refused"}' in audit.entries()[-1].detail
    late = deliverer.post_form(f"{there}/edit", typed(outcome="unanswered", seen=seen))
    assert late.status_code == 409
    assert "Dora saved a change" in words(late.text)
    assert "accepted without meeting" in late.text
    again = lxml.html.document_fromstring(late.text)
    assert again.xpath('//select[@name="outcome"]/option[@selected]/@value') == ["unanswered"]
    seen = again.xpath('//input[@name="seen"]/@value')[0]
    assert (
        deliverer.post_form(f"{there}/edit", typed(outcome="unanswered", seen=seen)).status_code
        == 303
    )
    assert only(database).outcome is DeliveryOutcome.UNANSWERED


def test_another_attempt_keeps_the_first(
    deliverer: OrganisersClient, bundle: Bundle, database: SQLAlchemy
) -> None:
    log(deliverer, bundle)
    second = log(deliverer, bundle, outcome="accepted").location
    page = words(deliverer.get(second).text)
    assert "Other attempts with this bundle Delivery 1: in person" in page
    of_bundle = words(deliverer.get(f"/organiser/bundles/{bundle.id}").text)
    assert "Delivery 1" in of_bundle
    assert "Delivery 2" in of_bundle


def test_follow_up_that_is_due_stands_first_until_it_is_made(
    deliverer: OrganisersClient, bundle: Bundle
) -> None:
    there = log(deliverer, bundle, follow_up_on=yesterday()).location
    assert "1 follow-up is due" in deliverer.get("/organiser/deliveries/").text
    deliverer.post_form(f"{there}/follow-up")
    assert "follow-up is due" not in deliverer.get("/organiser/deliveries/").text
    deliverer.post_form(f"{there}/follow-up", {"done": "no"})
    assert "1 follow-up is due" in deliverer.get("/organiser/deliveries/").text


def test_list_is_filtered_by_petition_and_outcome(
    deliverer: OrganisersClient, bundle: Bundle
) -> None:
    assert "No delivery yet" in deliverer.get("/organiser/deliveries/").text
    log(deliverer, bundle)
    there = "/organiser/deliveries/"
    assert "Delivery 1" in deliverer.get(f"{there}?petition={bundle.petition_id}&outcome=").text
    assert "Delivery 1" in deliverer.get(f"{there}?outcome=refused").text
    assert "No delivery fits" in deliverer.get(f"{there}?outcome=met").text
    assert deliverer.get(f"{there}?outcome=eaten").status_code == 404


def test_receipt_is_kept_sealed_shown_without_scripts_replaced_and_removed(
    deliverer: OrganisersClient, bundle: Bundle, database: SQLAlchemy
) -> None:
    picture = (io.BytesIO(emblem()), "stamp.png")
    there = log(deliverer, bundle, receipt=picture).location
    delivery = only(database)
    assert delivery.receipt
    assert not delivery.receipt.startswith(b"\x89PNG")
    shown = deliverer.get(f"{there}/receipt")
    assert shown.mimetype in {"image/png", "image/jpeg"}
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Cache-Control"] == "no-store"
    paper = (io.BytesIO(b"%PDF-1.7 a slip"), "slip.pdf")
    deliverer.post_form(f"{there}/receipt", {"receipt": paper})
    shown = deliverer.get(f"{there}/receipt")
    assert shown.data == b"%PDF-1.7 a slip"
    assert shown.headers["Content-Disposition"].startswith("attachment")
    deliverer.post_form(f"{there}/receipt/remove")
    assert deliverer.get(f"{there}/receipt").status_code == 404


@pytest.mark.parametrize(
    ("scanner", "told"),
    [
        ("grep -q clean", ""),
        ("grep -qv clean", "The virus scanner found something in this file."),
        ("grep --no-such-option", "The virus scanner could not look at this file"),
        ("/no/such/scanner", "The virus scanner could not look at this file"),
    ],
)
def test_receipt_in_pdf_is_kept_only_where_the_virus_scanner_finds_nothing(
    deliverer: OrganisersClient, bundle: Bundle, database: SQLAlchemy, scanner: str, told: str,
) -> None:  # fmt: skip
    app = deliverer.application
    command = tuple(scanner.split())
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], virus_scanner=command)
    paper = (io.BytesIO(b"%PDF-1.7 clean"), "slip.pdf")
    answer = log(deliverer, bundle, receipt=paper)
    assert answer.status_code == (422 if told else 303)
    assert told in answer.text
    kept = database.session.execute(select(Delivery)).scalars().all()
    assert bool(kept and kept[0].receipt) == (not told)


def test_what_is_no_receipt_is_refused_and_the_rest_kept(
    deliverer: OrganisersClient, bundle: Bundle, database: SQLAlchemy
) -> None:
    page = (io.BytesIO(b"<script>alert(1)</script>"), "receipt.png")
    answer = log(deliverer, bundle, receipt=page)
    assert answer.status_code == 422
    assert "neither a picture" in answer.text
    assert "The guard took no paper." in answer.text
    assert database.session.execute(select(Delivery)).first() is None


def reply(**changes: Any) -> dict[str, Any]:
    return {
        "received_on": yesterday(),
        "reference": "12/34",
        "language": "ru",
        "text": "Рассмотрено и оставлено без ответа.",
        "translation": "Considered and left unanswered.",
        "public": "y",
        **changes,
    }


def test_reply_is_recorded_to_a_delivery_and_read_by_the_public(
    deliverer: OrganisersClient, client: CheckingClient, bundle: Bundle, database: SQLAlchemy
) -> None:
    there = log(deliverer, bundle).location
    form = f"/organiser/deliveries/replies/{bundle.petition_id}/new?delivery=1"
    assert deliverer.get(form).status_code == 200
    assert deliverer.post_form(form, reply(official=bundle.official_id)).location.endswith(there)
    assert "Considered and left unanswered." in deliverer.get(there).text
    public = words(client.get("/petitions/anna-b").text)
    assert "replied (reference 12/34)" in public
    assert "Considered and left unanswered." in public
    kept = database.session.execute(select(Reply)).scalar_one()
    assert (kept.delivery_id, kept.official_id) == (1, bundle.official_id)


def test_reply_without_delivery_is_listed_and_corrected(
    deliverer: OrganisersClient, client: CheckingClient, bundle: Bundle, database: SQLAlchemy
) -> None:
    there = f"/organiser/deliveries/replies/{bundle.petition_id}"
    assert "No reply yet" in deliverer.get(there).text
    assert (
        deliverer.post_form(f"{there}/new", reply(official=bundle.official_id, text="")).status_code
        == 422
    )
    assert deliverer.post_form(f"{there}/new", reply(language="xx", official=1)).status_code == 422
    assert deliverer.post_form(f"{there}/new", reply(official=999)).status_code == 422
    deliverer.post_form(f"{there}/new", reply(official=bundle.official_id))
    assert "12/34" in deliverer.get(there).text
    one = database.session.execute(select(Reply.id)).scalar_one()
    page = lxml.html.document_fromstring(deliverer.get(f"/organiser/deliveries/reply/{one}").text)
    seen = page.xpath('//input[@name="seen"]/@value')[0]
    deliverer.post_form(f"/organiser/deliveries/reply/{one}", reply(public="", seen=seen))
    assert "12/34" not in client.get("/petitions/anna-b").text
    late = deliverer.post_form(f"/organiser/deliveries/reply/{one}", reply(seen=seen))
    assert late.status_code == 409


@pytest.mark.parametrize("role", [Role.CAMPAIGNER, Role.TRANSLATOR, Role.REVIEWER])
def test_others_look_at_deliveries_and_change_nothing(
    role: Role, deliverer: OrganisersClient, signed_in: SignedIn, bundle: Bundle
) -> None:
    there = log(deliverer, bundle).location
    client = signed_in(role)
    page = client.get(there)
    assert page.status_code == 200
    assert "Correct" not in words(page.text)
    for address in (f"{there}/edit", f"{there}/receipt", f"/organiser/deliveries/new/{bundle.id}"):
        assert client.get(address).status_code == 403
    assert client.post_form(f"{there}/follow-up").status_code == 403
    for name, _, _ in SIGNERS:
        assert name not in page.text


def test_public_page_stays_light_with_a_long_history(
    deliverer: OrganisersClient, client: CheckingClient, bundle: Bundle
) -> None:
    before = len(client.get("/petitions/anna-b").data)
    for _ in range(12):
        log(deliverer, bundle)
    for _ in range(4):
        deliverer.post_form(
            f"/organiser/deliveries/replies/{bundle.petition_id}/new",
            reply(official=bundle.official_id, text="слово " * 400, translation=""),
        )
    page = client.get("/petitions/anna-b")
    assert "And 6 earlier entries." in words(page.text)
    assert len(page.data) - before < 6000


def ask_for_list(client: OrganisersClient, delivery: Delivery, reason: str) -> Any:
    return client.post_form(f"/organiser/deliveries/{delivery.id}/list", {"reason": reason})


def test_list_as_a_file_holds_what_each_signer_chose_and_leaves_a_reason(
    deliverer: OrganisersClient, bundle: Bundle, database: SQLAlchemy
) -> None:
    log(deliverer, bundle)
    delivery = only(database)
    refused = ask_for_list(deliverer, delivery, "")
    assert refused.status_code == 422
    assert "which rule of the office" in words(refused.text)
    answer = ask_for_list(deliverer, delivery, "Rule 12 of the registry.")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Cache-Control"] == "no-store"
    head, *rows = answer.text.split("\r\n")
    assert head == "number,name,place,country"
    assert [row.split(",")[1:] for row in rows if row] == [
        ["Ada", "Adaville", "GB"],
        ["B. X.", "", "RU"],
    ]
    entry = audit.latest(f"delivery {delivery.id}")
    assert entry is not None
    assert (entry.action, entry.reason_sealed is not None) == ("list as a file", True)


def test_office_that_gets_no_names_gets_no_file_either(
    deliverer: OrganisersClient, cast: Cast, database: SQLAlchemy
) -> None:
    log(deliverer, frozen(cast, real_now(), "uz-london"))
    delivery = only(database)
    assert "The list as a file" not in deliverer.get(f"/organiser/deliveries/{delivery.id}").text
    answer = ask_for_list(deliverer, delivery, "Rule 12.")
    assert (answer.status_code, answer.mimetype) == (303, "text/html")


def test_a_receipt_that_came_with_a_refused_form_is_asked_for_again(
    deliverer: OrganisersClient, bundle: Bundle
) -> None:
    receipt = (io.BytesIO(emblem()), "stamp.png")
    answer = log(deliverer, bundle, outcome="", receipt=receipt)
    assert answer.status_code == 422
    assert "Choose the receipt again" in words(answer.text)
    assert "Choose the receipt again" not in words(log(deliverer, bundle, outcome="").text)

"""The board of the delivery week in the console, and the papers to take along."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader

from petitions.clock import now as real_now
from petitions.extensions import db
from petitions.models import Bundle, Official, Role
from tests.domain.cast import Cast
from tests.web.organiser.conftest import OrganisersClient
from tests.web.organiser.handing_over import frozen, stage
from tests.web.organiser.test_deliveries import SignedIn, log, only, words

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

BOARD = "/organiser/deliveries/board"


@pytest.fixture
def cast(database: SQLAlchemy, site: Any) -> Cast:
    return stage(site, real_now())


@pytest.fixture
def bundle(cast: Cast) -> Bundle:
    return frozen(cast, real_now())


@pytest.fixture
def deliverer(signed_in: SignedIn) -> OrganisersClient:
    return signed_in(Role.DELIVERER, name="Dora")


def text_of(answer: Any) -> str:
    assert answer.mimetype == "application/pdf"
    pages = PdfReader(io.BytesIO(answer.data)).pages
    plain = "\n".join(page.extract_text() for page in pages)
    return " ".join(plain.translate(dict.fromkeys((0x2068, 0x2069, 0x200B))).split())


def test_board_says_what_is_due_and_who_sees_to_it(
    deliverer: OrganisersClient,
    bundle: Bundle,
    database: SQLAlchemy,
) -> None:
    assert "Built, not delivered (1)" in words(deliverer.get(BOARD).text)
    today = real_now().date()
    done = log(
        deliverer,
        bundle,
        deliverer_id=deliverer.organiser_id,
        delegation="Maja\r\nProf. Lund",
        contact="Reception, +998 71 000 00 00",
        incoming_number="K-17/4",
        reply_due_on=(today + timedelta(days=5)).isoformat(),
    )
    assert done.status_code == 303
    shown = words(deliverer.get(done.location).text)
    for told in ("Prof. Lund", "Reception", "K-17/4", "Dora"):
        assert told in shown
    page = words(deliverer.get(f"{BOARD}?mine=y").text)
    assert "Replies due (1)" in page
    assert "Dora" in page
    assert "Built, not delivered" not in page
    assert "Nothing is due" in deliverer.get(f"{BOARD}?petition=999").text

    edit = deliverer.get(f"/organiser/deliveries/{only(database).id}/edit").text
    assert "K-17/4" in edit


def test_wrong_people_and_days_are_told_beside_their_fields(
    deliverer: OrganisersClient,
    bundle: Bundle,
) -> None:
    wrong = log(deliverer, bundle, deliverer_id="99999", reply_due_on="2001-01-01")
    assert wrong.status_code == 422
    assert "cannot be due before" in wrong.text
    nobody = log(deliverer, bundle, deliverer_id="99999")
    assert "Choose somebody who may deliver." in nobody.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_papers_go_along_with_a_bundle_and_name_no_signer(
    deliverer: OrganisersClient,
    bundle: Bundle,
    database: SQLAlchemy,
) -> None:
    here = f"/organiser/deliveries/papers/{bundle.id}"
    assert "Talking points (PDF)" in deliverer.get(here).text
    log(deliverer, bundle, delegation="Maja", incoming_number="K-17/4")
    told = {
        kind: text_of(deliverer.get(f"{here}/{kind}.pdf"))
        for kind in ("points", "numbers", "receipt")
    }
    assert "What is asked" in told["points"]
    assert "refused (Incoming number: K-17/4)" in told["points"]
    assert "Number of signatures" in told["numbers"]
    assert "3 people have signed this petition" in told["numbers"]
    assert told["receipt"].count("Incoming number") == 2
    for text in told.values():
        assert bundle.public_id in text
        assert "Ada" not in text
    assert deliverer.get(f"{here}/poster.pdf").status_code == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_labels_hold_every_line_of_each_address(
    deliverer: OrganisersClient,
    cast: Cast,
    database: SQLAlchemy,
) -> None:
    minister = db.session.get_one(Official, cast.minister.official_id)
    minister.postal_lines = "\n".join(f"Line {number}" for number in range(1, 25))
    database.session.commit()
    here = f"/organiser/deliveries/labels/{cast.petition.id}"
    assert "minister-anna-b, Uzbekistan" in deliverer.get(here).text
    chosen = f"official={minister.id}&official={cast.border_agency.official_id}"
    made = deliverer.get(f"{here}/labels.pdf?{chosen}&sheet=14&skip=13")
    text = text_of(made)
    assert "Line 1 " in text
    assert "Line 24" in text
    assert text.count("Uzbekistan") == 2
    assert len(PdfReader(io.BytesIO(made.data)).pages) == 2
    assert "Line 24" in text_of(deliverer.get(f"{here}/labels.pdf?{chosen}&sheet=8"))
    assert deliverer.get(f"{here}/labels.pdf").status_code == 404
    assert deliverer.get(f"{here}/labels.pdf?{chosen}&sheet=9").status_code == 404


def test_papers_are_for_whoever_delivers(signed_in: SignedIn, bundle: Bundle) -> None:
    reviewer = signed_in(Role.REVIEWER)
    assert reviewer.get(f"/organiser/deliveries/papers/{bundle.id}").status_code == 403
    assert reviewer.get(BOARD).status_code == 200


def test_reply_due_today_is_due_and_tomorrow_it_was(
    deliverer: OrganisersClient, bundle: Bundle, database: SQLAlchemy
) -> None:
    today = real_now().date()
    log(deliverer, bundle, reply_due_on=today.isoformat())
    assert "a reply is due today" in words(deliverer.get("/organiser/").text)
    only(database).reply_due_on = today - timedelta(days=1)
    database.session.commit()
    first_page = words(deliverer.get("/organiser/").text)
    assert "a reply was due on" in first_page
    assert "a reply is due today" not in first_page

"""Paper and partners in the console: many rows from a file, scans, and numbers that stay apart."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from sqlalchemy import func, select

from petitions import clock
from petitions.models import AuditEntry, PaperSignatures, Role
from tests.domain.cast import Cast, publish
from tests.domain.sealing_cast import MAJA, sealed
from tests.web.organiser.conftest import OrganisersClient

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

HEAD = "source,country,number,collected_on,provenance,how_checked\n"
ROWS = HEAD + "paper,IS,12,2026-03-01,market,\npartner,FR,400,2026-02-28,Friends,list seen\n"


@pytest.fixture
def cast(database: SQLAlchemy, site: Any) -> Cast:
    made = publish(site, clock.now())
    database.session.commit()
    return made


@pytest.fixture
def reviewer(signed_in: Callable[..., OrganisersClient]) -> OrganisersClient:
    return signed_in(Role.REVIEWER)


def sends(client: OrganisersClient, url: str, field: str, content: bytes, name: str) -> Any:
    data = {field: (io.BytesIO(content), name)}
    return client.post_form(url, data, content_type="multipart/form-data")


def picture() -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (60, 40), "#336699").save(held, "PNG")
    return held.getvalue()


def entries(database: SQLAlchemy) -> int:
    database.session.rollback()
    return int(database.session.execute(select(func.count(PaperSignatures.id))).scalar_one())


def test_file_is_entered_whole_and_readers_see_both_numbers_apart(
    reviewer: OrganisersClient, cast: Cast, database: SQLAlchemy, client: Any
) -> None:
    url = f"/organiser/confirmations/{cast.petition.id}/paper"
    assert sends(reviewer, f"{url}/sheets", "file", b"", "").status_code == 303
    done = sends(reviewer, f"{url}/sheets", "file", ROWS.encode(), "sheets.csv")
    assert done.status_code == 303
    assert "2 rows are entered." in reviewer.get(url).text
    assert entries(database) == 2
    numbers = client.get("/api/v1/petitions/anna-b").json["numbers"]
    assert (numbers["paper"], numbers["partners"]) == (12, 400)
    page = client.get("/petitions/anna-b").text
    assert "<b>12</b> on paper" in page
    assert "<b>400</b> collected by partner organisations" in page
    origins = reviewer.get(f"/organiser/confirmations/{cast.petition.id}/origins").text
    assert "of partner organisations" in origins


def test_controls_in_a_file_are_left_out(
    reviewer: OrganisersClient, cast: Cast, database: SQLAlchemy
) -> None:
    url = f"/organiser/confirmations/{cast.petition.id}/paper"
    rows = HEAD + "paper,IS,12,2026-03-01,mar\x00k\x1bet,\n"
    assert sends(reviewer, f"{url}/sheets", "file", rows.encode(), "sheets.csv").status_code == 303
    assert database.session.execute(select(PaperSignatures.provenance)).scalar_one() == "market"


def test_wrong_lines_are_told_and_nothing_is_entered(
    reviewer: OrganisersClient, cast: Cast, database: SQLAlchemy
) -> None:
    url = f"/organiser/confirmations/{cast.petition.id}/paper/sheets"
    wrong = ROWS + "paper,XX,3,,hall,\n" + "partner,FR,3,,Others,\n"
    answer = sends(reviewer, url, "file", wrong.encode(), "sheets.csv")
    assert answer.status_code == 422
    assert "Nothing of the file was entered." in answer.text
    assert "Write the two letters of a country, as FR." in answer.text
    assert "Write how the partner" in answer.text
    assert entries(database) == 0


def test_scan_is_kept_looked_at_by_who_may_and_removed(
    reviewer: OrganisersClient,
    signed_in: Callable[..., OrganisersClient],
    cast: Cast,
    database: SQLAlchemy,
) -> None:
    papers = f"/organiser/confirmations/{cast.petition.id}/paper"
    sends(reviewer, f"{papers}/sheets", "file", ROWS.encode(), "sheets.csv")
    url = f"{papers}/1/scan"
    assert "Add a scan" in reviewer.get(url).text
    sends(reviewer, url, "scan", b"no picture at all", "x.png")
    sends(reviewer, url, "scan", b"", "")
    assert "Look at the scan" not in reviewer.get(url).text
    sends(reviewer, url, "scan", picture(), "sheet.png")
    assert "The scan is kept, sealed." in reviewer.get(url).text
    shown = reviewer.post_form(f"{url}/look")
    assert (shown.status_code, shown.content_type) == (200, "image/jpeg")
    assert shown.headers["Cache-Control"] == "no-store"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert signed_in(Role.DELIVERER).post_form(f"{url}/look").status_code == 403
    reviewer.post_form(f"{url}/remove")
    assert "Add a scan" in reviewer.get(url).text
    assert reviewer.post_form(f"{url}/look").status_code == 404
    assert reviewer.get(f"{papers}/9/scan").status_code == 404
    actions = list(database.session.execute(select(AuditEntry.action)).scalars())
    assert {"scan added", "scan looked at", "scan removed"} <= set(actions)


def test_scan_in_pdf_is_kept_only_where_the_virus_scanner_finds_nothing(
    reviewer: OrganisersClient, cast: Cast
) -> None:
    papers = f"/organiser/confirmations/{cast.petition.id}/paper"
    sends(reviewer, f"{papers}/sheets", "file", ROWS.encode(), "sheets.csv")
    config, url = reviewer.application.config, f"{papers}/1/scan"
    config["SETTINGS"] = replace(config["SETTINGS"], virus_scanner=("grep", "-q", "clean"))
    sends(reviewer, url, "scan", b"%PDF-1.7 infected", "sheet.pdf")
    assert "The virus scanner found something in this file." in reviewer.get(url).text
    assert "Look at the scan" not in reviewer.get(url).text
    sends(reviewer, url, "scan", b"%PDF-1.7 clean", "sheet.pdf")
    assert "Look at the scan" in reviewer.get(url).text


def test_scan_of_a_sealed_case_asks_for_a_passphrase(
    reviewer: OrganisersClient, cast: Cast, database: SQLAlchemy, site: Any
) -> None:
    papers = f"/organiser/confirmations/{cast.petition.id}/paper"
    sends(reviewer, f"{papers}/sheets", "file", ROWS.encode(), "sheets.csv")
    sealed(site, cast.case.id, clock.now())
    url = f"{papers}/1/scan"
    sends(reviewer, url, "scan", b"%PDF-1.7 names", "sheet.pdf")
    assert "passphrase opens it" in reviewer.get(url).text
    wrong = reviewer.post_form(f"{url}/look", {"unlocking_password": "wrong horse battery"})
    assert wrong.status_code == 422
    shown = reviewer.post_form(f"{url}/look", {"unlocking_password": MAJA})
    assert (shown.content_type, shown.data) == ("application/pdf", b"%PDF-1.7 names")
    assert "attachment" in shown.headers["Content-Disposition"]
    actions = list(database.session.execute(select(AuditEntry.action)).scalars())
    assert "case unlocked" in actions

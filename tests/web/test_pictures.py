"""Pictures in the size a reader needs: offered by the page, kept on disk, gone with the case."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import delete, select

from petitions.documents import picture_sizes
from petitions.models import Case, Picture, PictureText, Role
from petitions.worker.outgoing import OutgoingStep
from tests.documents.pictures import emblem
from tests.pages import CheckingClient
from tests.web.conftest import OPEN, PAST
from tests.web.organiser.conftest import make_organiser, sign_in, signed_in

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

__all__ = ["make_organiser", "sign_in", "signed_in"]
URL = f"/cases/{OPEN}/pictures/1"


def shown_on(client: CheckingClient, slug: str) -> list[Any]:
    return list(
        lxml.html.document_fromstring(client.get(f"/cases/{slug}").text).xpath("//main//img")
    )


def size_of(answer: Any) -> tuple[int, int]:
    return Image.open(io.BytesIO(answer.data)).size


def files(site: Any) -> list[str]:
    return sorted(path.name for path in site.pictures.iterdir()) if site.pictures.is_dir() else []


def test_page_offers_smaller_sizes_and_keeps_the_place_free(
    client: CheckingClient, database: SQLAlchemy, pictured: int
) -> None:
    extra = Picture(
        case_id=pictured, position=2, media_type="image/png", content=emblem((300, 400)),
        width=300, height=400, credit="",
    )  # fmt: skip
    database.session.add(extra)
    database.session.flush()
    database.session.add(PictureText(picture_id=extra.id, language="en", alt="A door"))
    first, second = shown_on(client, OPEN)
    assert (first.get("width"), first.get("height")) == ("800", "200")
    assert first.get("src") == f"{URL}/640"
    offered = [each.split() for each in first.get("srcset").split(",")]
    assert offered == [[f"{URL}/320", "320w"], [f"{URL}/640", "640w"], [URL, "800w"]]
    assert first.get("sizes").endswith("calc(100vw - 2rem)")
    assert first.get("loading") is None, "what is seen first is not put off"
    assert second.get("loading") == "lazy"
    assert second.get("srcset") is None, "a small picture has one size"


def test_size_is_made_once_without_what_the_file_told(
    client: CheckingClient, monkeypatch: pytest.MonkeyPatch, pictured: int, site: Any
) -> None:
    first = client.get(f"{URL}/320")
    assert (first.status_code, size_of(first)) == (200, (320, 80))
    assert len(first.data) < len(client.get(URL).data)
    assert not Image.open(io.BytesIO(first.data)).getexif()
    [kept] = files(site)
    monkeypatch.setattr(picture_sizes, "renewed", None)  # a new process finds it as well
    again = client.get(f"{URL}/320", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, files(site)) == (304, [kept])
    for width in (1, 321, 960, 9999):
        assert client.get(f"{URL}/{width}").status_code == 404


def test_another_picture_in_the_same_place_is_never_shown_from_what_is_kept(
    client: CheckingClient, database: SQLAlchemy, pictured: int
) -> None:
    client.get(f"{URL}/320")
    row = database.session.execute(select(Picture).where(Picture.case_id == pictured)).scalar_one()
    row.content, row.width, row.height = emblem((800, 400), colour="#9c1c2e"), 800, 400
    assert size_of(client.get(f"{URL}/320")) == (320, 160)


def test_picture_is_shown_as_it_is_where_no_size_can_be_made(
    client: CheckingClient, database: SQLAlchemy, pictured: int, site: Any
) -> None:
    site.pictures.write_text("in the way")
    assert size_of(client.get(f"{URL}/320")) == (320, 80), "what cannot be kept is still shown"
    site.pictures.unlink()
    row = database.session.execute(select(Picture).where(Picture.case_id == pictured)).scalar_one()
    row.content = b"no picture"
    assert client.get(f"{URL}/320").data == b"no picture"
    assert files(site) == []


@pytest.fixture
def campaigner(pictured: int, signed_in: Callable[..., Any]) -> Any:
    return signed_in(Role.CAMPAIGNER)


def test_hiding_a_case_takes_its_sizes_off_the_disk(
    *, client: CheckingClient, campaigner: Any, pictured: int, site: Any
) -> None:
    client.get(f"/cases/{PAST}/pictures/1/320")
    others = files(site)
    for width in (320, 640):
        assert client.get(f"{URL}/{width}").status_code == 200
    assert len(files(site)) == len(others) + 2
    campaigner.post_form(f"/organiser/cases/{pictured}/hide", {"reason": "asked by the family"})
    assert client.get(f"{URL}/320").status_code == 410
    assert files(site) == others


def test_removing_a_picture_takes_its_sizes_off_the_disk(
    *, client: CheckingClient, campaigner: Any, database: SQLAlchemy, pictured: int, site: Any
) -> None:
    client.get(f"{URL}/320")
    picture = select(Picture.id).where(Picture.case_id == pictured)
    number = database.session.execute(picture).scalar_one()
    campaigner.post_form(f"/organiser/cases/{pictured}/pictures/{number}/remove")
    assert client.get(f"{URL}/320").status_code == 404
    assert files(site) == []


def test_worker_clears_what_nobody_may_see(
    *, app: Flask, client: CheckingClient, database: SQLAlchemy, now: Any, pictured: int, site: Any
) -> None:
    for slug in (OPEN, PAST):
        client.get(f"/cases/{slug}/pictures/1/320")
    (site.pictures / "stray.part").touch()
    worker = OutgoingStep(app)
    worker.take(now)
    assert len(files(site)) == 2
    case = database.session.get_one(Case, pictured)
    case.hidden_at, case.hidden_reason = now, "asked by the family"
    database.session.commit()
    OutgoingStep(app).take(now)
    assert len(files(site)) == 1
    database.session.execute(delete(PictureText))
    database.session.execute(delete(Picture))
    database.session.commit()
    OutgoingStep(app).take(now)
    assert files(site) == []

"""Hide now: the case and all that hangs on it answer 410 with the next request."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from petitions.models import Case, SignatureState
from tests.pages import CheckingClient
from tests.web.conftest import ANNA, OPEN, PAST, Loaded, stamp_in

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy


def hide(database: SQLAlchemy, now: Any) -> None:
    case = database.session.execute(select(Case).where(Case.slug == OPEN)).scalar_one()
    case.hidden_at, case.hidden_reason = now, "asked by the family"
    database.session.commit()


def test_hidden_case_is_gone_everywhere_at_once(
    *,
    client: CheckingClient,
    database: SQLAlchemy,
    loaded: Loaded,
    signed: Callable[..., Any],
    link: Callable[..., str],
    now: Any,
) -> None:
    row = signed()
    page = client.get(f"/petitions/{OPEN}")
    hide(database, now)
    for address in (
        f"/cases/{OPEN}",
        f"/cases/{OPEN}/pictures/1",
        f"/petitions/{OPEN}",
        f"/petitions/{OPEN}/check-your-email",
        f"/petitions/{OPEN}/thank-you",
        f"/embed/{OPEN}",
        f"/api/v1/petitions/{OPEN}",
        link("confirm", row),
    ):
        answer = client.get(address, headers={"If-None-Match": page.headers["ETag"]})
        assert answer.status_code == 410, address
        assert "Mirsobir" not in answer.text
        assert "family" not in answer.text
    form = {**ANNA, "stamp": stamp_in(page.text)}
    assert client.post(f"/petitions/{OPEN}/sign", data=form).status_code == 410
    assert client.post(f"/petitions/{OPEN}/sign", data=form | {"name": ""}).status_code == 410
    for address in ("/", "/sitemap.xml", "/api/v1/petitions"):
        text = client.get(address).text
        assert OPEN not in text
        assert PAST in text


def test_signer_of_a_hidden_case_can_still_take_back(
    *,
    client: CheckingClient,
    database: SQLAlchemy,
    loaded: Loaded,
    signed: Callable[..., Any],
    link: Callable[..., str],
    now: Any,
) -> None:
    row, other = signed(), signed(email="other@example.org")
    hide(database, now)
    assert client.post(link("not-me", row)).status_code == 200
    form = {"signature": other.id, "action": "withdraw"}
    assert client.post(link("my-signature", other), data=form).status_code == 303
    assert {row.state, other.state} == {SignatureState.WITHDRAWN}

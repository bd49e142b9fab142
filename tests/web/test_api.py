"""The public API: what it tells, and that its description is true."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from petitions.models import PaperSignatures, Petition, Signature
from tests.pages import CheckingClient
from tests.web.conftest import OPEN, PAST, Loaded

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

NAMES = {
    "slug", "case", "title", "language", "state", "takes_signatures", "deadline_on", "time_zone",
    "numbers", "by_country",
}  # fmt: skip


def test_list_and_single_petition_tell_the_same(client: CheckingClient, loaded: Loaded) -> None:
    listed = client.get("/api/v1/petitions").json
    assert [row["slug"] for row in listed] == [OPEN, PAST]
    for row in listed:
        assert client.get(f"/api/v1/petitions/{row['slug']}").json == row
        assert set(row) == NAMES
    past = listed[1]
    assert (past["deadline_on"], past["state"]) == ("2013-01-27", "open")
    assert past["numbers"] == {
        "confirmed": 0, "attested": 0, "paper": 0, "partners": 0, "appeals": 0, "by_country": {},
        "as_of": None,
    }  # fmt: skip


def test_numbers_stand_apart_and_small_countries_together(
    *,
    client: CheckingClient,
    database: SQLAlchemy,
    loaded: Loaded,
    signed: Callable[..., Any],
    link: Callable[..., str],
    now: Any,
) -> None:
    client.post(link("confirm", signed()))
    row = database.session.execute(select(Signature.__table__)).mappings().one()
    copies = [
        {**row, "id": row["id"] + n, "country": "NO", "lookup": n.to_bytes(32, "big")}
        for n in range(1, 11)
    ]
    database.session.execute(insert(Signature), copies)
    petition = database.session.execute(select(Petition.id).where(Petition.slug == OPEN)).scalar()
    database.session.add(
        PaperSignatures(
            petition_id=petition, source="paper", number=7, provenance="a stall", entered_at=now
        )
    )
    found = client.get(f"/api/v1/petitions/{OPEN}").json
    assert found["numbers"]["confirmed"] == 11
    assert found["numbers"]["paper"] == 7
    assert found["by_country"] == found["numbers"]["by_country"]
    assert sum(found["by_country"].values()) == 11
    assert "IS" not in found["by_country"]


def test_nothing_personal_is_told(
    client: CheckingClient, loaded: Loaded, signed: Callable[..., Any], link: Callable[..., str]
) -> None:
    client.post(link("confirm", signed()))
    for address in ("/api/v1/petitions", f"/api/v1/petitions/{OPEN}"):
        text = client.get(address).text
        assert "Anna" not in text
        assert "example.org" not in text


def test_errors_are_json(client: CheckingClient, loaded: Loaded) -> None:
    for address, method, status in (
        ("/api/v1/petitions/nobody", "GET", 404),
        ("/api/v1/nothing", "GET", 404),
        ("/api/v1/petitions", "POST", 405),
    ):
        answer = client.open(address, method=method)
        assert answer.status_code == status
        assert answer.json["status"] == status


def test_description_is_true(client: CheckingClient, loaded: Loaded) -> None:
    described = client.get("/api/v1/openapi.json").json
    assert described["openapi"].startswith("3.1")
    schemas = described["components"]["schemas"]
    assert set(schemas["Petition"]["properties"]) == set(schemas["Petition"]["required"]) == NAMES
    for row in client.get("/api/v1/petitions").json:
        _fits(row, schemas["Petition"])
    _fits(client.get("/api/v1/petitions/nobody").json, schemas["Error"])
    for path in described["paths"]:
        address = "/api/v1" + path.replace("{petition}", OPEN)
        assert client.get(address).status_code == 200


def _fits(value: Any, schema: dict[str, Any]) -> None:
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    python = {
        "object": dict, "string": str, "integer": int, "boolean": bool, "array": list,
        "null": type(None),
    }  # fmt: skip
    assert isinstance(value, tuple(python[kind] for kind in kinds)), (value, schema)
    if "enum" in schema:
        assert value in schema["enum"]
    if isinstance(value, dict):
        rest = schema.get("additionalProperties", {})
        assert set(schema.get("required", ())) <= set(value)
        for name, part in value.items():
            inner = schema.get("properties", {}).get(name, rest)
            assert inner is not False, name
            _fits(part, inner)

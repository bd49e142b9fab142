"""The description of the API, in OpenAPI 3.1; a test holds the answers against it."""

from typing import Any

_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
_BY_COUNTRY: dict[str, Any] = {
    "type": "object",
    "description": (
        "Signatures confirmed by e-mail, by ISO 3166-1 alpha-2 code. Countries under ten are"
        " together under `other`. Sums to `confirmed`."
    ),
    "additionalProperties": _COUNT,
}
_NUMBERS: dict[str, Any] = {
    "type": "object",
    "description": "Each kind of number apart; they are never added up.",
    "properties": {
        "confirmed": {**_COUNT, "description": "Signatures confirmed by e-mail."},
        "attested": {**_COUNT, "description": "Signatures confirmed by an organiser."},
        "paper": {**_COUNT, "description": "Collected on paper."},
        "partners": {**_COUNT, "description": "Reported by partner organisations."},
        "appeals": {**_COUNT, "description": "Letters reported as sent; not verified."},
        "by_country": _BY_COUNTRY,
        "as_of": {
            "type": ["string", "null"],
            "format": "date-time",
            "description": (
                "When they were added up, while they may be older than five seconds: very many"
                " people are here, and numbers are renewed less often. Else null."
            ),
        },
    },
    "required": ["confirmed", "attested", "paper", "partners", "appeals", "by_country", "as_of"],
    "additionalProperties": False,
}
_PETITION: dict[str, Any] = {
    "type": "object",
    "properties": {
        "slug": {"type": "string"},
        "case": {"type": "string", "description": "The slug of the case."},
        "title": {"type": "string"},
        "language": {"type": "string", "description": "The language of the title (BCP 47)."},
        "state": {
            "type": "string",
            "enum": ["open", "paused", "closed", "stopped", "archived"],
        },
        "takes_signatures": {"type": "boolean"},
        "deadline_on": {
            "type": ["string", "null"],
            "format": "date",
            "description": "The last day on which signatures count.",
        },
        "time_zone": {"type": "string", "description": "The zone whose midnight ends that day."},
        "numbers": _NUMBERS,
        "by_country": _BY_COUNTRY,
    },
    "required": [
        "slug",
        "case",
        "title",
        "language",
        "state",
        "takes_signatures",
        "deadline_on",
        "time_zone",
        "numbers",
        "by_country",
    ],
    "additionalProperties": False,
}
_ERROR: dict[str, Any] = {
    "type": "object",
    "properties": {"error": {"type": "string"}, "status": {"type": "integer"}},
    "required": ["error", "status"],
}
_LANG: dict[str, Any] = {
    "name": "lang",
    "in": "query",
    "description": "Language of titles; else Accept-Language decides.",
    "schema": {"type": "string"},
}
_SLUG: dict[str, Any] = {
    "name": "petition",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
}


def description(base_url: str) -> dict[str, Any]:
    """Return the description, with this installation's address."""
    one = {"$ref": "#/components/schemas/Petition"}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Petitions",
            "version": "1",
            "description": "Published petitions and their numbers. No personal data.",
        },
        "servers": [{"url": f"{base_url}/api/v1"}],
        "paths": {
            "/petitions": {
                "get": {
                    "summary": "All published petitions",
                    "parameters": [_LANG],
                    "responses": {"200": _json("Petitions", {"type": "array", "items": one})},
                }
            },
            "/petitions/{petition}": {
                "get": {
                    "summary": "One petition",
                    "parameters": [_SLUG, _LANG],
                    "responses": {
                        "200": _json("The petition", one),
                        "404": _json("There is none of this name", _ref("Error")),
                        "410": _json("It was taken down", _ref("Error")),
                    },
                }
            },
        },
        "components": {"schemas": {"Petition": _PETITION, "Error": _ERROR}},
    }


def _json(meaning: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": meaning, "content": {"application/json": {"schema": schema}}}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}

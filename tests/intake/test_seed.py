"""The real Urgent Action that the project began with, held against the paper fact by fact."""

from __future__ import annotations

import pytest

from petitions.intake.urgent_action import read_document
from tests.house.files import ROOT

SEED = ROOT.parent / "shared" / "seeds" / "004_f0e563054d4dda6e.txt"
pytestmark = pytest.mark.skipif(
    not SEED.exists(), reason="the seed documents are not beside this copy of the repository"
)


def test_the_seed_is_read_whole() -> None:
    read = read_document(SEED.read_bytes()).as_json()
    assert (read["kind"], read["language"], read["deadline_on"]) == ("new", "en", "2013-01-27")
    assert read["title"] == "UZBEK MAN RISKS FORCIBLE RETURN FROM RUSSIA"
    assert (read["case_number"], read["index"], read["issued_on"]) == (None, None, None)
    assert read["countries"] == ["RU", "UZ"]
    assert read["people"] == [{"name": "Yusup Kasymakhunov", "gender": "m", "age": None}]
    assert [ask["states"] for ask in read["asks"]] == [["RU"], ["RU"], ["UZ"]]
    assert read["letter_languages"] == ["ru", "own"]
    assert read["embassies"] is True
    assert read["doubts"] == []


def test_the_seeds_officials_have_every_fax_address_and_salutation() -> None:
    officials = read_document(SEED.read_bytes()).as_json()["officials"]
    assert [(one["name"], one["country"], one["role"]) for one in officials] == [
        ("Aleksandr Ivanovich Bastrykin", "RU", "to"),
        ("Bahodir Ahmedovich Matlubov", "UZ", "to"),
        ("Vladimir Egorovich Pronichev", "RU", "copy"),
    ]
    assert [one["faxes"] for one in officials] == [
        ["+7499 265 90 77", "+7499 265 97 75"],
        ["+ 998 71 233 89 34"],
        ["+7 495 914 26 32"],
    ]
    assert [one["emails"] for one in officials] == [
        [],
        ["mvd@mvd.uz", "info@mvd.uz"],
        ["fsb@fsb.ru"],
    ]
    assert [one["salutations"] for one in officials] == [
        {"en": "Dear Chairman of the Investigation Committee"},
        {"en": "Dear Minister"},
        {},
    ]
    assert [one["lines"] for one in officials] == [
        ["Tekhnicheskii pereulok, dom 2", "105005 Moscow, Russian Federation"],
        ["ul. Junus Rajabiy 1", "Tashkent 100029", "UZBEKISTAN"],
        ["Ul. Bolshaia Lubianka, dom 1/3", "107031 Moscow, Russian Federation"],
    ]

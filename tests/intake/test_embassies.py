"""An embassy of a paper: whose it is and where, as far as its own words say it."""

import pytest

from petitions.intake.draft import DraftOfficial
from petitions.intake.embassies import embassy_in, rule_is_meant


@pytest.mark.parametrize(
    ("office", "organisation", "country", "language", "read"),
    [
        ("Ambassador", "Embassy of the Republic of Uzbekistan", "GB", "en", "embassy UZ GB"),
        ("Embassy of Uzbekistan in Germany", None, None, "en", "embassy UZ DE"),
        ("Ambassador of Uzbekistan to the United Kingdom", None, None, "en", "embassy UZ GB"),
        ("Russian Embassy", None, "GB", "en", "embassy RU GB"),
        ("US Embassy in Tashkent", None, "UZ", "en", "embassy US UZ"),
        ("Ambassadeur de la Fédération de Russie", "Ambassade", "FR", "fr", "embassy RU FR"),
        ("Ambassade d’Ouzbékistan", None, "FR", "fr", "embassy UZ FR"),
        ("Botschaft der Republik Usbekistan", None, "DE", "de", "embassy UZ DE"),
        ("Embajada de Uzbekistán en España", None, None, "es", "embassy UZ ES"),
        ("Consulate General of Mexico", None, "US", "en", "consulate MX US"),
        (
            "Permanent Mission of Uzbekistan to the United Nations",
            None,
            "CH",
            "en",
            "mission UZ CH",
        ),
        ("Embassy", None, "DE", "en", "embassy None DE"),
        ("Embassy of Uzbekistan", None, "UZ", "en", "embassy UZ None"),
        ("Minister of Foreign Affairs", "Ministry", "UZ", "en", ""),
        ("Ambassador-at-Large for Human Rights", "Ministry", "RU", "en", ""),
    ],
)
def test_embassy_is_what_its_own_words_say(
    office: str, organisation: str | None, country: str | None, language: str, read: str
) -> None:
    official = DraftOfficial(office=office, organisation=organisation, country=country)
    found = embassy_in(official, language)
    assert (f"{found.kind} {found.represents} {found.seat}" if found else "") == read


def test_rule_is_meant_where_an_embassy_of_a_state_addressed_gets_a_copy() -> None:
    embassy = DraftOfficial(office="Embassy of Uzbekistan", country="DE", role="copy")
    assert rule_is_meant([embassy], ["UZ"], "en")
    assert not rule_is_meant([embassy], ["RU"], "en")
    embassy.role = "to"
    assert not rule_is_meant([embassy], ["UZ"], "en")

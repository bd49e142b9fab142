"""The cast of the document tests: signers in many scripts, one official, one letter."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from hashlib import md5
from itertools import cycle, islice
from typing import Any

from petitions.documents import (
    BundleContent,
    Counts,
    Entry,
    Letter,
    LetterAddressee,
    ListHeading,
    SigningKey,
)

DAY = date(2026, 11, 23)
SIGNED_ON = date(2026, 11, 1)

# One name for each script, as its owners write it; the fonts of manimgx-fonts have all of them.
NAMES_BY_SCRIPT = {
    "Latin": "Nguyễn Thị Hạnh",
    "Cyrillic": "Олег Ёлкин",
    "Greek": "Ελένη Παππά",
    "Arabic": "محمد علي",
    "Persian": "ژاله گلچهره",
    "Urdu": "عائشہ ٹھاکر",
    "Hebrew": "שָׂרָה כהן",
    "Devanagari": "राम कृष्ण",
    "Bengali": "শ্রেয়া ঘোষ",
    "Gurmukhi": "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ",
    "Gujarati": "ક્ષમા પટેલ",
    "Oriya": "ଶ୍ରୀନିବାସ",
    "Tamil": "தமிழ்ச்செல்வி",
    "Telugu": "శ్రీనివాస్",
    "Kannada": "ಶ್ರೀಕಾಂತ್",
    "Malayalam": "ശ്രീജിത്ത്",
    "Sinhala": "ශ්‍රී කුමාර",
    "Thai": "สมศักดิ์ ใจดี",
    "Lao": "ສົມພອນ",
    "Khmer": "សុខ ចាន់",
    "Burmese": "မောင်မောင်ကြီး",
    "Georgian": "გიორგი ბერიძე",
    "Armenian": "Հայկ Գրիգորյան",
    "Ethiopic": "አበበ በቀለ",
    "Uzbek": "Gʻulom Oʻrinov",
}

ADDRESSEE = LetterAddressee(
    office="Prosecutor General",
    name="Ikhtior Abdullaev",
    organisation="Office of the Prosecutor General",
    postal_lines=("ul. Gulyamova 66", "Tashkent 700047", "Uzbekistan"),
    faxes=("+998 71 133 39 17",),
)


def entry(number: int | None = 1, name: str = "Ana García", **values: Any) -> Entry:
    """One entry: by name, unless `appearance` says otherwise."""
    shown = {"appearance": "full", "place": "Marburg", "country": "DE"}
    if values.get("appearance") == "initials":
        shown["place"] = ""
    salt = md5(f"{number}{name}".encode(), usedforsecurity=False).digest()
    return Entry(
        **{
            "number": number,
            "name": name,
            "signed_on": SIGNED_ON,
            "verified_by": "e-mail",
            "salt": salt,
            **shown,
            **values,
        }
    )


def counted(nth: int = 0) -> Entry:
    salt = nth.to_bytes(16, "big")
    return entry(None, "", appearance="counted", place="", country="", salt=salt)


def some_entries(
    named: int = 3, initials: int = 1, counted_only: int = 2, names: Iterable[str] = ()
) -> Iterator[Entry]:
    """Entries in list order, the counted ones last."""
    written = cycle(tuple(names) or tuple(NAMES_BY_SCRIPT.values()))
    for number, name in enumerate(islice(written, named), 1):
        yield entry(number, name)
    for number in range(named + 1, named + initials + 1):
        yield entry(number, "M. K.", appearance="initials")
    for nth in range(counted_only):
        yield counted(nth)


def letter(**values: Any) -> Letter:
    return replace(
        Letter(
            language="en",
            sender_name="Open Letter Network",
            sender_lines=("12 Example Street", "London EC1A 1BB"),
            sender_contact="office@example.org",
            reference="khamidkariev/3",
            dated_on=DAY,
            addressee=ADDRESSEE,
            salutation="Dear Prosecutor General,",
            subject="Investigate the abduction of Mirsobir Khamidkariev",
            opening="He was abducted in Moscow.\n\nHe was handed over without any border control.",
            asks=("Release him immediately.", "Investigate his abduction."),
            counts=Counts(3, 1, 2),
            signatory_lines=("Jane Organiser",),
        ),
        **values,
    )


def heading(**values: Any) -> ListHeading:
    return replace(
        ListHeading(
            language="en",
            petition="Investigate the abduction of Mirsobir Khamidkariev",
            addressee="Prosecutor General, Uzbekistan",
            reference="khamidkariev/3",
            dated_on=DAY,
        ),
        **values,
    )


def bundle(
    named: int = 3, initials: int = 1, counted_only: int = 2, **values: Any
) -> BundleContent:
    """A bundle with names and its list, unless `letter` says otherwise."""
    return BundleContent(
        **{
            "letter": letter(names_enclosed=True, counts=Counts(named, initials, counted_only)),
            "entries": lambda: some_entries(named, initials, counted_only),
            "bundle_id": "khamidkariev-3",
            "nonce": bytes(range(32)),
            "info": (
                ("Source-Organization", "Open Letter Network"),
                ("Bagging-Date", "2026-11-23"),
            ),
            "heading": heading(),
            **values,
        }
    )


def signing_key() -> SigningKey:
    return SigningKey.generate()

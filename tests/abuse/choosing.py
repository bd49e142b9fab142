"""Random petitions and signers, and in plain words what each office may then get of each signer.

The oracle (`shown_to`) knows no query and no table of the product: it reads the plan alone.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from petitions.domain import privacy, reviewing, signing
from petitions.domain.expiry import expire
from petitions.domain.signing import SigningForm
from petitions.domain.site import Site
from petitions.extensions import db
from petitions.models import (
    Addressee,
    Appearance,
    ConsentOffice,
    ConsentText,
    ConsentVersion,
    Official,
    OfficialText,
    Part,
    Petition,
    PetitionText,
    Signature,
    TextVersion,
)
from tests.documents.cast import NAMES_BY_SCRIPT
from tests.domain.cast import Cast, add_ask, embassy, publish

A = Appearance
NAMES = tuple(NAMES_BY_SCRIPT.values())
COUNTRIES = ("GB", "IE", "DE", "UZ", "KZ")
EMBASSIES = {"uz-london": ("GB", "IE"), "uz-berlin": ("DE",)}
MINISTER, SECOND, COPY, RULE = "minister", "second", "copy", "rule"
OFFICES = (MINISTER, SECOND, COPY, RULE)
ENDS = ("withdrawn", "set aside", "expired", "attested", "pending")
_numbers = itertools.count()


@dataclass
class Signer:
    """Somebody who signs. `state` is where it ends; `then` what its signer does after a freeze."""

    script: int
    appearance: Appearance
    country: str
    consent: int
    text: int
    language: str
    has_place: bool
    own_initials: bool
    news: bool
    state: str
    less: Appearance | None
    then: str
    code: str = field(default="", repr=False)
    id: int = 0

    @property
    def name(self) -> str:
        return f"{NAMES[self.script]} Zq{self.code}"

    @property
    def place(self) -> str:
        return f"{NAMES[-self.script]} Wx{self.code}" if self.has_place else ""

    @property
    def initials(self) -> str:
        return f"Ɣ. {self.code[-1]}." if self.own_initials else ""

    @property
    def email(self) -> str:
        return f"ew{self.code}@{self.code}.example".lower()

    def marks(self) -> list[str]:
        """What is nowhere but in what this signer wrote."""
        return [f"Zq{self.code}", f"Wx{self.code}", self.email, *filter(None, [self.initials])]


@dataclass(frozen=True)
class Plan:
    """A petition: who gets names now, and what each consent said of each office."""

    names_go: dict[str, bool]
    consents: tuple[dict[str, bool], ...]
    texts: tuple[tuple[str, ...], ...]
    signers: tuple[Signer, ...]


@dataclass(frozen=True)
class Shown:
    """What an office gets of one signer: named, by initials, or counted."""

    signer: Signer
    appearance: Appearance


def each_choice() -> Plan:
    """Return a petition in which each choice meets each consent, and nobody is left out."""
    consents = (
        dict.fromkeys(OFFICES, True),
        {MINISTER: True, SECOND: False, COPY: False, RULE: False},
        {MINISTER: False},
    )
    cells = itertools.product(A, range(1, len(consents) + 1), COUNTRIES[:2])
    then = itertools.cycle(["", "initials", "counted", "withdraw", "set aside"])
    confirmed = [
        _signer(appearance=chosen, consent=consent, country=country, then=next(then))
        for chosen, consent, country in cells
    ]
    others = [_signer(state=state) for state in ENDS]
    changed = [_signer(less=A.COUNTED), _signer(then="erase"), _signer(text=2, country="DE")]
    names_go = dict.fromkeys(OFFICES, True)
    return Plan(names_go, consents, (("en",), ("en", "ru")), (*confirmed, *others, *changed))


def _signer(**choices: Any) -> Signer:
    given = {
        "script": 3, "appearance": A.FULL, "country": "GB", "consent": 1, "text": 1,
        "language": "en", "has_place": True, "own_initials": True, "news": False,
        "state": "confirmed", "less": None, "then": "",
    }  # fmt: skip
    return Signer(**{**given, **choices})


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Return a petition with its signers."""
    said = st.sampled_from([True, False, None])  # None: the consent does not name the office
    consent = st.fixed_dictionaries(dict.fromkeys(OFFICES, said)).map(
        lambda told: {office: names for office, names in told.items() if names is not None}
    )
    consents = draw(st.lists(consent, min_size=1, max_size=3))
    texts = draw(st.lists(st.sampled_from([("en",), ("en", "ru")]), min_size=1, max_size=2))
    names_go = {office: draw(st.booleans()) for office in (SECOND, COPY, RULE)}
    signers = st.builds(
        Signer,
        script=st.integers(1, len(NAMES) - 1),
        appearance=st.sampled_from(A),
        country=st.sampled_from(COUNTRIES),
        consent=st.integers(1, len(consents)),
        text=st.integers(1, len(texts)),
        language=st.sampled_from(["en", "ru"]),
        has_place=st.booleans(),
        own_initials=st.booleans(),
        news=st.booleans(),
        # Most are confirmed: the others are to stand in no file at all.
        state=st.sampled_from([*["confirmed"] * 8, *ENDS]),
        less=st.sampled_from([None, None, A.INITIALS, A.COUNTED]),
        then=st.sampled_from(["", "", "initials", "counted", "withdraw", "erase", "set aside"]),
        code=st.just(""),
    )
    people = draw(st.lists(signers, min_size=3, max_size=9))
    # The first consent of all names the minister for names, so that there is somebody to hand over.
    first = {**consents[0], MINISTER: True}
    return Plan({MINISTER: True, **names_go}, (first, *consents[1:]), tuple(texts), tuple(people))


def raise_petition(site: Site, plan: Plan, slug: str, now: datetime) -> tuple[Cast, dict[str, int]]:
    """Publish the petition of a plan; return it, and the addressees by their office."""
    cast = publish(site, now, slug=slug)
    second = _second(cast.petition, slug)
    rows = {MINISTER: cast.minister, SECOND: second, COPY: cast.border_agency}
    rows[RULE] = cast.embassies
    for office, row in rows.items():
        row.names_go = plan.names_go[office]
        row.names_reason = "They asked for it." if row.part is Part.COPY else None
    for name, countries in EMBASSIES.items():
        if not db.session.execute(db.select(Official).where(Official.slug == name)).first():
            embassy(name, *countries)
    db.session.execute(db.delete(ConsentOffice).filter_by(consent_version_id=cast.consent.id))
    for number, offices in enumerate(plan.consents, start=1):
        version = cast.consent if number == 1 else _consent(cast.petition, number, now)
        db.session.add_all(
            ConsentOffice(
                consent_version_id=version.id, addressee_id=rows[office].id, names_go=names_go
            )
            for office, names_go in offices.items()
        )
    for number, languages in enumerate(plan.texts, start=1):
        _text(cast, number, languages, list(rows.values()), now)
    db.session.commit()
    return cast, {office: row.id for office, row in rows.items()}


def let_sign(site: Site, petition: Petition, signer: Signer, now: datetime) -> None:
    """Sign as a signer does, and come to where the signature ends before any freeze."""
    signer.code = _code(next(_numbers))
    at = now - timedelta(days=3)
    form = SigningForm(
        name=signer.name,
        initials=signer.initials,
        email=signer.email,
        place=signer.place,
        country=signer.country,
        appearance=signer.appearance,
        news=signer.news,
        language=signer.language,
        text_number=signer.text,
        consent_number=signer.consent,
    )
    signing.sign(site, petition, form, at)
    newest = db.select(Signature.id).order_by(Signature.id.desc()).limit(1)
    signer.id = db.session.execute(newest).scalar_one()
    match signer.state:
        case "pending":
            return
        case "attested":
            reviewing.attest(
                site, signer.id, organiser_id=_organiser(), reason="I know her", actor="o", now=at
            )
            return
        case "expired":
            expire([signer.id], now)
            return
    signing.confirm(petition, signer.id, at)
    if signer.less is not None and signer.less.shows_no_more_than(signer.appearance):
        privacy.show_less(signer.id, signer.less)
        signer.appearance = signer.less
    if signer.state == "withdrawn":
        privacy.withdraw(signer.id, at)
    elif signer.state == "set aside":
        _set_aside(site, petition, signer, now)


def let_go_on(site: Site, petition: Petition, signer: Signer, now: datetime) -> None:
    """Do what the signer, or a reviewer, does after bundles were frozen."""
    if signer.state != "confirmed":
        return
    match signer.then:
        case "initials" | "counted" as less:
            if A(less).shows_no_more_than(signer.appearance):
                privacy.show_less(signer.id, A(less))
                signer.appearance = A(less)
        case "withdraw":
            privacy.withdraw(signer.id, now)
            signer.state = "withdrawn"
        case "erase":
            privacy.erase(signer.id, now)
            signer.state = "erased"
        case "set aside":
            _set_aside(site, petition, signer, now)
            signer.state = "set aside"


def shown_to(plan: Plan, office: str, text: int, countries: tuple[str, ...]) -> list[Shown]:
    """Return what an office may get with one version of the text: the whole rule, once more."""
    shown = []
    for signer in plan.signers:
        agreed = plan.consents[signer.consent - 1]
        if signer.state != "confirmed" or signer.text != text or office not in agreed:
            continue
        if office == RULE and signer.country not in countries:
            continue
        # Where no names go at all, the letter says how people chose; nobody stands in a list.
        as_chosen = agreed[office] or not plan.names_go[office]
        shown.append(Shown(signer, signer.appearance if as_chosen else A.COUNTED))
    return shown


def _code(number: int) -> str:
    """Letters alone, so that nothing of a name is taken for a number; never twice in a run."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    digits = [number // 26**power % 26 for power in (3, 2, 1, 0)]
    return "J" + "".join(letters[digit] for digit in digits)


def _set_aside(site: Site, petition: Petition, signer: Signer, now: datetime) -> None:
    reviewing.set_aside(
        site, petition, [signer.id], ground="automatic", reason="", actor="o", now=now
    )


def _organiser() -> int:
    from petitions.models import Organiser

    found = db.session.execute(db.select(Organiser.id)).scalars().first()
    if found is not None:
        return found
    row = Organiser(email="o@example.org", name="O", fs_uniquifier="o", created_at=_EPOCH)
    db.session.add(row)
    db.session.flush()
    return row.id


_EPOCH = datetime.fromisoformat("2026-01-01T00:00:00+00:00")


def _second(petition: Petition, slug: str) -> Addressee:
    official = Official(slug=f"second-{slug}", country="UZ", source_language="en")
    db.session.add(official)
    db.session.flush()
    db.session.add(
        OfficialText(
            official_id=official.id, language="en", office="Second office", salutation="Dear Sir"
        )
    )
    row = Addressee(
        petition_id=petition.id, position=4, part=Part.TO, official_id=official.id, names_go=True
    )
    db.session.add(row)
    db.session.flush()
    return row


def _consent(petition: Petition, number: int, now: datetime) -> ConsentVersion:
    version = ConsentVersion(
        petition_id=petition.id, number=number, created_at=now, published_at=now
    )
    db.session.add(version)
    db.session.flush()
    db.session.add(
        ConsentText(consent_version_id=version.id, language="en", risk="R", consent="C", news="N")
    )
    return version


def _text(
    cast: Cast, number: int, languages: tuple[str, ...], aimed_at: list[Addressee], now: datetime
) -> None:
    """Write a version of the text; the first one is there, in English."""
    version = cast.text
    if number > 1:
        version = TextVersion(
            petition_id=cast.petition.id, number=number, created_at=now, published_at=now
        )
        db.session.add(version)
        db.session.flush()
        add_ask(version, aimed_at)
    for language in languages:
        if (number, language) != (1, "en"):
            text = PetitionText(text_version_id=version.id, language=language)
            text.title, text.text, text.letter_subject = "Find her", "She is missing.", "Anna B"
            text.letter_opening, text.letter_closing = f"Version {number}.", "Yours"
            db.session.add(text)
    db.session.flush()

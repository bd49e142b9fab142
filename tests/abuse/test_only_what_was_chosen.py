"""Whatever is signed, chosen, frozen and taken back: nobody gets more than each signer chose.

Random petitions are built, signed and handed over by the product itself; each file of each bundle,
each public page, feed and answer of the API, and each mail is then held against the choices.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import zipfile
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from typing import cast as typed

import openpyxl
import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from hypothesis import HealthCheck, Phase, example, given, settings

from petitions.documents import assemble, fax, name_list
from petitions.documents.entries import Letter
from petitions.documents.letter_text import letter_text
from petitions.documents.record import handover_lines
from petitions.domain import bundles, outbox
from petitions.domain.bundle_files import entries_of, keep_proof, write_file
from petitions.domain.bundles import Recipient
from petitions.domain.sealing import opener_for
from petitions.domain.signing_keys import ensure_signing_key
from petitions.domain.site import Site
from petitions.errors import BundleRefused, NothingToHandOver
from petitions.extensions import begin_snapshot, begin_write, db
from petitions.i18n import country_name
from petitions.mail.compose import compose
from petitions.mail.verdicts import NotToBeSent
from petitions.models import Appearance, Bundle, Petition, TextVersion
from tests.abuse.choosing import (
    EMBASSIES,
    RULE,
    Plan,
    Shown,
    Signer,
    each_choice,
    let_go_on,
    let_sign,
    plans,
    raise_petition,
    shown_to,
)
from tests.documents.pdf import text_of
from tests.domain.cast import Cast
from tests.mail.queueing import html_of
from tests.mail.queueing import text_of as text_of_mail
from tests.pages import CheckingClient

A = Appearance
_petitions = itertools.count(1)
# The same examples in each run, and few: each is a petition that is signed and handed over twice.
# One that fails is shown as it is: making it smaller would take minutes.
house = settings(
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
_MARKS_OF_PRINT = dict.fromkeys((0x2068, 0x2069, 0x200B))


class Press:
    """Takes what is given to typst, where setting real pages would take too long."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.letters: list[Letter] = []
        self.lists: list[dict[str, Any]] = []
        monkeypatch.setattr(assemble, "write_letter", self._letter)
        monkeypatch.setattr(name_list, "write_volume", self._list)

    def _letter(self, letter: Letter, path: Path) -> int:
        self.letters.append(letter)
        path.write_bytes(b"a letter")
        return 1

    def _list(self, data: Path, path: Path) -> int:
        self.lists.append(json.loads(data.read_text(encoding="utf-8")))
        path.write_bytes(b"a list")
        return 1


@pytest.fixture
def site(app: Flask) -> Site:
    found = typed(Site, app.extensions["petitions"])
    ensure_signing_key(found.keyring)
    return found


@settings(house, max_examples=4)
@given(plan=plans())
@example(plan=each_choice())
def test_each_file_page_and_mail_shows_what_was_chosen(
    *,
    plan: Plan,
    app: Flask,
    client: CheckingClient,
    database: SQLAlchemy,
    site: Site,
    frozen_time: object,
    now: datetime,
    tmp_path: Path,
) -> None:
    plan = deepcopy(plan)  # what its signers do changes it, and it is used for both databases
    with pytest.MonkeyPatch.context() as monkeypatch:
        press = Press(monkeypatch)
        cast, mails = signed(site, app, plan, now)
        for mail in mails:
            names_nobody(mail, plan, cast)
        first = handed_over(site, press, plan, cast, now=now, folder=tmp_path)
        for signer in plan.signers:
            let_go_on(site, cast.petition, signer, now)
        db.session.commit()
        for bundle, kept in first:
            same_or_refused(site, bundle, kept, plan, tmp_path)
        handed_over(site, press, plan, cast, now=now, folder=tmp_path)
        public_pages(client, plan, cast)


@only_sqlite
@settings(house, max_examples=1)
@given(plan=plans())
@example(plan=each_choice())
def test_printed_lists_show_what_was_chosen(
    *,
    plan: Plan,
    app: Flask,
    database: SQLAlchemy,
    site: Site,
    now: datetime,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same with real PDFs, as they are handed over: tables and rolls."""
    plan = deepcopy(plan)
    cast, _ = signed(site, app, plan, now)
    for recipient, version, shown in everybody(plan, cast):
        for bundle in frozen(cast, recipient, now):
            if bundle.text_version_id != version.id or not bundle.names_go:
                continue
            monkeypatch.setattr(name_list, "ROLL_FROM", 0 if bundle.id % 2 else 1000)
            kept = zipfile.ZipFile(written(site, bundle, tmp_path, now))
            for name in kept.namelist():
                if name.endswith(".pdf"):
                    path = Path(kept.extract(name, tmp_path))
                    printed_on(text_of(path), plan, shown, is_list="signatures" in name)


def signed(site: Site, app: Flask, plan: Plan, now: datetime) -> tuple[Cast, list[str]]:
    """Publish the petition and let everybody sign; return it with the mails that went out."""
    db.session.rollback()
    begin_write()
    cast, _ = raise_petition(site, plan, f"anna-{next(_petitions)}", now)
    for signer in plan.signers:
        let_sign(site, cast.petition, signer, now)
    db.session.commit()
    mails = []
    for mail in outbox.claim(site, "a worker", now, most=100):
        try:
            message = compose(site, app.extensions["petitions.mail"], mail, now)
        except NotToBeSent:  # withdrawn or expired before it went
            continue
        mails.append("\n".join((str(message["Subject"]), text_of_mail(message), html_of(message))))
    db.session.commit()
    return cast, mails


def everybody(plan: Plan, cast: Cast) -> Iterator[tuple[Recipient, TextVersion, list[Shown]]]:
    """Each recipient with each version of the text, and what the plan says that it may get."""
    for recipient in bundles.recipients_of(cast.petition):
        slug = recipient.official.slug
        office = RULE if slug in EMBASSIES else slug.partition("-")[0].replace("agency", "copy")
        for version in bundles.published_versions(cast.petition):
            countries = EMBASSIES.get(slug, ())
            yield recipient, version, shown_to(plan, office, version.number, countries)


def frozen(cast: Cast, recipient: Recipient, now: datetime) -> list[Bundle]:
    db.session.rollback()
    begin_snapshot()
    try:
        made = bundles.freeze(cast.petition, recipient, now)
    except NothingToHandOver:
        made = []
    db.session.commit()
    return made


def written(site: Site, bundle: Bundle, folder: Path, now: datetime) -> Path:
    made = write_file(site, bundle, folder)
    keep_proof(site, bundle, made, now)
    db.session.commit()
    return made.path


def handed_over(
    site: Site, press: Press, plan: Plan, cast: Cast, *, now: datetime, folder: Path
) -> list[tuple[Bundle, bytes]]:
    """Build all bundles and hold each against the plan; return them with their bytes."""
    kept = []
    for recipient, version, shown in list(everybody(plan, cast)):
        if version.number == 1:  # one freeze makes the bundles of all versions
            made = {bundle.text_version_id: bundle for bundle in frozen(cast, recipient, now)}
        bundle = made.pop(version.id, None)
        assert (bundle is None) == (not shown), "a bundle of nobody, or a signer left out"
        if bundle is None:
            continue
        press.letters.clear()
        press.lists.clear()
        path = written(site, bundle, folder, now)
        kept.append((bundle, path.read_bytes()))
        hold(bundle, path, press, plan, shown)
        hold_beside(site, bundle, press.letters[0], plan, shown)
    return kept


def hold_beside(site: Site, bundle: Bundle, letter: Letter, plan: Plan, shown: list[Shown]) -> None:
    """Hold what is made of a bundle beside its file: fax, text of a mail, list as a file.

    The sheet of numbers is made of what the fax is made of; papers in a mail are the bundle's own.
    """
    nobody_in(json.dumps(fax._data(letter), default=str, ensure_ascii=False), plan)
    nobody_in(letter_text(letter), plan)
    opener = opener_for(db.session.get_one(Petition, bundle.petition_id).case_id, site.keyring)
    if not bundle.names_go:
        return
    content = "".join(handover_lines(entries_of(bundle, opener)))
    table = list(csv.reader(io.StringIO(content)))
    listed = sorted(row_of(one) for one in shown if one.appearance is not A.COUNTED)
    assert sorted(tuple(row[1:]) for row in table[1:]) == listed
    only_of(content, plan, shown, "the list as a file")


def hold(bundle: Bundle, path: Path, press: Press, plan: Plan, shown: list[Shown]) -> None:
    """Hold one bundle with all its files against what its office may get."""
    named, initials, counted = (sum(one.appearance is kind for one in shown) for kind in A)
    assert (bundle.named, bundle.initials, bundle.counted) == (named, initials, counted)
    assert bundle.eligible == named + initials + counted == len(shown)
    (letter,) = press.letters
    assert letter.counts is not None
    counts = letter.counts
    assert (counts.named, counts.initials, counts.counted) == (named, initials, counted)
    nobody_in(json.dumps(asdict(letter), default=str, ensure_ascii=False), plan)
    files = members(path)
    info = files["bag-info.txt"]
    nobody_in(info, plan)
    assert f"Eligible-Signatures: {len(shown)}\n" in info
    assert f"Counted-Signatures: {counted}\n" in info
    nobody_in(files["tagmanifest-sha256.txt"] + files["manifest-sha256.txt"], plan)
    if not bundle.names_go:
        assert press.lists == []
        payload = {name for name in files if name.startswith("data/")}
        assert payload == {"data/handover/letter.pdf", "data/record/nonce.txt"}
        return
    listed = sorted(row_of(one) for one in shown if one.appearance is not A.COUNTED)
    table = list(csv.reader(io.StringIO(files["data/record/signatures.csv"])))
    assert sorted(tuple(row[1:4]) for row in table[1:]) == listed
    objects = [json.loads(line) for line in files["data/record/signatures.jsonl"].splitlines()]
    assert sorted((one["name"], one["place"], one["country"]) for one in objects) == listed
    assert {*files} - {"data/record/signatures.xlsx"} >= {"data/handover/signatures.pdf"}
    with zipfile.ZipFile(path) as zipped:
        member = next(name for name in zipped.namelist() if name.endswith(".xlsx"))
        sheet = openpyxl.load_workbook(io.BytesIO(zipped.read(member))).worksheets[0]
    cells = [tuple(str(cell or "") for cell in row) for row in sheet.values]
    assert sorted(row[1:4] for row in cells[1:]) == listed
    assert len(files["data/record/commitments.txt"].split()) == len(shown)
    given_to_typst(press, bundle, listed)
    for name, content in [*files.items(), ("xlsx", "\n".join(map(" ".join, cells)))]:
        only_of(content, plan, shown, name)


def given_to_typst(press: Press, bundle: Bundle, listed: list[tuple[str, str, str]]) -> None:
    """The printed list has number, name, place and country, and nothing else of anybody."""
    (data,) = press.lists
    rows = [[cell.translate(_MARKS_OF_PRINT) for cell in row] for row in data.pop("rows")]
    assert [row[0] for row in rows] == [str(at) for at in range(1, len(listed) + 1)]
    expected = [
        (name_list.printable(name), name_list.printable(place), country_name(code, bundle.language))
        for name, place, code in listed
    ]
    assert sorted(tuple(row[1:]) for row in rows) == sorted(expected)
    told = json.dumps(data, ensure_ascii=False)
    assert not [name for name, _, _ in listed if name in told]


def row_of(one: Shown) -> tuple[str, str, str]:
    signer = one.signer
    if one.appearance is A.FULL:
        return signer.name, signer.place, signer.country
    return initials_of(signer), "", signer.country


def initials_of(signer: Signer) -> str:
    """What the signer wrote, or the first letters of the name."""
    return signer.initials or signing_initials(signer.name)


def signing_initials(name: str) -> str:
    from petitions.domain.names import suggested_initials

    return suggested_initials(name) or "N. N."


def only_of(content: str, plan: Plan, shown: list[Shown], where: str) -> None:
    """A file names those who chose it, and of the others not even a letter that only they wrote."""
    as_shown = {one.signer.code: one.appearance for one in shown}
    for signer in plan.signers:
        appearance = as_shown.get(signer.code, A.COUNTED)
        name, place, email, *initials = signer.marks()
        assert email not in content.lower(), where
        if appearance is not A.FULL:
            assert name.lower() not in content.lower(), where
            assert place.lower() not in content.lower(), where
        if appearance is not A.INITIALS:
            others = {initials_of(other) for other in plan.signers if other is not signer}
            assert not [one for one in initials if one not in others and one in content], where


def nobody_in(content: str, plan: Plan) -> None:
    """What is for everybody, or for an office without names, has nothing that a signer wrote."""
    for signer in plan.signers:
        for mark in signer.marks():
            assert mark.lower() not in content.lower()


def names_nobody(mail: str, plan: Plan, cast: Cast) -> None:
    """A mail to a signer names no signer, no case, no person and no official."""
    for signer in plan.signers:
        marks = [mark for mark in signer.marks() if mark != signer.email]
        assert not [mark for mark in marks if mark.lower() in mail.lower()]
    words = (cast.petition.slug, "Anna B", "Find Anna", "minister", "Second office")
    assert not [word for word in words if word.lower() in mail.lower()]


def printed_on(text: str, plan: Plan, shown: list[Shown], *, is_list: bool) -> None:
    as_shown = {one.signer.code: one.appearance for one in shown}
    for signer in plan.signers:
        full = is_list and as_shown.get(signer.code) is A.FULL
        assert (f"Zq{signer.code}" in text) == full
        assert (f"Wx{signer.code}" in text) == (full and signer.has_place)
        assert signer.email not in text.lower()


def same_or_refused(site: Site, bundle: Bundle, kept: bytes, plan: Plan, folder: Path) -> None:
    """What was frozen stays as it was handed over, or cannot be made again: somebody was erased."""
    (again := folder / "again").mkdir(exist_ok=True)
    try:
        path = write_file(site, bundle, again).path
    except BundleRefused:
        assert bundle.names_go
        assert any(signer.state == "erased" for signer in plan.signers)
        return
    assert path.read_bytes() == kept
    db.session.rollback()


def members(path: Path) -> dict[str, str]:
    """All files of a bundle as text; bytes that are none stand for themselves."""
    with zipfile.ZipFile(path) as zipped:
        return {
            name.split("/", 1)[1]: zipped.read(name).decode("utf-8", "surrogateescape")
            for name in zipped.namelist()
        }


def public_pages(client: CheckingClient, plan: Plan, cast: Cast) -> None:
    """Pages, feeds and the API have numbers of signers, and nothing of any of them."""
    slug = cast.petition.slug
    for path in (
        "/", f"/cases/{slug}", f"/petitions/{slug}", f"/petitions/{slug}?lang=ru&country=UZ",
        f"/embed/{slug}", f"/petitions/{slug}/letters", f"/petitions/{slug}/thank-you",
        f"/petitions/{slug}/share", "/updates.atom", f"/cases/{slug}/updates.atom",
        "/api/v1/petitions", "/sitemap.xml",
    ):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == 200, path
        nobody_in(answer.text, plan)
    answer = client.get(f"/api/v1/petitions/{slug}")
    nobody_in(answer.text, plan)
    numbers = answer.json["numbers"]
    states = [signer.state for signer in plan.signers]
    assert numbers["confirmed"] == states.count("confirmed")
    assert numbers["attested"] == states.count("attested")

"""What whoever takes the stopped server can read: each line of docs/seized-server.md, tried.

The site runs as operators run it, on both databases and in both modes. Names are improbable, so
that each can be looked for in every byte.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from flask import current_app
from sqlalchemy import select

from petitions import clock
from petitions.errors import CannotOpen
from petitions.extensions import begin_write, db
from tests.abuse.running import Running, signer
from tests.abuse.seizing import Seized, seize
from tests.domain.cast import publish
from tests.domain.sealing_cast import MAJA
from tests.journeys.staging import Signer, until
from tests.servers.site import ROOT
from tests.servers.smtp import SmtpServer

STATEMENT = ROOT / "docs" / "seized-server.md"
CASE = "anna-b"
ORGANISER = "maja.quornbeck@organisers.example"
SECOND = "sam.brindlewax@organisers.example"
REASON = "Wexlithorpe telephoned about it"
REACH = "Ring Quillonaxe at the Jorvinsplatz bakery"
FOR = "Wexlithorpe takes the bundle to the ministry"


BEFORE = signer("Quillonaxe Vrzblatt", "Qx. Vz.", "Ombrefjordheim")
BUILT = signer("Fjolmandrius Gwextle", "Fj. Gx.", "Brackenwolfsbad")
AFTER = signer("Zyxquorvian Thrumpel", "Zy. Tq.", "Krallspitzdorf", appearance="initials")
NEWS = signer("Ghrendolphine Wubber", "Gw. Wy.", "Mnarfelshavn", appearance="counted")
PENDING = signer("Pendelwhisp Oxmarrow", "Px. Ow.", "Trelgunnsvik")
QUEUED = signer("Uvandrilosk Fenbrugh", "Uv. Fq.", "Hjelmskarpholt")
EVERYBODY = (BEFORE, BUILT, AFTER, NEWS, PENDING, QUEUED)


@dataclass(frozen=True)
class Taken:
    """A site of one mode that was stopped and taken, and what its keeper knows of it."""

    mode: str
    seized: Seized
    ids: dict[str, int]
    """Numbers of signatures by the signer's name."""
    before: Path
    """The key ring as it was before the case was sealed."""
    wiped: dict[str, bytes] = field(repr=False)
    """Sealed values that were wiped or replaced meanwhile."""
    browser: bytes = field(repr=False)
    """The key of the files of the sealed case's build: in the browser that began it alone."""


def _take(mode: str, directory: Path, url: str, smtp: SmtpServer) -> Taken:
    running = Running(directory, url, smtp)
    before = directory / "keys-before"
    wiped: dict[str, bytes] = {}
    with running.live:
        running.inside(_staged)
        running.signs(BEFORE)
        running.signs(BUILT)
        wiped["address in a mail"] = running.inside(lambda _: _one_blob("mail"))
        running.live.launch("worker")
        running.confirms(BEFORE)
        running.confirms(BUILT)
        running.inside(_built)
        until(lambda: list(running.data_dir.glob("outgoing/*/*.zip")), what="no file was built")
        shutil.copytree(running.data_dir / "keys", before)
        wiped["data key"] = running.inside(lambda _: _one_blob("data_key"))
        if mode == "sealed":
            running.command("vault", "seal", CASE, "--custodian", "Maja", typed=f"{MAJA}\n")
        for one in (AFTER, NEWS, PENDING):
            running.signs(one, **({"news": "yes"} if one is NEWS else {}))
        for one in (AFTER, NEWS):
            running.confirms(one)
        running.mail_to(PENDING)
        until(lambda: running.inside(_none_waits), what="a mail still waits")
        running.stops_the_worker()
        running.signs(QUEUED)
        ids = running.inside(_numbers)
        browser = running.inside(_built_unlocked(running)) if mode == "sealed" else b""
    log = running.live.directory / "serve.log"
    seized = seize(url, running.data_dir, running.live.environ, log)
    numbers = dict(zip((one.name for one in EVERYBODY), ids, strict=True))
    return Taken(mode, seized, numbers, before, wiped, browser)


def _staged(site: Any) -> None:
    from petitions.domain import audit
    from petitions.models import Organiser, OrganiserRole, Role

    begin_write()
    publish(site, clock.now(), slug=CASE)
    organiser = Organiser(
        email=ORGANISER, name="Maja Quornbeck", password="$argon2id$no hash",
        fs_uniquifier="x" * 32, created_at=clock.now(),
    )  # fmt: skip
    db.session.add(organiser)
    db.session.flush()
    db.session.add(OrganiserRole(organiser_id=organiser.id, role=Role.ADMIN))
    audit.record(
        "organiser 1", "case hidden", "case 1", {}, clock.now(), reason=REASON,
        keyring=site.keyring,
    )  # fmt: skip
    db.session.commit()


def _built(_: Any) -> None:
    from petitions.domain import builds
    from petitions.domain.bundles import recipient_named
    from petitions.domain.petitions import petition_named

    begin_write()
    petition = petition_named(CASE)
    official = recipient_named(petition, f"minister-{CASE}").official.id
    builds.request(petition, [official], language=None, organiser_id=1, now=clock.now())
    db.session.commit()


def _built_unlocked(running: Running) -> Callable[[Any], bytes]:
    """What the console does when a bundle of a sealed case is built, with a process of its own."""

    def build(site: Any) -> bytes:
        from petitions.domain import build_agreements, held_questions, unlocked_builds
        from petitions.domain.bundles import recipient_named
        from petitions.domain.petitions import petition_named
        from petitions.domain.unlocking import unlock
        from petitions.models import BuildState, BundleBuild, Organiser
        from petitions.web.organiser.bundles import child

        petition = petition_named(CASE)
        unlocked = unlock(petition.case_id, MAJA)
        db.session.rollback()
        begin_write()
        second = Organiser(
            email=SECOND, fs_uniquifier="y" * 32, password="$no hash", created_at=clock.now()
        )
        db.session.add(second)
        db.session.flush()
        held_questions.ask(site, 1, REACH, clock.now())
        official = recipient_named(petition, f"minister-{CASE}").official.id
        agreement = build_agreements.ask(
            site, petition, [official],
            language=None, reason=FOR, organiser_id=1, now=clock.now(),
        )  # fmt: skip
        build_agreements.answer(agreement, agrees=True, organiser_id=second.id, now=clock.now())
        begun, handed = unlocked_builds.begin(agreement, unlocked, organiser_id=1, now=clock.now())
        build_id = begun.id
        db.session.commit()
        assert handed is not None
        with mock.patch.dict(os.environ, running.live.environ):
            noticing = child.start(current_app._get_current_object(), handed)
        assert noticing is not None
        noticing.join(60)
        db.session.rollback()
        done = db.session.get_one(BundleBuild, build_id, populate_existing=True)
        assert done.state is BuildState.DONE
        return handed.file_key

    return build


def _one_blob(table: str) -> bytes:
    from petitions.models import DataKey, Mail

    column = Mail.address_sealed if table == "mail" else DataKey.sealed_key
    found = db.session.execute(select(column).limit(1)).scalar_one()
    assert found
    return bytes(found)


def _none_waits(_: Any) -> bool:
    from petitions.models import Mail

    waiting = select(Mail.id).where(Mail.state == "waiting", Mail.kind != "reminder")
    return db.session.execute(waiting).first() is None


def _numbers(_: Any) -> list[int]:
    from petitions.models import Signature

    return list(db.session.execute(select(Signature.id).order_by(Signature.id)).scalars())


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module", params=["server", "sealed"])
def taken(
    request: pytest.FixtureRequest, engine: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Taken]:
    from tests.servers.postgres import temporary_database

    directory = tmp_path_factory.mktemp(f"seized-{engine}-{request.param}")
    with SmtpServer() as smtp:
        if engine == "sqlite":
            (directory / "database").mkdir()
            url = f"sqlite:///{directory / 'database' / 'petitions.db'}"
            yield _take(request.param, directory, url, smtp)
        else:
            with temporary_database(request.getfixturevalue("postgres")) as url:
                yield _take(request.param, directory, url, smtp)


def found_in(taken: Taken) -> dict[str, bool]:
    """What can be read of what was taken, in the order and words of the statement."""
    seized, ids = taken.seized, taken.ids
    persons, addresses, queued = seized.persons(), seized.addresses(), seized.queued()
    everybody = set(ids.values())
    alone = without_files(seized)
    no_vault_key = replace(
        seized, environ={k: v for k, v in seized.environ.items() if k != "PETITIONS_VAULT_KEY"}
    )

    def told(which: str) -> bool:
        right = {one.name: getattr(one, which) for one in EVERYBODY}
        opened = {name for name, number in ids.items() if number in persons}
        assert all(getattr(persons[ids[n]], which) == right[n] for n in opened)
        assert opened in (set(), set(ids))  # all of them or nobody
        return bool(opened)

    def has(one: Signer) -> bool:
        return addresses.get(ids[one.name]) == one.email or seized.shows(one.email)

    def anything(of: Seized) -> bool:
        opened = of.persons() or of.addresses() or of.queued() or of.reasons()
        guessed = any(of.signature_of(one.email) for one in EVERYBODY)
        return bool(opened) or guessed or any(_shown_of(of, one) for one in EVERYBODY)

    return {
        "Names of those who signed": told("name"),
        "Their initials": told("initials"),
        "Their towns and places": told("place"),
        "Names in bundle files that were built within the last hour": seized.shows(BUILT.name),
        "How a signer who asks what is held wants to be answered": seized.shows(REACH),
        "Addresses of those who have confirmed and want no news": any(
            has(one) or ids[one.name] in queued for one in (BEFORE, BUILT, AFTER)
        ),
        "Addresses of those who have confirmed and want news": has(NEWS),
        "Addresses of those who have not confirmed yet, after their mail was sent": has(PENDING),
        "Their addresses in the reminder that waits, without the key ring": (
            queued.pop(ids[PENDING.name], None) == PENDING.email
        ),
        "Addresses in mails that wait to be sent, and which signature each is about": (
            queued == {ids[QUEUED.name]: QUEUED.email}
        ),
        "Whether an address that somebody guesses has signed": all(
            seized.signature_of(one.email) == ids[one.name] for one in EVERYBODY
        ),
        "Countries, languages, times, what officials may see, and all counts": all(
            {"country", "language", "created_at", "appearance"} <= set(row)
            and row["country"] == "IS"
            for row in seized.rows["signature"]
            if row["id"] in everybody
        ),
        "Names and addresses of organisers": seized.shows(ORGANISER),
        "Reasons that organisers wrote into the record": seized.reasons()
        == ([REASON] if taken.mode == "server" else [REASON, FOR]),
        "Any name, address or reason from the database alone": anything(alone),
        "Any name, address or reason without PETITIONS_VAULT_KEY": anything(
            without_outgoing(no_vault_key)
        ),
    }


def _shown_of(seized: Seized, one: Signer) -> bool:
    return any(seized.shows(text) for text in (one.name, one.place, one.initials, one.email))


def without_files(seized: Seized) -> Seized:
    """The database alone."""
    return replace(seized, data_dir=seized.data_dir / "nothing", environ={})


def without_outgoing(seized: Seized) -> Seized:
    """All but built files, which have a line of their own."""
    copy = seized.data_dir.with_name("data-without-outgoing")
    shutil.copytree(
        seized.data_dir, copy, dirs_exist_ok=True, ignore=shutil.ignore_patterns("outgoing")
    )
    return replace(seized, data_dir=copy)


def stated(mode: str) -> dict[str, bool]:
    """The lines of the table in docs/seized-server.md, for one mode."""
    found = {}
    for line in STATEMENT.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 3 and re.match("yes|no", cells[1]):
            answer = cells[1 if mode == "server" else 2]
            assert re.match(r"(yes|\*\*no\*\*|no)\b", answer) or answer.startswith("**no**"), line
            found[cells[0].replace("`", "")] = answer.startswith("yes")
    return found


def test_the_statement_is_what_can_be_read(taken: Taken) -> None:
    assert found_in(taken) == stated(taken.mode)


def test_nothing_of_a_signer_lies_open_outside_built_files(taken: Taken) -> None:
    bare = without_outgoing(taken.seized)
    shown = [one.name for one in EVERYBODY if _shown_of(bare, one)]
    assert shown == []
    assert bare.shows(ORGANISER)  # what is there is found


def test_a_built_file_of_a_sealed_case_opens_with_what_only_a_browser_has(taken: Taken) -> None:
    from petitions.vault.files import unlocked_parts

    def opened(key: bytes) -> bytes:
        with locked.open("rb") as file:
            return b"".join(unlocked_parts(file, key, f"bundle file {build_id} 2".encode()))

    files = list(taken.seized.data_dir.glob("outgoing/*/*.zip"))
    if taken.mode == "server":
        assert all(zipfile.is_zipfile(path) for path in files)
        return
    [locked] = files
    build_id = locked.parent.name
    whole = opened(taken.browser)
    with zipfile.ZipFile(io.BytesIO(whole)) as bundle:
        assert any(BUILT.name.encode() in bundle.read(name) for name in bundle.namelist())
    assert not zipfile.is_zipfile(locked)
    for material in (*taken.seized.raw, *(path.read_bytes() for path in taken.seized.files())):
        assert taken.browser not in material
        assert taken.browser.hex().encode() not in material.lower()
    for candidate in set(taken.seized._candidates()):
        with pytest.raises(CannotOpen):
            opened(candidate)


def test_what_was_wiped_is_not_in_the_database_any_more(taken: Taken) -> None:
    left = [
        what
        for what, value in taken.wiped.items()
        if any(value in part for part in taken.seized.raw)
    ]
    assert left == (["data key"] if taken.mode == "server" else [])


def test_a_key_ring_of_before_opens_nothing_that_is_taken_after_sealing(taken: Taken) -> None:
    ring = taken.seized.data_dir.with_name("data-before")
    shutil.copytree(taken.before, ring / "keys", dirs_exist_ok=True)
    old = replace(taken.seized, data_dir=ring)
    assert bool(old.persons()) is (taken.mode == "server")
    assert bool(old.addresses()) is (taken.mode == "server")


def test_custodians_open_what_the_server_could_not(taken: Taken) -> None:
    if taken.mode == "server":
        assert taken.seized.rows["custodian"] == []
        return
    from petitions.vault.custodians import Work, key_of_passphrase, unwrap

    [row] = [one for one in taken.seized.rows["custodian"] if one["kind"] == "passphrase"]
    parameters = row["parameters"]
    if isinstance(parameters, str):
        import json

        parameters = json.loads(parameters)
    mine = key_of_passphrase(MAJA, bytes(row["salt"]), Work(**parameters))
    [case] = taken.seized.rows["case_key"]
    private_key = unwrap(bytes(row["wrapped_key"]), mine, case["ref"])
    ring = taken.seized.environ | {"PETITIONS_MAIL_FROM": private_key.hex()}
    helped = replace(taken.seized, environ=ring)
    assert {person.name for person in helped.persons().values()} == {one.name for one in EVERYBODY}

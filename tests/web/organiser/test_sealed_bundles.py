"""Bundles of a sealed case in the console: two organisers, a passphrase, files that stay locked."""

from __future__ import annotations

import io
import sys
import threading
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest
from flask import Flask
from sqlalchemy import select

from petitions.clock import now as real_now
from petitions.domain import audit, build_agreements, builds, outgoing
from petitions.domain.build_agreements import GOOD_FOR, WAITS_FOR
from petitions.domain.unlocked_builds import Handover
from petitions.models import BuildAgreement, BuildState, BundleBuild, BundleFile, Role
from petitions.web.organiser.bundles import child
from petitions.worker.builds import BuildStep
from petitions.worker.unlocked import do
from tests.domain.cast import Cast
from tests.domain.sealing_cast import MAJA, OLEG, sealed
from tests.web.organiser.conftest import OrganisersClient
from tests.web.organiser.handing_over import SIGNERS, frozen, stage

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

SignedIn = Callable[..., OrganisersClient]
WHY = "The ministry meets our partner Wexlithorpe on Friday"


@pytest.fixture
def cast(database: SQLAlchemy, site: Any) -> Cast:
    """A sealed case with three who confirmed."""
    made = stage(site, real_now())
    sealed(site, made.case.id, real_now())
    return made


@pytest.fixture
def asker(signed_in: SignedIn) -> OrganisersClient:
    return signed_in(Role.DELIVERER, name="Ann Asker")


@pytest.fixture
def second(signed_in: SignedIn) -> OrganisersClient:
    return signed_in(Role.DELIVERER, name="Sam Second")


@dataclass(frozen=True)
class Play:
    """All that plays in a build that two agree to."""

    app: Flask
    database: SQLAlchemy
    cast: Cast
    asker: OrganisersClient
    second: OrganisersClient
    begun: list[Handover]
    memory: Path

    def runs(self, which: int, stopping: threading.Event | None = None, **more: Any) -> BundleBuild:
        """What the process of a build does; the build afterwards."""
        memory = {"memory": self.memory, **more}
        do(self.app, self.begun[which], stopping or threading.Event(), **memory)
        return now_is(self.database, self.begun[which].build_id)


@pytest.fixture
def play(  # noqa: PLR0917 - fixtures
    app: Flask,
    database: SQLAlchemy,
    cast: Cast,
    asker: OrganisersClient,
    second: OrganisersClient,
    begun: list[Handover],
    tmp_path: Path,
) -> Play:
    memory = tmp_path / "memory"
    memory.mkdir()
    return Play(app, database, cast, asker, second, begun, memory)


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[Handover]:
    """What the processes of builds would have been handed; none is started."""
    handed: list[Handover] = []
    monkeypatch.setattr(child, "start", lambda _app, given: handed.append(given))
    return handed


def words(html: str) -> str:
    return " ".join(lxml.html.document_fromstring(html).text_content().split())


def asked(client: OrganisersClient, cast: Cast, **changes: Any) -> str:
    """Ask for the minister's bundle; return the address of what was asked for."""
    typed = {"officials": [str(cast.minister.official_id)], "reason": WHY, **changes}
    answer = client.post_form(f"/organiser/bundles/petitions/{cast.petition.id}", typed)
    assert answer.status_code == 303
    return str(answer.location)


def agreed(first: OrganisersClient, other: OrganisersClient, cast: Cast) -> str:
    address = asked(first, cast)
    assert other.post_form(address, {"answer": "agree"}).status_code == 303
    return address


def unlocking(client: OrganisersClient, address: str, secret: str = MAJA) -> Any:
    return client.post_form(f"{address}/build", {"unlocking_password": secret})


def of_files(answer: Any) -> str:
    """The cookie that holds the key of the files."""
    cookies = answer.headers.getlist("Set-Cookie")
    [cookie] = [one for one in cookies if one.startswith("files-of-build-")]
    return str(cookie)


def now_is(database: SQLAlchemy, build_id: int) -> BundleBuild:
    database.session.rollback()
    database.session.expire_all()
    return database.session.get_one(BundleBuild, build_id)


def test_one_asks_another_agrees_and_a_passphrase_builds(play: Play, site: Any) -> None:
    asker, second = play.asker, play.second
    address = asked(asker, play.cast)
    mine = words(asker.get(address).text)
    assert "Another organiser must agree" in mine
    assert WHY in mine
    assert "another organiser asks you to agree" in words(second.get("/organiser/").text)
    assert "asks you to agree" not in words(asker.get("/organiser/").text)
    assert "You see no names by agreeing" in words(second.get(address).text)
    second.post_form(address, {"answer": "agree"})
    assert "Unlock and build" in words(asker.get(address).text)

    answer = unlocking(asker, address)
    build = play.runs(0)
    assert (build.state, build.requested_by) == (BuildState.DONE, asker.organiser_id)
    cookie = of_files(answer)
    assert play.begun[0].file_key.hex() in cookie
    assert f"; HttpOnly; Path={answer.location}; SameSite=Strict" in cookie
    assert "The key lies in this browser alone" in words(asker.get(answer.location).text)
    [file] = builds.files_of(build.id)
    path = outgoing.path_of(site, file)
    assert not zipfile.is_zipfile(path)
    assert list(play.memory.iterdir()) == []
    got = asker.post_form(f"{answer.location}/files/{file.id}")
    assert got.headers["Content-Length"] == str(len(got.data)) == str(file.size)
    with zipfile.ZipFile(io.BytesIO(got.data)) as bundle:
        table = next(name for name in bundle.namelist() if name.endswith("signatures.csv"))
        assert SIGNERS[0][0] in bundle.read(table).decode()
    removed = asker.post_form(f"{answer.location}/remove-files")
    assert "Expires=Thu, 01 Jan 1970" in of_files(removed)
    assert not path.exists()


def test_another_browser_opens_nothing_and_the_trail_tells_who_did_what(play: Play) -> None:
    asker, second = play.asker, play.second
    answer = unlocking(asker, agreed(asker, second, play.cast))
    [file] = builds.files_of(play.runs(0).id)
    refused = second.post_form(f"{answer.location}/files/{file.id}")
    said = words(second.get(refused.location).text)
    assert "Only the browser in which the build was begun" in said
    second.set_cookie(of_files(answer).partition("=")[0], "00" * 32, path=answer.location)
    assert second.post_form(f"{answer.location}/files/{file.id}").status_code == 303
    assert second.post_form(f"/organiser/bundles/files/{file.id}/download").status_code == 404
    asker.post_form(f"{answer.location}/files/{file.id}")
    trail = [(entry.action, entry.actor) for entry in audit.entries()]
    first, other = (f"organiser {one.organiser_id}" for one in (asker, second))
    begin = trail.index(("bundles of a sealed case asked for", first))
    assert trail[begin : begin + 4] == [
        ("bundles of a sealed case asked for", first),
        ("bundles of a sealed case agreed", other),
        ("case unlocked", first),
        ("bundles requested", first),
    ]
    assert trail.count(("bundle downloaded", first)) == 1
    assert ("bundle downloaded", other) not in trail
    assert WHY not in str([entry.detail for entry in audit.entries()])


def test_nobody_agrees_with_themselves_and_nothing_is_built_before(
    asker: OrganisersClient, cast: Cast, begun: list[Handover], database: SQLAlchemy
) -> None:
    address = asked(asker, cast)
    said = asker.get(asker.post_form(address, {"answer": "agree"}).location)
    assert "You asked for it yourself" in said.text
    assert "Nothing was changed" in asker.get(unlocking(asker, address).location).text
    assert database.session.execute(select(BuildAgreement.state)).scalars().all() == ["asked"]
    asker.post_form(address, {"answer": "withdraw"})
    assert "taken back" in words(asker.get(address).text)
    assert begun == []


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("agree", "For a day from now somebody who delivers can build the bundles"),
        ("decline", "You have declined: nothing is built."),
    ],
)
def test_whoever_answers_is_told_what_happens_next(
    asker: OrganisersClient, second: OrganisersClient, cast: Cast, answer: str, told: str
) -> None:
    address = asked(asker, cast)
    said = second.get(second.post_form(address, {"answer": answer}).location)
    assert told in words(said.text)


@pytest.mark.parametrize("role", [Role.CAMPAIGNER, Role.REVIEWER])
def test_who_does_not_deliver_neither_asks_nor_agrees_nor_reads_why(
    asker: OrganisersClient, signed_in: SignedIn, cast: Cast, role: Role
) -> None:
    address, other = asked(asker, cast), signed_in(role)
    assert WHY not in other.get(address).text
    assert other.post_form(address, {"answer": "agree"}).status_code == 403
    assert unlocking(other, address).status_code == 403


def test_without_a_reason_or_an_office_nothing_is_asked_for(
    asker: OrganisersClient, cast: Cast, database: SQLAlchemy
) -> None:
    url = f"/organiser/bundles/petitions/{cast.petition.id}"
    nobody = asker.post_form(url, {"reason": WHY})
    assert (nobody.status_code, "Tick at least one" in nobody.text) == (422, True)
    assert WHY in nobody.text
    no_reason = asker.post_form(url, {"officials": [str(cast.minister.official_id)]})
    assert "Write what the bundles are for" in no_reason.text
    assert database.session.execute(select(BuildAgreement)).first() is None


def test_an_agreement_is_good_for_a_day(
    asker: OrganisersClient, second: OrganisersClient, cast: Cast, database: SQLAlchemy
) -> None:
    address = agreed(asker, second, cast)
    found = database.session.execute(select(BuildAgreement)).scalar_one()
    assert found.answered_at
    assert build_agreements.is_good(found, found.answered_at + GOOD_FOR - timedelta(seconds=1))
    found.answered_at = real_now() - GOOD_FOR
    database.session.commit()
    assert "Ask again" in words(asker.get(address).text)
    assert "Nothing was changed" in asker.get(unlocking(asker, address).location).text
    late = asked(asker, cast)
    found = database.session.execute(
        select(BuildAgreement).where(BuildAgreement.state == "asked")
    ).scalar_one()
    found.asked_at = real_now() - WAITS_FOR
    database.session.commit()
    assert "too old" in second.get(second.post_form(late, {"answer": "agree"}).location).text


def test_a_wrong_passphrase_builds_nothing_and_leaves_a_trace(
    asker: OrganisersClient, second: OrganisersClient, cast: Cast, begun: list[Handover]
) -> None:
    address = agreed(asker, second, cast)
    answer = unlocking(asker, address, OLEG)
    assert answer.status_code == 422
    assert "the passphrase of no custodian" in answer.text
    assert OLEG not in answer.text
    assert (audit.entries()[-1].action, begun) == ("unlocking refused", [])


def test_a_build_whose_process_is_gone_is_interrupted_and_begun_again_where_it_was(
    play: Play,
) -> None:
    asker, database, begun = play.asker, play.database, play.begun
    address = agreed(asker, play.second, play.cast)
    first = unlocking(asker, address).location
    assert "Freezing the bundles" in asker.get(first).text
    assert unlocking(asker, address).location == first  # it is under way
    bundle_id = frozen(play.cast, real_now()).id
    build = now_is(database, begun[0].build_id)
    build.claimed_until = real_now() - timedelta(seconds=1)
    build.bundle_ids, build.official_ids = [bundle_id], []
    database.session.commit()
    page = asker.get(first)
    assert "The build was interrupted" in page.text
    assert "being built" not in page.text
    assert "Refresh" not in page.headers
    again = unlocking(asker, address).location
    assert now_is(database, begun[0].build_id).state is BuildState.FAILED
    second_build = play.runs(1)
    assert (again != first, len(begun)) == (True, 2)
    assert (second_build.state, second_build.bundle_ids) == (BuildState.DONE, [bundle_id])


def test_no_worker_goes_on_with_it_and_one_that_finds_it_says_so(
    play: Play,
) -> None:
    database, begun = play.database, play.begun
    unlocking(play.asker, agreed(play.asker, play.second, play.cast))
    BuildStep(play.app, "a worker").take(real_now())
    assert now_is(database, begun[0].build_id).claimed_by == begun[0].worker
    BuildStep(play.app, "a worker").take(real_now() + timedelta(seconds=61))
    build = now_is(database, begun[0].build_id)
    assert build.state is BuildState.FAILED
    assert [one.word for one in builds.messages_of(build)] == ["interrupted"]
    assert audit.entries()[-1].action == "build interrupted"


def test_a_build_that_is_stopped_or_finds_no_memory_ends_as_interrupted(
    play: Play,
) -> None:
    address = agreed(play.asker, play.second, play.cast)
    unlocking(play.asker, address)
    stopped = threading.Event()
    stopped.set()
    assert play.runs(0, stopped).state is BuildState.FAILED
    page = unlocking(play.asker, address).location
    play.runs(1, memory=play.memory / "nothing")
    assert "no room for it" in play.asker.get(page).text
    assert play.database.session.execute(select(BundleFile)).first() is None


def test_a_key_that_was_renewed_meanwhile_ends_the_build(play: Play) -> None:
    from petitions.domain import sealed_cases
    from petitions.domain.unlocking import unlock
    from petitions.extensions import begin_write

    unlocking(play.asker, agreed(play.asker, play.second, play.cast))
    unlocked = unlock(play.cast.case.id, MAJA)
    play.database.session.rollback()
    begin_write()
    sealed_cases.rotate(unlocked, actor="organiser 1", now=real_now())
    play.database.session.commit()
    assert play.runs(0).state is BuildState.FAILED
    assert list(play.memory.iterdir()) == []


def test_the_file_of_an_older_bundle_is_asked_for_likewise(
    asker: OrganisersClient,
    second: OrganisersClient,
    cast: Cast,
    begun: list[Handover],
    database: SQLAlchemy,
) -> None:
    bundle = frozen(cast, real_now())
    url = f"/organiser/bundles/{bundle.id}"
    assert "petitions bundles write anna-b 1" in asker.get(url).text
    none = asker.post_form(f"{url}/ask", {"reason": ""})
    assert "Write what it is for" in asker.get(none.location).text
    address = asker.post_form(f"{url}/ask", {"reason": WHY}).location
    assert "the file of bundle anna-b-1" in words(second.get(address).text)
    second.post_form(address, {"answer": "agree"})
    unlocking(asker, address)
    assert now_is(database, begun[0].build_id).bundle_ids == [bundle.id]


def test_a_process_that_is_killed_is_noticed_at_once(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlocking(play.asker, agreed(play.asker, play.second, play.cast))
    [handed] = play.begun
    monkeypatch.undo()
    killed = (sys.executable, "-c", "import os; os.kill(os.getpid(), 9)")
    monkeypatch.setattr(child, "_COMMAND", killed)
    noticing = child.start(play.app, handed)
    assert noticing is not None
    noticing.join(30)
    assert now_is(play.database, handed.build_id).state is BuildState.FAILED
    monkeypatch.setattr(child, "_COMMAND", ("/nowhere",))
    assert child.start(play.app, handed) is None


def test_what_is_handed_over_is_in_no_repr() -> None:
    handed = Handover(1, 2, 3, "unlocked-x", b"p" * 32, b"f" * 32)
    assert Handover.of(handed.line()) == handed
    assert "pppp" not in repr(handed)
    assert "6666" not in repr(handed)

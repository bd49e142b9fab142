"""Bundles in the console: chosen, previewed, built, downloaded, looked back at."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import lxml.html
import pytest
from flask import Flask
from sqlalchemy import select, update

from petitions.clock import now as real_now
from petitions.domain import audit, builds, outgoing, privacy
from petitions.models import (
    Appearance,
    BuildState,
    Bundle,
    BundleBuild,
    BundleFile,
    ContactKind,
    OfficialContact,
    Role,
    Signature,
)
from petitions.worker.builds import BuildStep
from tests.domain.cast import Cast
from tests.domain.test_bundles import signed
from tests.web.organiser.conftest import OrganisersClient
from tests.web.organiser.handing_over import SIGNERS, frozen, stage

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

NUMBERS = "1 with name, place and country 1 by initials and country 1 counted only 3 in all"
A = Appearance
SignedIn = Callable[..., OrganisersClient]


@pytest.fixture
def cast(database: SQLAlchemy, site: Any) -> Cast:
    return stage(site, real_now())


@pytest.fixture
def deliverer(signed_in: SignedIn) -> OrganisersClient:
    return signed_in(Role.DELIVERER)


def words(html: str) -> str:
    return " ".join(lxml.html.document_fromstring(html).text_content().split())


def ids_ticked(html: str) -> list[str]:
    page = lxml.html.document_fromstring(html)
    return page.xpath('//input[@name="officials"][@checked]/@value')


def work(app: Flask) -> None:
    """What the worker does with a build that waits."""
    step = BuildStep(app, "a worker")
    step.take(real_now())
    if step._building:
        step._building[1].join(60)
    step.close()


def built(client: OrganisersClient, app: Flask, cast: Cast) -> int:
    """Ask for all bundles and let the worker build them."""
    address = f"/organiser/bundles/petitions/{cast.petition.id}"
    answer = client.post_form(address, {"officials": ids_ticked(client.get(address).text)})
    assert answer.status_code == 303
    work(app)
    return int(answer.location.rsplit("/", 1)[1])


def test_without_a_petition_the_list_says_what_to_do_first(deliverer: OrganisersClient) -> None:
    assert "No petition is published yet" in deliverer.get("/organiser/bundles/").text


def test_list_and_petition_tell_what_could_be_handed_over(
    deliverer: OrganisersClient, cast: Cast
) -> None:
    listed = deliverer.get("/organiser/bundles/")
    assert "Find Anna B" in listed.text
    page = deliverer.get(f"/organiser/bundles/petitions/{cast.petition.id}")
    rows = [words(lxml.html.tostring(row, encoding="unicode")) for row in _rows(page.text)]
    assert [row.split()[0] for row in rows] == ["minister-anna-b,", "agency-anna-b,", "EmbassySee"]
    assert "addressee letter and list 3" in rows[0]
    assert "letter and numbers, no names 3" in rows[1]
    assert "for United Kingdom, Ireland" in rows[2]
    assert "no names 1 none yet" in rows[2]
    assert len(ids_ticked(page.text)) == 3


def test_only_who_has_another_number_than_in_the_last_bundle_is_ticked_at_first(
    deliverer: OrganisersClient, app: Flask, cast: Cast, database: SQLAlchemy
) -> None:
    built(deliverer, app, cast)
    address = f"/organiser/bundles/petitions/{cast.petition.id}"
    assert ids_ticked(deliverer.get(address).text) == []
    last = database.session.execute(select(Bundle).order_by(Bundle.id.desc())).scalars().first()
    assert last
    database.session.execute(
        update(Bundle)
        .where(Bundle.id == last.id)
        .values(eligible=Bundle.eligible + 1, counted=Bundle.counted + 1)
    )
    database.session.commit()
    assert ids_ticked(deliverer.get(address).text) == [str(last.official_id)]


def _rows(html: str) -> list[Any]:
    return lxml.html.document_fromstring(html).xpath("//tbody/tr")


def test_pages_name_no_signer(
    deliverer: OrganisersClient, app: Flask, cast: Cast, database: SQLAlchemy
) -> None:
    build_id = built(deliverer, app, cast)
    bundle = database.session.execute(select(Bundle)).scalars().first()
    assert bundle
    official = bundle.official_id
    for address in (
        "",
        f"petitions/{cast.petition.id}",
        f"petitions/{cast.petition.id}/officials/{official}",
        f"builds/{build_id}",
        str(bundle.id),
    ):
        page = deliverer.get(f"/organiser/bundles/{address}").text
        for name, _, _ in SIGNERS:
            assert name not in page


def test_preview_shows_letter_counts_and_who_is_left_out(
    deliverer: OrganisersClient, cast: Cast, database: SQLAlchemy
) -> None:
    official = cast.minister.official_id
    address = f"/organiser/bundles/petitions/{cast.petition.id}/officials/{official}"
    page = deliverer.get(address)
    told = words(page.text)
    assert NUMBERS in told
    assert "1 of them lives in a state that is addressed" in told
    assert "I urge you to say where she is" in told
    letter = deliverer.get(f"{address}/letter-1.pdf")
    assert letter.data.startswith(b"%PDF-")
    assert letter.headers["Cache-Control"] == "no-store"
    assert deliverer.get(f"{address}/letter-2.pdf").status_code == 404
    missing = deliverer.get(f"{address}?language=ru")
    assert "This letter cannot be written yet" in missing.text
    embassy = next(
        line.get("href")
        for line in lxml.html.document_fromstring(
            deliverer.get(f"/organiser/bundles/petitions/{cast.petition.id}").text
        ).xpath("//tbody/tr[3]//a")
    )
    assert "2 live in countries that this embassy is not accredited to" in words(
        deliverer.get(embassy).text
    )


def test_build_page_looks_again_until_it_is_done_and_files_are_downloaded_once_asked(
    deliverer: OrganisersClient, app: Flask, cast: Cast, database: SQLAlchemy, site: Any
) -> None:
    address = f"/organiser/bundles/petitions/{cast.petition.id}"
    minister = str(cast.minister.official_id)
    answer = deliverer.post_form(address, {"officials": [minister], "language": "en"})
    waiting = deliverer.get(answer.location)
    assert waiting.headers["Refresh"] == "3"
    assert "Waiting for the worker" in waiting.text
    work(app)
    done = deliverer.get(answer.location)
    assert "Refresh" not in done.headers
    assert "The first one goes on" in done.text
    file = database.session.execute(select(BundleFile)).scalar_one()
    download = deliverer.post_form(f"/organiser/bundles/files/{file.id}/download")
    assert download.headers["Cache-Control"] == "no-store"
    assert f"filename={file.file_name}" in download.headers["Content-Disposition"]
    assert zipfile.ZipFile(io.BytesIO(download.data)).testzip() is None
    download.close()
    entry = audit.entries()[-1]
    assert (entry.actor, entry.action) == (
        f"organiser {deliverer.organiser_id}",
        "bundle downloaded",
    )
    assert entry.subject == "anna-b-1"
    deliverer.post_form(f"{answer.location}/remove-files")
    assert not outgoing.path_of(site, file).exists()
    gone = deliverer.post_form(f"/organiser/bundles/files/{file.id}/download")
    assert gone.status_code == 303
    assert "This file is removed" in deliverer.get(gone.location).text
    looked_at = deliverer.get(f"/organiser/bundles/files/{file.id}/download")
    assert looked_at.status_code == 405
    assert "It only takes what a form sends" in looked_at.text
    assert 'href="/organiser/bundles/"' in looked_at.text


def test_second_request_leads_to_the_build_under_way(
    deliverer: OrganisersClient, cast: Cast, database: SQLAlchemy
) -> None:
    address = f"/organiser/bundles/petitions/{cast.petition.id}"
    chosen = {"officials": [str(cast.minister.official_id)]}
    first = deliverer.post_form(address, chosen)
    second = deliverer.post_form(address, chosen)
    assert first.location == second.location
    assert "under way already" in deliverer.get(second.location).text
    assert "A build is under way" in deliverer.get(address).text
    deliverer.post_form(f"{first.location}/cancel")
    build = database.session.execute(select(BundleBuild)).scalar_one()
    assert build.state is BuildState.CANCELLED
    assert "This build was cancelled" in deliverer.get(first.location).text


def test_nobody_ticked_is_said_beside_the_list(deliverer: OrganisersClient, cast: Cast) -> None:
    answer = deliverer.post_form(f"/organiser/bundles/petitions/{cast.petition.id}", {})
    assert answer.status_code == 422
    assert "Tick at least one addressee" in answer.text


def test_bundle_shows_its_numbers_and_proof_and_is_written_again(
    deliverer: OrganisersClient, app: Flask, cast: Cast, database: SQLAlchemy
) -> None:
    built(deliverer, app, cast)
    again = frozen(cast, real_now())
    first = database.session.execute(select(Bundle).where(Bundle.number == 1)).scalar_one()
    page = words(deliverer.get(f"/organiser/bundles/{first.id}").text)
    assert NUMBERS in page
    assert "petitions bundles verify FILE" in page
    later = words(deliverer.get(f"/organiser/bundles/{again.id}").text)
    assert f"Supersedes {first.public_id}" in later
    assert "Its file was not written yet" in later
    asked = deliverer.post_form(f"/organiser/bundles/{again.id}/write")
    assert asked.status_code == 303
    work(app)
    assert "The first one goes on" in deliverer.get(asked.location).text


@pytest.mark.parametrize("role", [Role.CAMPAIGNER, Role.TRANSLATOR, Role.REVIEWER])
def test_only_who_delivers_builds_and_downloads(
    role: Role, signed_in: SignedIn, cast: Cast, database: SQLAlchemy
) -> None:
    client = signed_in(role)
    address = f"/organiser/bundles/petitions/{cast.petition.id}"
    page = client.get(address)
    assert page.status_code == 200
    assert "Build the bundles" not in page.text
    chosen = {"officials": [str(cast.minister.official_id)]}
    assert client.post_form(address, chosen).status_code == 403
    assert client.post_form("/organiser/bundles/files/1/download").status_code == 403
    assert database.session.execute(select(BundleBuild)).first() is None
    assert audit.entries()[-1].action == "refused"


def test_left_out_offices_are_named_with_the_reason(
    deliverer: OrganisersClient, app: Flask, cast: Cast
) -> None:
    from tests.domain.cast import embassy

    embassy("uz-berlin", "DE")
    build_id = _build_all(deliverer, app, cast)
    assert "no confirmed signature is eligible for this office yet" in words(
        deliverer.get(f"/organiser/bundles/builds/{build_id}").text
    )
    assert builds.build_numbered(build_id).state is BuildState.DONE


def _build_all(client: OrganisersClient, app: Flask, cast: Cast) -> int:
    address = f"/organiser/bundles/petitions/{cast.petition.id}"
    page = lxml.html.document_fromstring(client.get(address).text)
    everyone = page.xpath('//input[@name="officials"]/@value')
    answer = client.post_form(address, {"officials": everyone})
    work(app)
    return int(answer.location.rsplit("/", 1)[1])


def test_letter_is_written_for_one_official_and_shown_as_they_will_see_it(
    deliverer: OrganisersClient, cast: Cast
) -> None:
    address = (
        f"/organiser/bundles/petitions/{cast.petition.id}/officials/{cast.minister.official_id}"
    )
    page = deliverer.get(f"{address}/edit")
    typed = typed_in(page.text)
    assert typed["opening"] == "Anna B is reported missing."
    refused = deliverer.post_form(f"{address}/edit", {**typed, "closing": ""})
    assert (refused.status_code, typed_in(refused.text)["closing"]) == (422, "")
    given = {**typed, "obligation": "Bound it is.", "asks": "I ask one.\n\nI ask two."}
    saved = deliverer.post_form(f"{address}/edit", given)
    assert saved.status_code == 303
    shown = deliverer.get(saved.location)
    for told in ("Bound it is.", "I ask two.", "This letter was written for this official alone."):
        assert told in shown.text
    [picture] = lxml.html.document_fromstring(shown.text).xpath("//img[@class='page']/@src")
    drawn = deliverer.get(picture)
    assert (drawn.mimetype, drawn.data[:4]) == ("image/png", b"\x89PNG")
    assert drawn.headers["Cache-Control"] == "no-store"
    assert deliverer.get(picture.replace("page-1", "page-9")).status_code == 404
    assert deliverer.get(f"{address}/letter-1.pdf?as=fax").data.startswith(b"%PDF-")
    assert deliverer.get(f"{address}/letter-1.pdf?as=translation").status_code == 404
    late = deliverer.post_form(f"{address}/edit", {**typed, "opening": "Mine."})
    assert late.status_code == 409
    assert typed_in(late.text)["opening"] == "Mine."
    assert "Bound it is." in late.text
    back = deliverer.post_form(f"{address}/edit", {**typed, "action": "discard"})
    assert "I ask two." not in deliverer.get(back.location).text


def test_letter_of_a_frozen_bundle_can_be_faxed(
    deliverer: OrganisersClient, cast: Cast, database: SQLAlchemy
) -> None:
    bundle = frozen(cast, real_now())
    page = deliverer.get(f"/organiser/bundles/{bundle.id}").text
    [link] = lxml.html.document_fromstring(page).xpath("//a[contains(@href, 'fax')]/@href")
    answer = deliverer.get(link)
    assert (answer.mimetype, answer.data[:5]) == ("application/pdf", b"%PDF-")


def typed_in(html: str) -> dict[str, str]:
    """What stands in the fields of the page's form."""
    form = lxml.html.document_fromstring(html).xpath("//main//form[@method='post']")[0]
    values = ((name, value or "") for name, value in form.form_values())
    return {name: value.removeprefix("\n") for name, value in values if name != "csrf_token"}


def test_build_of_what_came_since_the_last_stands_beside_it(
    deliverer: OrganisersClient, app: Flask, cast: Cast, database: SQLAlchemy, site: Any
) -> None:
    first = frozen(cast, real_now())
    signed(site, cast, real_now(), ("Dora", "GB", A.FULL))
    address = f"/organiser/bundles/petitions/{cast.petition.id}"
    minister = str(cast.minister.official_id)
    assert "1 came since" in words(deliverer.get(address).text)
    shown = deliverer.get(f"{address}/officials/{minister}?since=last").text
    assert "1 with name, place and country 0 by initials" in words(shown)
    deliverer.post_form(address, {"officials": [minister], "what": "since"})
    work(app)
    newer = database.session.execute(select(Bundle).order_by(Bundle.id.desc())).scalars().first()
    assert newer is not None
    assert (newer.eligible, newer.continues_id) == (1, first.id)
    page = words(deliverer.get(f"/organiser/bundles/{newer.id}").text)
    assert f"what came since bundle {first.public_id}, which stays good beside it" in page
    again = deliverer.post_form(address, {"officials": [minister], "what": "since"})
    work(app)
    assert "nothing came since its last bundle" in deliverer.get(again.location).text


def test_build_says_by_how_much_a_letter_is_too_long_and_a_reason_lets_it_through(
    deliverer: OrganisersClient, app: Flask, cast: Cast, database: SQLAlchemy
) -> None:
    address = f"/organiser/bundles/petitions/{cast.petition.id}"
    minister = str(cast.minister.official_id)
    here = f"{address}/officials/{minister}"
    long = {**typed_in(deliverer.get(f"{here}/edit").text), "opening": "At the border. \n\n" * 200}
    assert (
        "a build stops here"
        in deliverer.get(deliverer.post_form(f"{here}/edit", long).location).text
    )
    asked = deliverer.post_form(address, {"officials": [minister], "what": "all"})
    work(app)
    told = words(deliverer.get(asked.location).text)
    assert re.search(r"its letter runs over two pages by about \d+ lines", told)
    assert database.session.execute(select(Bundle)).all() == []
    edit = typed_in(deliverer.get(f"{here}/edit").text)
    deliverer.post_form(f"{here}/edit", {**edit, "longer": "The court asked for it."})
    assert "for this reason: The court asked for it." in words(deliverer.get(here).text)
    deliverer.post_form(address, {"officials": [minister], "what": "all"})
    work(app)
    assert len(database.session.execute(select(Bundle)).all()) == 1


def test_page_of_a_bundle_tells_who_stands_there_no_more_by_line(
    deliverer: OrganisersClient, cast: Cast, database: SQLAlchemy
) -> None:
    bundle = frozen(cast, real_now())
    ada = database.session.execute(select(Signature.id).order_by(Signature.id)).scalars().first()
    assert ada is not None
    privacy.withdraw(ada, real_now())
    database.session.commit()
    page = words(deliverer.get(f"/organiser/bundles/{bundle.id}").text)
    assert "What has changed since" in page
    assert "Withdrawn, in lines: 1" in page
    listed = words(deliverer.get(f"/organiser/bundles/petitions/{cast.petition.id}").text)
    assert "1 in it does not stand any more" in listed


def test_letter_is_mailed_to_an_address_of_the_directory(
    deliverer: OrganisersClient, cast: Cast, database: SQLAlchemy
) -> None:
    bundle = frozen(cast, real_now())
    address = f"/organiser/bundles/{bundle.id}/mail"
    assert "No e-mail address is known" in deliverer.get(address).text
    database.session.add(
        OfficialContact(
            official_id=bundle.official_id,
            kind=ContactKind.EMAIL,
            position=1,
            value="m@gov.example",
        )
    )
    database.session.commit()
    unchosen = deliverer.post_form(address, {})
    assert unchosen.status_code == 422
    assert "Choose one of the official’s addresses." in unchosen.text
    asked = deliverer.post_form(address, {"address": "m@gov.example", "with_list": "y"})
    page = words(deliverer.get(asked.location).text)
    assert "with the list" in page
    again = deliverer.post_form(address, {"address": "m@gov.example"})
    assert "A mail to this address is under way already." in again.text
    back = deliverer.post_form("/organiser/bundles/mails/1/cancel")
    assert "Cancelled. Nothing was sent." in deliverer.get(back.location).text

"""Whoever is limited to some cases: no page, list, form or question tells them of another."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from petitions.domain import (
    audit,
    case_access,
    deliveries,
    delivery_week,
    names_terms,
    tasks,
    watching,
)
from petitions.domain.fingerprints import fingerprint
from petitions.domain.reach import OF_NO_CASE, Reach, narrowed, reached
from petitions.extensions import Model, begin_write, db
from petitions.models import (
    BuildAgreement,
    BuildState,
    Bundle,
    BundleBuild,
    BundleFile,
    Case,
    CaseText,
    CaseUpdate,
    Channel,
    Delivery,
    DeliveryOutcome,
    DeliveryState,
    Mail,
    News,
    Official,
    OfficialMail,
    OfficialMailState,
    Organiser,
    OrganiserCase,
    PaperSignatures,
    Permission,
    PermissionGiver,
    Person,
    Petition,
    PetitionText,
    Picture,
    Reply,
    Role,
    SetAsideBatch,
    Signature,
    UpdateKind,
    UpdateText,
)
from petitions.models.forgery import BatchState
from petitions.web.organiser.access import Door, need_of
from petitions.web.organiser.reaching import OF_A_CASE
from tests.domain.cast import Cast, publish
from tests.domain.test_bundles import signed
from tests.web.organiser.handing_over import SIGNERS, frozen
from tests.web.organiser.test_doors import console_rules, example_of

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy

    from tests.web.organiser.conftest import OrganisersClient

ALL_BUT_ADMIN = tuple(role for role in Role if role is not Role.ADMIN)
MARK = "Zarina Quddusova"
"""Stands in whatever of the other case has words."""


@dataclass(frozen=True)
class Two:
    """Mine, and the one that must not be seen, with the numbers of all that hangs on it."""

    mine: Cast
    other: Cast
    ids: dict[str, int]


@pytest.fixture
def two(database: SQLAlchemy, site: Any, frozen_time: object, now: datetime) -> Two:
    from petitions.domain.signing_keys import ensure_signing_key

    ensure_signing_key(site.keyring)
    mine, other = publish(site, now), publish(site, now, slug="zarina-q")
    clerk = Organiser(email="clerk@example.org", name="Clerk", fs_uniquifier="c", created_at=now)
    database.session.add(clerk)
    database.session.flush()
    signed(site, other, now, *SIGNERS)
    bundle = frozen(other, now, "minister-zarina-q")
    rows = _hung_on(other, bundle, clerk, now)
    for row in rows.values():
        database.session.add(row)
        database.session.flush()
    build = rows["build_id"]
    rows["file_id"] = BundleFile(
        build_id=build.id, bundle_id=bundle.id, file_name="one.zip", size=1, written_at=now
    )
    database.session.add(rows["file_id"])
    words = f"{MARK} is missing"
    database.session.execute(
        db.update(CaseText).where(CaseText.case_id == other.case.id).values(title=words)
    )
    database.session.execute(
        db.update(PetitionText)
        .where(PetitionText.text_version_id == other.text.id)
        .values(title=words)
    )
    update = rows["update_id"]
    database.session.add(UpdateText(update_id=update.id, language="en", title=words))
    audit.record("organiser 1", "case facts changed", f"case {other.case.id}", {}, now)
    database.session.commit()
    ids = {name: row.id for name, row in rows.items()}
    ids |= {
        "case_id": other.case.id,
        "petition_id": other.petition.id,
        "bundle_id": bundle.id,
        "signature_id": database.session.execute(select(func.min(Signature.id))).scalar_one(),
    }
    return Two(mine, other, ids)


def _hung_on(other: Cast, bundle: Bundle, clerk: Organiser, now: datetime) -> dict[str, Any]:
    case, petition = other.case.id, other.petition.id
    official = db.session.execute(select(Bundle.official_id)).scalar_one()
    return {
        "person_id": Person(case_id=case, position=1, name=MARK),
        "permission_id": Permission(
            case_id=case, given_by=PermissionGiver.NOBODY, covers_name=True, covers_picture=False,
            covers_place=False, covers_story=True, given_on=now.date(), reason="x",
            recorded_by="Clerk",
        ),
        "picture_id": Picture(
            case_id=case, position=1, media_type="image/png", content=b"x", width=1, height=1,
            credit=MARK,
        ),
        "update_id": CaseUpdate(case_id=case, position=1, kind=UpdateKind.CORRECTION),
        "delivery_id": Delivery(
            bundle_id=bundle.id, state=DeliveryState.DONE, channel=Channel.POST,
            outcome=DeliveryOutcome.POSTED, recorded_at=now, follow_up_on=now.date(),
            reply_due_on=now.date(), place=MARK,
        ),
        "reply_id": Reply(
            petition_id=petition, official_id=official, received_on=now.date(), language="en",
            text=MARK,
        ),
        "build_id": BundleBuild(
            petition_id=petition, requested_by=clerk.id, requested_at=now,
            state=BuildState.WAITING,
        ),
        "agreement_id": BuildAgreement(
            petition_id=petition, state="asked", asked_by=clerk.id, asked_at=now
        ),
        "mail_id": OfficialMail(
            bundle_id=bundle.id, address="x@gov.example", with_list=False, message_id="m",
            state=OfficialMailState.WAITING, not_before=now, asked_by=clerk.id, asked_at=now,
        ),
        "news_id": News(petition_id=petition, per_hour=60, created_by=clerk.id, created_at=now),
        "paper_id": PaperSignatures(
            petition_id=petition, source="paper", number=7, provenance=MARK, entered_at=now
        ),
        "batch_id": SetAsideBatch(
            petition_id=petition, condition={}, ground="forged", requested_by=clerk.id,
            requested_at=now, state=BatchState.WAITING, total=1, last_seen=1,
        ),
    }  # fmt: skip


@pytest.fixture
def partner(
    two: Two,
    database: SQLAlchemy,
    make_organiser: Callable[..., Organiser],
    sign_in: Callable[[Organiser], OrganisersClient],
) -> OrganisersClient:
    """Somebody with all roles but the admin's, limited to one case."""
    someone = make_organiser(*ALL_BUT_ADMIN, name="Partner")
    someone.only_chosen_cases = True
    database.session.add(OrganiserCase(organiser_id=someone.id, case_id=two.mine.case.id))
    database.session.commit()
    return sign_in(someone)


def address(app: Flask, rule: Any, ids: dict[str, int]) -> str:
    values = {name: ids.get(name, example_of(rule, name)) for name in rule.arguments}
    with app.test_request_context():
        return str(app.url_map.bind("localhost").build(rule.endpoint, values))


def test_no_page_shows_or_changes_a_thing_of_another_case(
    app: Flask, database: SQLAlchemy, two: Two, partner: OrganisersClient
) -> None:
    assert set(two.ids) == set(OF_A_CASE)
    for name, model in OF_A_CASE.items():
        assert database.session.get(model, two.ids[name]) is not None, name
    database.session.rollback()
    asked = 0
    for rule in console_rules(app):
        need = need_of(app.view_functions[rule.endpoint])
        if need is None or isinstance(need.of, Door) or not set(two.ids) & rule.arguments:
            continue
        url = address(app, rule, two.ids)
        for method in sorted({"GET", "POST"} & rule.methods):
            answer = partner.get(url) if method == "GET" else partner.post_form(url)
            assert answer.status_code in {403, 404}, f"{method} {url}: {answer.status_code}"
            assert MARK not in answer.text
            asked += 1
    assert asked > 150


def test_own_case_with_anothers_thing_in_one_address_is_not_found(
    app: Flask, two: Two, partner: OrganisersClient
) -> None:
    mixed = {**two.ids, "case_id": two.mine.case.id, "petition_id": two.mine.petition.id}
    for rule in console_rules(app):
        if len(set(two.ids) & rule.arguments) < 2:
            continue
        url = address(app, rule, mixed)
        for method in sorted({"GET", "POST"} & rule.methods):
            answer = partner.get(url) if method == "GET" else partner.post_form(url)
            assert answer.status_code in {403, 404}, f"{method} {url}: {answer.status_code}"


def test_lists_name_own_cases_alone_and_all_else_is_refused(
    app: Flask, two: Two, partner: OrganisersClient
) -> None:
    shown = set()
    for rule in console_rules(app):
        need = need_of(app.view_functions[rule.endpoint])
        open_to_all = need is None or isinstance(need.of, Door)
        if open_to_all or set(two.ids) & rule.arguments or "page" in rule.arguments:
            continue
        url = address(app, rule, {"official_id": two.other.minister.official_id or 0})
        for method in sorted({"GET", "POST"} & rule.methods):
            answer = partner.get(url) if method == "GET" else partner.post_form(url)
            assert MARK not in answer.text, url
            assert answer.status_code == 403 or need.narrows, f"{method} {url}"
            if method == "GET" and answer.status_code == 200:
                shown.add(rule.endpoint)
    assert shown == {
        "bundles.index", "cases.index", "confirmations.index", "confirmations.person",
        "deliveries.board", "deliveries.index", "mailing.index", "officials.index",
        "officials.show", "overview.index", "petitions.index", "retention.index",
    }  # fmt: skip


def test_own_case_is_worked_on_as_ever(two: Two, partner: OrganisersClient) -> None:
    case, petition = two.mine.case.id, two.mine.petition.id
    for page in (
        f"cases/{case}", f"cases/{case}/text/en", f"cases/{case}/facts", f"petitions/{petition}",
        f"petitions/{petition}/addressees", f"confirmations/{petition}",
        f"confirmations/{petition}/signatures", f"bundles/petitions/{petition}",
    ):  # fmt: skip
        assert partner.get(f"/organiser/{page}").status_code == 200, page
    overview = partner.get("/organiser/").text
    for closed in ("/organiser/audit/", "/organiser/organisation/", "/organiser/condition/"):
        assert f'href="{closed}"' not in overview
    slug = {"title": "Another one", "slug": "zarina-q"}
    answer = partner.post_form(f"/organiser/petitions/new/{case}", slug)
    assert answer.status_code == 422, "an address is taken whoever has it"


def test_presence_on_another_cases_page_is_not_found(two: Two, partner: OrganisersClient) -> None:
    page = f"/organiser/editing/open/cases/{two.other.case.id}/text/en"
    assert partner.post_form(page).status_code == 404
    mine = f"/organiser/editing/open/cases/{two.mine.case.id}/text/en"
    assert partner.post_form(mine).status_code == 200


def test_admin_limits_an_account_and_takes_that_back(
    two: Two,
    database: SQLAlchemy,
    signed_in: Callable[..., OrganisersClient],
    make_organiser: Callable[..., Organiser],
    sign_in: Callable[[Organiser], OrganisersClient],
) -> None:
    admin, guest = signed_in(Role.ADMIN), make_organiser(Role.CAMPAIGNER, name="Guest")
    client = sign_in(guest)
    page = f"/organiser/organisers/{guest.id}/cases"
    assert MARK in client.get("/organiser/cases/").text

    def saves(**typed: Any) -> Any:
        seen = fingerprint(case_access.access_of(database.session.get_one(Organiser, guest.id)))
        database.session.rollback()
        return admin.post_form(page, {"seen": seen, **typed})

    assert saves(reach="chosen").status_code == 422
    assert saves(reach="chosen", cases=[str(two.mine.case.id)]).status_code == 303
    assert MARK not in client.get("/organiser/cases/").text
    assert "Anna B is missing" in admin.get(f"/organiser/organisers/{guest.id}").text
    assert "only 1 case" in admin.get("/organiser/organisers/").text
    entry = audit.latest(f"organiser {guest.id}")
    assert entry is not None
    assert entry.action == "access to cases changed"
    assert json.loads(entry.detail)["after"]["cases"] == [two.mine.case.id]
    stale = admin.post_form(page, {"seen": "other", "reach": "all"})
    assert stale.status_code == 409
    assert saves(reach="all").status_code == 303
    assert MARK in client.get("/organiser/cases/").text


def test_admin_reaches_all_cases(
    two: Two, database: SQLAlchemy, signed_in: Callable[..., OrganisersClient]
) -> None:
    admin = signed_in(Role.ADMIN)
    page = f"/organiser/organisers/{admin.organiser_id}/cases"
    seen = fingerprint({"only_chosen_cases": False, "cases": []})
    sent = {"seen": seen, "reach": "chosen", "cases": [str(two.mine.case.id)]}
    answer = admin.post_form(page, sent)
    assert answer.status_code == 422
    assert "An admin reaches all cases" in answer.text


def test_every_table_belongs_to_a_case_or_says_that_it_belongs_to_none(
    database: SQLAlchemy, two: Two
) -> None:
    tables = set(Model.metadata.tables)
    assert tables >= OF_NO_CASE
    narrow = [one for one in Model.registry.mappers if one.local_table.name not in OF_NO_CASE]
    filled = 0
    for mapper in narrow:
        query = select(mapper.class_)
        every = len(database.session.execute(query).all())
        with narrowed(Reach(frozenset())):
            assert database.session.execute(query).all() == [], mapper.class_.__name__
        with narrowed(Reach(frozenset({two.mine.case.id, two.other.case.id}))):
            found = len(database.session.execute(query).all())
        assert found == every or mapper.class_ is Mail, mapper.class_.__name__
        filled += every > 0
    assert filled > 25
    assert reached() is None


def test_narrowed_session_changes_and_deletes_nothing_of_another_case(
    database: SQLAlchemy, two: Two
) -> None:
    own = frozenset({two.mine.case.id})
    database.session.rollback()
    begin_write()
    with narrowed(Reach(own)):
        database.session.execute(db.update(Petition).values(goal=5))
        database.session.execute(db.delete(Person))
        assert database.session.get(Official, two.other.minister.official_id) is not None
    rows = database.session.execute(select(Petition.id, Petition.goal))
    goals = {row.id: row.goal for row in rows}
    assert goals == {two.mine.petition.id: 5, two.other.petition.id: None}
    assert database.session.execute(select(func.count()).select_from(Person)).scalar_one() == 1
    database.session.rollback()
    assert database.session.get(Case, two.other.case.id) is not None


def test_numbers_over_all_petitions_are_those_of_own_cases(
    database: SQLAlchemy, site: Any, two: Two, now: datetime
) -> None:
    mine = two.mine.petition.id

    def told() -> list[int]:
        board = delivery_week.board(now.date(), now)
        steps = watching.steps(watching.Span.DAY, "UTC", now)
        standing = tasks.standing(["en"], now)
        return [
            len(set(watching.standings()) - {None, mine}),
            sum(step.created + step.confirmed for step in steps),
            sum(len(dues) for dues in board.values()),
            len(deliveries.follow_ups_due(now.date())),
            len(tasks.builds_running()),
            len([one for one in names_terms.standings(site.terms) if one.petition_id != mine]),
            len(standing.petitions) - 1,
            len(standing.cases) - 1,
            sum(one.row.confirmed for one in tasks.numbers_today(standing)),
            len(tasks.recent(50, sees_signers=True, reads_all=False)),
        ]

    assert all(number > 0 for number in told()[:5])
    with narrowed(Reach(frozenset({two.mine.case.id}))):
        assert told() == [0] * 10

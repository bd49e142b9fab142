"""What waits, in words and with addresses: each group for whoever may do something about it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, url_for
from flask_babel import gettext, ngettext
from werkzeug.routing import BuildError

from petitions.domain import (
    cases,
    deliveries,
    delivery_week,
    held_questions,
    names_terms,
    organisation,
    planned,
    tasks,
)
from petitions.domain.case_updates import written_of
from petitions.domain.petition_lists import petition_title
from petitions.domain.petitions import petition_numbered
from petitions.domain.rights import Right
from petitions.domain.site import Site
from petitions.domain.tasks import Standing
from petitions.domain.terms import Terms
from petitions.extensions import db
from petitions.models import BuildState, CaseUpdate, PetitionState
from petitions.web.language import wishes
from petitions.web.organiser.access import may, organiser
from petitions.web.organiser.scheduling_words import trouble_of
from petitions.web.page_frame import day, moment, own_day

_TOLD_BEFORE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits. `language` is that of the title, where it has one of its own."""

    title: str
    url: str = ""
    note: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Things of one kind that wait."""

    title: str
    items: list[Item] = field(default_factory=list)
    is_urgent: bool = False


def tasks_of(standing: Standing) -> list[Group]:
    """Return all that waits for whoever is signed in, the most urgent first."""
    found = [_own_name()]
    if may(Right.MANAGE_ORGANISATION):
        found.append(_organisation())
    if may(Right.EDIT) or may(Right.PUBLISH) or may(Right.DELIVER):
        found.append(_closing(standing))
    if may(Right.READ_AUDIT):
        found.append(_guesses(standing))
    if may(Right.REVIEW) or may(Right.MANAGE_ORGANISERS):
        found.append(_mails(standing))
    if may(Right.REVIEW):
        found.append(_questions())
    if may(Right.EDIT):
        found += [_second_organisers(standing), _permissions(standing)]
    if may(Right.PUBLISH):
        found += [_unpublished(), _drafts(standing)]
    if may(Right.DELIVER):
        found += [
            _agreements(standing),
            _builds(standing),
            _replies_due(standing),
            _follow_ups(standing),
        ]
        found += [_names_going(standing), _names_without_term(standing)]
    return [group for group in found if group.items]


def _own_name() -> Group:
    """Ask whoever was added by an address alone what to be called."""
    group = Group(gettext("You have no name here yet"))
    if not organiser().name:
        note = gettext("Other organisers and the record call you by your address until then.")
        group.items.append(Item(gettext("Say what you are called"), _url("account.index"), note))
    return group


def _organisation() -> Group:
    words = {
        "postal address": gettext("its postal address, which letters need"),
        "controller": gettext("who is responsible for the data"),
        "contact": gettext("an e-mail address for readers"),
    }
    missing = organisation.missing(organisation.the_organisation())
    if "name" in missing:  # the first of the three steps says so
        missing = []
    url = url_for("organisation.index")
    return Group(
        gettext("Still missing about the organisation"),
        [Item(str(words.get(word, word)), url) for word in missing],
        is_urgent=True,
    )


def _closing(standing: Standing) -> Group:
    items = []
    for closing in tasks.closing_soon(standing):
        left = ngettext("%(num)d day left", "%(num)d days left", closing.days)
        row = closing.row
        assert row.deadline_on is not None  # noqa: S101  # nosec B101  # closing_soon looks for it
        note = gettext("today is the last day") if closing.days == 0 else left
        note = gettext("last day %(day)s: %(left)s", day=day(row.deadline_on), left=note)
        items.append(Item(row.title, _petition(row.id), note, row.language))
    return Group(gettext("Deadlines within a week"), items, is_urgent=True)


def _guesses(standing: Standing) -> Group:
    items = []
    if number := tasks.guesses(standing.now):
        words = ngettext(
            "%(num)d wrong password or code within a day",
            "%(num)d wrong passwords or codes within a day",
            number,
        )
        note = gettext("Somebody guesses, or has lost theirs. The record tells whose accounts.")
        items.append(Item(words, url_for("audit.index", what="wrong password"), note))
    return Group(gettext("Attempts to sign in"), items, is_urgent=True)


def _mails(standing: Standing) -> Group:
    trouble = tasks.mail_trouble(standing.now)
    items, to_signers = [], trouble.failed - trouble.to_organisers
    if may(Right.REVIEW) and to_signers:
        words = ngettext(
            "%(num)d mail to a signer failed within the last week",
            "%(num)d mails to signers failed within the last week",
            to_signers,
        )
        items.append(Item(words, url_for("confirmations.index")))
    if may(Right.MANAGE_ORGANISERS) and trouble.to_organisers:
        words = ngettext(
            "%(num)d mail to an organiser failed within the last week",
            "%(num)d mails to organisers failed within the last week",
            trouble.to_organisers,
        )
        items.append(Item(words, url_for("organisers.index")))
    if trouble.waiting:
        words = ngettext(
            "%(num)d mail has waited for over a quarter of an hour",
            "%(num)d mails have waited for over a quarter of an hour",
            trouble.waiting,
        )
        note = gettext("Does the worker run? Can the relay be reached?")
        url = url_for("confirmations.index") if may(Right.REVIEW) else ""
        items.append(Item(words, url, note))
    return Group(gettext("Mail in trouble"), items, is_urgent=True)


def _questions() -> Group:
    items = [
        Item(
            gettext("Signature %(number)s", number=one.signature_id),
            _url("confirmations.answer", signature_id=one.signature_id),
            gettext("asked on %(day)s", day=day(own_day(one.asked_at))),
        )
        for one in held_questions.open_questions()
    ]
    return Group(gettext("Signers of sealed cases ask what is held"), items, is_urgent=True)


def _second_organisers(standing: Standing) -> Group:
    waiting = [
        standing.titles[case_id]
        for case_id in tasks.cases_waiting_for_a_second()
        if case_id in standing.titles
    ]
    note = gettext("Nobody could be asked. Somebody other than the one who wrote that must agree.")
    items = [
        Item(case.title, _url("cases.permission", case_id=case.id), note, case.language)
        for case in waiting
    ]
    return Group(gettext("A second organiser is needed"), items)


def _permissions(standing: Standing) -> Group:
    items = []
    for case, permission in cases.permissions_to_review(standing.today()):
        line = standing.titles[case.id]
        if permission.review_on is not None and permission.review_on <= standing.today():
            note = gettext("to be asked again since %(day)s", day=day(permission.review_on))
        else:
            note = gettext("covers less than what readers see")
        url = _url("cases.permission", case_id=case.id)
        items.append(Item(line.title, url, note, line.language))
    return Group(gettext("Permissions to ask for again"), items)


def _unpublished() -> Group:
    """What was not published at its time, and what would not be as things stand."""
    items = []
    for plan in planned.plans():
        if not (trouble := trouble_of(plan)):
            continue
        if plan.petition_id is not None:
            petition, case = petition_numbered(plan.petition_id)
            title, language = petition_title(petition, case, wishes())
            url = _url("scheduling.petition", petition_id=petition.id)
        else:
            update = db.session.get_one(CaseUpdate, plan.update_id)
            case = cases.case_of(update.case_id)
            title, language = written_of(update, case.source_language).title, case.source_language
            url = _url("scheduling.update", case_id=case.id, update_id=update.id)
        items.append(Item(title or gettext("without title"), url, trouble, language))
    return Group(gettext("To be published at a set time"), items, is_urgent=True)


def _drafts(standing: Standing) -> Group:
    return Group(gettext("Waiting to be published"), list(_draft_items(standing)))


def _draft_items(standing: Standing) -> Iterator[Item]:
    for row in standing.petitions:
        if row.state is PetitionState.DRAFT:
            note = gettext("petition")
            if row.scheduled_at is not None and not row.schedule_stopped:
                when = moment(row.scheduled_at)
                note = gettext("petition, to be published on %(when)s", when=when)
            yield Item(row.title, _petition(row.id), note, row.language)
        elif row.waits:
            note = gettext("changes of a petition")
            yield Item(row.title, _petition(row.id), note, row.language)
    for line in standing.cases:
        url = url_for("cases.show", case_id=line.id)
        if line.state == "draft":
            yield Item(line.title, url, gettext("case"), line.language)
        elif line.waiting:
            yield Item(line.title, url, gettext("changes of a case's text"), line.language)
    for case_id, update_id in tasks.drafts_of_updates():
        line = standing.titles[case_id]
        url = _url("cases.update", case_id=case_id, update_id=update_id)
        yield Item(line.title, url, gettext("update of a case"), line.language)


def _agreements(standing: Standing) -> Group:
    titles, items = {row.id: row for row in standing.petitions}, []
    waiting = tasks.bundles_waiting_for_a_second(standing.now, organiser().id)
    for one in [*waiting, *tasks.bundles_agreed_to(standing.now)]:
        row = titles[one.petition_id]
        agreed = gettext("agreed to: a custodian can build them now")
        note = gettext("another organiser asks you to agree") if one in waiting else agreed
        url = _url("bundles.agreement", agreement_id=one.id)
        items.append(Item(row.title, url, note, row.language))
    return Group(gettext("Bundles of sealed cases"), items, is_urgent=True)


def _builds(standing: Standing) -> Group:
    titles = {row.id: row for row in standing.petitions}
    items = []
    for build in tasks.builds_running():
        row = titles[build.petition_id]
        waits = build.state is BuildState.WAITING
        note = (
            gettext("waits for the worker")
            if waits
            else gettext("%(done)s of %(total)s done", done=build.done, total=build.total)
        )
        items.append(Item(row.title, _url("bundles.build", build_id=build.id), note, row.language))
    return Group(gettext("Bundles being built"), items)


def _follow_ups(standing: Standing) -> Group:
    items = []
    for delivery, bundle in deliveries.follow_ups_due(standing.today()):
        assert delivery.follow_up_on is not None  # noqa: S101  # nosec B101  # that is what is looked for
        note = gettext("to be followed up since %(day)s", day=day(delivery.follow_up_on))
        title = gettext("Delivery of bundle %(name)s", name=bundle.public_id)
        url = _url("deliveries.show", delivery_id=delivery.id)
        items.append(Item(title, url, note))
    return Group(gettext("Follow-ups due"), items)


def _replies_due(standing: Standing) -> Group:
    items = []
    for delivery, bundle in delivery_week.awaiting_reply(standing.today()):
        assert delivery.reply_due_on is not None  # noqa: S101  # nosec B101  # that is what is looked for
        note = (
            gettext("a reply is due today")
            if delivery.reply_due_on == standing.today()
            else gettext("a reply was due on %(day)s", day=day(delivery.reply_due_on))
        )
        title = gettext("Delivery of bundle %(name)s", name=bundle.public_id)
        url = _url("deliveries.show", delivery_id=delivery.id)
        items.append(Item(title, url, note))
    return Group(gettext("Replies due"), items)


def _names_going(standing: Standing) -> Group:
    """Names that are destroyed within a month: in time to put it off."""
    items = []
    titles = {row.id: row for row in standing.petitions}
    for one in names_terms.standings(_terms()):
        if one.destroyed_at or one.due_at is None or one.due_at > standing.now + _TOLD_BEFORE:
            continue
        row = titles[one.petition_id]
        note = gettext(
            "the names of its signers are destroyed on %(day)s; you can put that off",
            day=day(one.due_at.astimezone(ZoneInfo(row.time_zone)).date()),
        )
        url = _url("retention.put_off", petition_id=row.id)
        items.append(Item(row.title, url, note, row.language))
    return Group(gettext("Names that are destroyed soon"), items, is_urgent=True)


def _names_without_term(standing: Standing) -> Group:
    note = gettext("Is everything handed over? Then say so: names are not kept longer than needed.")
    titles = {row.id: row for row in standing.petitions}
    items = []
    for one in names_terms.standings(_terms()):
        if one.said_at is None and one.holds_names:
            row = titles[one.petition_id]
            url = _url("retention.all_handed_over", petition_id=row.id)
            items.append(Item(row.title, url, note, row.language))
    return Group(gettext("Petitions that are over, with names that have no term"), items)


def _terms() -> Terms:
    site: Site = current_app.extensions["petitions"]
    return site.terms


def _petition(petition_id: int) -> str:
    return _url("petitions.show", petition_id=petition_id)


def _url(endpoint: str, **values: Any) -> str:
    try:
        return url_for(endpoint, **values)
    except BuildError:
        return ""

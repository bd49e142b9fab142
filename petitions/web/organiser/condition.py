"""How the site runs: worker, mails, disk, builds, backups, for organisers who watch it all day."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal, gettext, ngettext

from petitions.clock import now
from petitions.domain import beats, mail_report, relief
from petitions.domain.condition import Condition, condition, late_mails
from petitions.domain.presenting.readiness import LEAST_FREE
from petitions.domain.rights import Right
from petitions.web.health import free_bytes
from petitions.web.organiser.access import allowed
from petitions.web.organiser.confirmations import words
from petitions.web.organiser.giving_way import LANES
from petitions.web.page_frame import moment as moment_in_words

blueprint = Blueprint("condition", __name__, url_prefix="/organiser/condition")


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that is watched: its name, how it stands, and what that means."""

    name: str
    word: str
    kind: str
    text: str


@blueprint.get("/")
@allowed(Right.LOOK)
def index() -> ResponseReturnValue:
    """Show how the site runs, and what whoever runs the server is to do."""
    moment = now()
    found = condition(moment)
    return render_template(
        "organiser/condition/index.html",
        rows=[
            _worker(found, moment),
            _mails(found, moment),
            _disk(),
            _builds(found),
            _backup(found),
        ],
        waiting=mail_report.waiting_mails(moment),
        words=words,
        lanes=LANES,
        in_force=relief.in_force(),
    )


def is_amiss() -> bool:
    """Whether anything keeps the site from its work: no worker, late mails, a full disk."""
    moment = now()
    since = current_app.extensions["petitions.started"]
    missed = beats.is_missed(beats.last_seen(), since, moment)
    return missed or bool(late_mails(moment)) or free_bytes() < LEAST_FREE


def _worker(found: Condition, moment: datetime) -> Row:
    name = gettext("Worker")
    if found.worker_seen_at is None:
        text = gettext("It was never started: no mail is sent. Ask whoever runs the server.")
        return Row(name, gettext("does not run"), "stop", text)
    seen = gettext("Last seen: %(when)s.", when=moment_in_words(found.worker_seen_at))
    if moment - found.worker_seen_at > beats.MISSED_AFTER:
        text = gettext("No mail is sent meanwhile. Ask whoever runs the server.")
        return Row(name, gettext("does not run"), "stop", f"{seen} {text}")
    return Row(name, gettext("runs"), "done", seen)


def _mails(found: Condition, moment: datetime) -> Row:
    name = gettext("Mails")
    late = late_mails(moment)
    if not late or found.oldest_due_at is None:
        return Row(name, gettext("in time"), "done", gettext("No mail is late."))
    text = ngettext(
        "%(num)d mail was due over a minute ago.", "%(num)d mails were due over a minute ago.", late
    )
    since = gettext("The oldest waits since %(when)s.", when=moment_in_words(found.oldest_due_at))
    return Row(name, gettext("late"), "stop", f"{text} {since}")


def _disk() -> Row:
    name, free = gettext("Disk"), free_bytes()
    if free < 10**9:
        text = gettext("%(number)s MB are left.", number=free >> 20)
    else:
        text = gettext("%(number)s GB are left.", number=format_decimal(round(free / 10**9)))
    if free < LEAST_FREE:
        return Row(name, gettext("full"), "stop", text)
    return Row(name, gettext("has room"), "done", text)


def _builds(found: Condition) -> Row:
    name = gettext("Bundles")
    if not found.builds_open or found.oldest_build_at is None:
        return Row(name, gettext("nothing waits"), "done", gettext("None is being built."))
    text = ngettext(
        "%(num)d build waits or runs.", "%(num)d builds wait or run.", found.builds_open
    )
    since = gettext(
        "The oldest was asked for: %(when)s.", when=moment_in_words(found.oldest_build_at)
    )
    return Row(name, gettext("being built"), "open", f"{text} {since}")


def _backup(found: Condition) -> Row:
    name = gettext("Backup")
    if found.backed_up_at is None:
        text = gettext("There is none yet. Whoever runs the server makes them each night.")
        return Row(name, gettext("missing"), "warn", text)
    when = moment_in_words(found.backed_up_at)
    return Row(name, gettext("made"), "done", gettext("The last one: %(when)s.", when=when))

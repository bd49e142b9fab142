"""The record in plain words: who, what, about what; with links where there is a page."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.routing import BuildError

from petitions.domain import audit, organisers
from petitions.errors import CannotOpen
from petitions.extensions import db
from petitions.models import AuditEntry, Bundle, Case, Official, Petition
from petitions.vault import KeyRing
from petitions.web.organiser.audit_actions import ACTIONS
from petitions.web.organiser.audit_details import changes_in, detail_of, facts_in

_NUMBERED = re.compile(r"([a-z ]+) (\d+)")
_KINDS: dict[str, tuple[Any, str, str]] = {
    "case": (_l("case %(name)s"), "cases.show", "case_id"),
    "petition": (_l("petition %(name)s"), "petitions.show", "petition_id"),
    "official": (_l("official %(name)s"), "officials.show", "official_id"),
    "organiser": (_l("organiser %(name)s"), "organisers.one", "organiser_id"),
    "delivery": (_l("delivery %(name)s"), "deliveries.show", "delivery_id"),
    "build": (_l("building of bundles %(name)s"), "bundles.build", "build_id"),
    "build agreement": (_l("bundles asked for %(name)s"), "bundles.agreement", "agreement_id"),
    "rule": (_l("rule %(name)s"), "rules.index", ""),
    "batch": (_l("batch %(name)s set aside in bulk"), "confirmations.batch", "batch_id"),
    "news": (_l("news %(name)s"), "mailing.show", "news_id"),
    "signature": (_l("signature %(name)s"), "confirmations.signature", "signature_id"),
    "contact office": (_l("contact office %(name)s"), "organisation.index", ""),
}
_ACTORS: dict[str, Any] = {
    "command": _l("a command"),
    "worker": _l("the server itself"),
    "mail server": _l("a mail server’s report"),
    "somebody": _l("somebody who is not signed in"),
}
_SLUGS: dict[str, tuple[Any, Any]] = {
    "case": (Case.id, Case.slug),
    "petition": (Petition.id, Petition.slug),
    "official": (Official.id, Official.slug),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One entry as it is shown. `changes` are (what, before, after), `facts` (what, value)."""

    id: int
    at: datetime
    who: str
    action: str
    subject: str
    url: str
    changes: list[tuple[str, str, str]]
    facts: list[tuple[str, str]]
    reason: str
    reason_is: str
    hash: str


class Names:
    """How people and things are called, looked up once for all entries of a page."""

    def __init__(self, entries: Iterable[AuditEntry]) -> None:
        told = [*((entry.actor, entry.subject) for entry in entries)]
        numbers: dict[str, set[int]] = {}
        for found in (_NUMBERED.fullmatch(text) for pair in told for text in pair):
            if found:
                numbers.setdefault(found[1], set()).add(int(found[2]))
        self._names = {"organiser": organisers.names_of(numbers.get("organiser", ()))}
        for kind, (number, slug) in _SLUGS.items():
            if wanted := numbers.get(kind):
                query = select(number, slug).where(number.in_(wanted))
                self._names[kind] = {row[0]: row[1] for row in db.session.execute(query)}
        public_ids = {subject for _, subject in told if not _NUMBERED.fullmatch(subject)}
        bundles = select(Bundle.public_id, Bundle.id).where(Bundle.public_id.in_(public_ids))
        self._bundles = {row[0]: row[1] for row in db.session.execute(bundles)}

    def actor(self, actor: str) -> str:
        """Return a person's name, or what acted."""
        found = _NUMBERED.fullmatch(actor)
        if found and found[1] == "organiser":
            return self._names["organiser"].get(int(found[2]), actor)
        return str(_ACTORS.get(actor, actor))

    def subject(self, entry: AuditEntry) -> tuple[str, str]:
        """Return what an entry is about, and the address of its page or nothing."""
        if entry.subject == "organisation":
            return gettext("the organisation"), _address("organisation.index")
        if entry.subject == audit.NO_ACCOUNT:
            return gettext("an address without an account"), ""
        found = _NUMBERED.fullmatch(entry.subject)
        if found and found[1] in _KINDS:
            words, endpoint, argument = _KINDS[found[1]]
            name = self._names.get(found[1], {}).get(int(found[2]), found[2])
            there = {argument: int(found[2])} if argument else {}
            return str(words) % {"name": name}, _address(endpoint, **there)
        if entry.action.startswith("bundle"):
            number = self._bundles.get(entry.subject)
            url = _address("bundles.show", bundle_id=number) if number else ""
            return gettext("bundle %(name)s", name=entry.subject), url
        return entry.subject, ""


def told(entries: list[AuditEntry], keyring: KeyRing) -> list[Told]:
    """Return entries in plain words, with the reasons that were sealed beside them."""
    names = Names(entries)
    return [_told(entry, names, keyring) for entry in entries]


def name_of_actor(actor: str) -> str:
    """Return who did something, by the record's word for them."""
    found = _NUMBERED.fullmatch(actor)
    if found and found[1] == "organiser":
        return organisers.names_of([int(found[2])]).get(int(found[2]), actor)
    return str(_ACTORS.get(actor, actor))


def action_words(action: str) -> str:
    """Return what was done in the reader's language."""
    return str(ACTIONS.get(action, action))


def _told(entry: AuditEntry, names: Names, keyring: KeyRing) -> Told:
    detail = detail_of(entry)
    subject, url = names.subject(entry)
    reason, reason_is = _reason(entry, detail, keyring)
    return Told(
        id=entry.id,
        at=entry.at,
        who=names.actor(entry.actor),
        action=action_words(entry.action),
        subject=subject,
        url=url,
        changes=changes_in(detail),
        facts=facts_in(detail),
        reason=reason,
        reason_is=reason_is,
        hash=entry.hash,
    )


def _reason(entry: AuditEntry, detail: Mapping[str, Any], keyring: KeyRing) -> tuple[str, str]:
    """Return the reason, and a word for why it is not there: wiped, or it does not open."""
    if entry.reason_sealed is None:
        return "", "wiped" if "reason_sha256" in detail else ""
    try:
        return audit.reason_of(entry, keyring), "given"
    except CannotOpen:
        return "", "closed"


def _address(endpoint: str, **values: Any) -> str:
    try:
        return url_for(endpoint, **values)
    except BuildError:
        return ""

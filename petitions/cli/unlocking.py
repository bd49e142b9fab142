"""Unlocking a sealed case for one command, and saying in one line why that is not done."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from petitions.cli.asking import Asking
from petitions.cli.house import site_of

if TYPE_CHECKING:
    from petitions.domain.site import Site
    from petitions.domain.unlocking import Unlocked

UNLOCKING = "Passphrase of a custodian, or the recovery key"
_SECOND = "Passphrase of another custodian, or the recovery key"
_WORDS = {
    "not sealed": "this case is not sealed: nothing is to be unlocked",
    "sealed already": "this case is sealed already",
    "wrong passphrase": "that unlocks nothing: it is the passphrase of no custodian of this case",
    "mistyped": "a letter of the recovery key is wrong or missing: compare it with the paper",
    "no label": "say whose passphrase it is",
    "too short": "a passphrase has at least twelve characters",
    "too easy": "this passphrase can be guessed: take six words that do not belong together",
    "changed meanwhile": "the keys of this case were changed meanwhile: begin again",
    "no such custodian": "no such custodian: `petitions vault status CASE` lists them",
    "last custodian": "this is the last custodian: add another one first, or unseal the case",
    "recovery key": "the recovery key is renewed by `petitions vault rotate --new-recovery-key`",
}


@contextmanager
def in_plain_words() -> Iterator[None]:
    """Turn what the domain refuses into one line. Raises ClickException."""
    from petitions.errors import Refused

    try:
        yield
    except Refused as refused:
        raise click.ClickException(_WORDS.get(refused.reason, refused.reason)) from refused


def unlock(case_id: int, asking: Asking, question: str = UNLOCKING) -> "Unlocked":
    """Ask for a passphrase and unlock with it. Raises ClickException, KeyMissing."""
    from petitions.domain import unlocking
    from petitions.domain.case_keys import is_sealed
    from petitions.extensions import db

    with in_plain_words():
        if not is_sealed(case_id):
            raise click.ClickException(_WORDS["not sealed"])
        secret = asking.secret(question)
        unlocked = unlocking.unlock(case_id, secret)
    db.session.rollback()  # the next thing begins as a writer
    return unlocked


agreed_by = click.option(
    "--agreed-by",
    metavar="EMAIL",
    help="Sealed cases: the organiser who agreed. Otherwise a second passphrase is asked for.",
)
"""Option of a command that takes names out of the house, which takes two people."""


def site_for_two(case_id: int, job: str, asking: Asking, agreed: str | None) -> "Site":
    """Return the site as `site_for` does, where two people want the job.

    Either a second custodian types a passphrase too, or the command says which organiser agreed:
    the trail keeps that, as the command's word. Raises ClickException, KeyMissing.
    """
    from petitions.domain.case_keys import is_sealed

    if not is_sealed(case_id):
        return site_for(case_id, job, asking)
    if agreed:
        return site_for(case_id, job, asking, {"agreed, as the command says": _organiser(agreed)})
    first = unlock(case_id, asking)
    second = unlock(case_id, asking, _SECOND)
    if second.custodian_id == first.custodian_id:
        raise click.ClickException(
            "both are of the same custodian: it takes two people, or say --agreed-by"
        )
    return _opened(first, job, {"and custodian": second.custodian_id})


def site_for(
    case_id: int, job: str, asking: Asking, more: "dict[str, object] | None" = None
) -> "Site":
    """Return the site, in which a sealed case is open for this job once a passphrase is given.

    That it was unlocked is committed to the trail. Raises ClickException, KeyMissing.
    """
    from flask import current_app

    from petitions.domain.case_keys import is_sealed
    from petitions.extensions import db

    if not is_sealed(case_id):
        db.session.rollback()  # the next thing begins as a writer
        return site_of(current_app)
    return _opened(unlock(case_id, asking), job, more or {})


def _opened(unlocked: "Unlocked", job: str, more: "dict[str, object]") -> "Site":
    from flask import current_app

    from petitions.clock import now
    from petitions.domain.unlocking import note_unlocking, unlocked_site
    from petitions.extensions import begin_write, db

    begin_write()
    note_unlocking(unlocked, job, "command", now(), more)
    opened = unlocked_site(site_of(current_app), unlocked)
    db.session.commit()
    return opened


def _organiser(email: str) -> str:
    """Return how the trail calls somebody who delivers. Raises ClickException."""
    from petitions.domain.organisers import Standing, all_organisers, standing_of
    from petitions.domain.rights import Right, rights_of

    for one, roles in all_organisers():
        may = Right.DELIVER in rights_of(roles) and standing_of(one) is Standing.ACTIVE
        if may and one.email.casefold() == email.strip().casefold():
            return f"organiser {one.id}"
    raise click.ClickException("nobody with that address is an organiser who builds bundles")

"""`petitions import urgent-action`: a document becomes a draft; printing it needs no settings."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from petitions.cli.house import House, inside, pass_house, site_of
from petitions.cli.saying import note, result

if TYPE_CHECKING:
    from petitions.intake.draft import Draft

_WHY = {
    "no language": "the language of the paper cannot be told",
    "no title": "no title was read",
    "no person": "nobody at risk was read",
    "no state": "no state was read that is asked to act",
    "no case": "it belongs to a case: say which with --case",
    "other language": "that case is told in another language first",
    "official known": "official {field} of the paper may be one of the directory",
}


@click.group(name="import")
def import_() -> None:
    """Read what comes from elsewhere: an Urgent Action as text, PDF or DOCX."""


@import_.command("urgent-action")
@click.argument(
    "file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--dry-run", is_flag=True, help="Print what is read as JSON, and change nothing.")
@click.option(
    "--as",
    "email",
    metavar="EMAIL",
    help="The organiser who takes it in; may be left out where there is only one.",
)
@click.option("--case", "case", metavar="CASE", help="Number or address of the case of an update.")
@click.option(
    "--same-officials",
    is_flag=True,
    help="Officials that are alike in the directory are the same: take those.",
)
@pass_house
def urgent_action(
    house: House,
    *,
    file: Path,
    dry_run: bool,
    email: str | None,
    case: str | None,
    same_officials: bool,
) -> None:
    """Read FILE, an Urgent Action, and begin its case and petition as drafts.

    With --dry-run what was understood is printed as one JSON object, and nothing is changed.
    Nothing is guessed: what cannot be read is null or empty, and what was seen and not understood
    is listed under "doubts" with its line number. A FILE in which no label of an Urgent Action is
    found is refused. Look at the drafts in the console before anybody publishes them.
    """
    draft = _read(file)
    if dry_run:
        result(json.dumps(draft.as_json(), ensure_ascii=False, indent=2))
    else:
        _take_in(house, draft, email, case, same_officials)


def _read(file: Path) -> "Draft":
    from petitions.intake.refusals import IntakeError
    from petitions.intake.urgent_action import read_document

    try:
        return read_document(file.read_bytes())
    except IntakeError as refusal:
        raise IntakeError(f"{file.name}: {refusal}") from refusal


def _take_in(
    house: House, draft: "Draft", email: str | None, case: str | None, same_officials: bool
) -> None:
    from flask import current_app

    from petitions.clock import now
    from petitions.domain.case_finding import case_named
    from petitions.domain.import_drafts import prepared
    from petitions.domain.importing import take_in
    from petitions.domain.organisers import organiser_at, the_only_organiser
    from petitions.errors import Refused
    from petitions.extensions import begin_write, db

    with inside(house):
        begin_write()
        organiser = organiser_at(email) if email else the_only_organiser()
        if organiser is None:
            raise click.UsageError("say who takes it in, with --as EMAIL, or look first: --dry-run")
        moment = now()
        case_id = case_named(case).id if case else None
        try:
            ready = prepared(draft, case_id=case_id, same_officials=same_officials, now=moment)
            done = take_in(
                ready.paper,
                organiser=organiser,
                keyring=site_of(current_app).keyring,
                now=moment,
            )
        except Refused as refusal:
            db.session.rollback()
            why = _WHY.get(refusal.reason, refusal.reason).format(field=refusal.field)
            raise click.ClickException(f"nothing was written: {why}") from refusal
        db.session.commit()
    for one in ready.left_out:
        note(f"left out: {one}")
    for doubt in draft.doubts:
        note(f"line {doubt.line}: {doubt.reason}: {doubt.text}")
    result(f"case {done.case_id}")
    if done.update_id is not None:
        result(f"update {done.update_id}")
    if done.petition_id is not None:
        result(f"petition {done.petition_id}")

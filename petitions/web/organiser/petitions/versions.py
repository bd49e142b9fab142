"""The texts of a petition that readers have seen: what each changed, and writing one again.

A published text never changes. To go back, its words are put into the form of a language, and saved
as any other change: it waits, is compared, and becomes a new version once it is published.
"""

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from petitions.domain.case_finding import names_of_organisers
from petitions.domain.petition_comparing import compare_texts
from petitions.domain.petition_languages import languages_written
from petitions.domain.petition_versions import published_text, published_texts
from petitions.domain.petitions import petition_numbered
from petitions.domain.rights import Right
from petitions.i18n import language_name
from petitions.models import TextVersion
from petitions.web.language import interface_language
from petitions.web.organiser.access import allowed
from petitions.web.organiser.petitions.changes import told_of
from petitions.web.organiser.petitions.overview import heading
from petitions.web.organiser.petitions.saving import blueprint


@blueprint.get("/<int:petition_id>/versions")
@allowed(Right.LOOK)
def versions(petition_id: int) -> ResponseReturnValue:
    """List the texts that readers have seen, the newest first."""
    petition, case = petition_numbered(petition_id)
    return render_template(
        "organiser/petitions/versions.html",
        **heading(petition, case),
        versions=[_row(one) for one in published_texts(petition_id)],
    )


@blueprint.get("/<int:petition_id>/versions/<int:number>")
@allowed(Right.LOOK)
def version(petition_id: int, number: int) -> ResponseReturnValue:
    """Show what one of them changed of the one before it. Raises NotFound."""
    petition, case = petition_numbered(petition_id)
    shown, found = published_text(petition_id, number), published_texts(petition_id)
    before = next((one for one in found if one.number < number), None)
    shown_in = interface_language()
    return render_template(
        "organiser/petitions/version.html",
        **heading(petition, case),
        version=shown,
        writers=_writers(shown),
        before=before,
        is_newest=found[0] is shown,
        written_in=[
            (tag, language_name(tag, shown_in=shown_in)) for tag in languages_written(shown.id)
        ],
        **told_of(compare_texts(before, shown), petition_id),
    )


def _row(version: TextVersion) -> tuple[Any, ...]:
    url = url_for("petitions.version", petition_id=version.petition_id, number=version.number)
    return version.number, url, version.published_at, _writers(version)


def _writers(version: TextVersion) -> tuple[str, ...]:
    return names_of_organisers(version.written_by)

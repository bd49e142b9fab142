"""The facts of a petition that need no language."""

import re
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField
from wtforms.validators import AnyOf, Length

from petitions.clock import now
from petitions.domain.fingerprints import fingerprint
from petitions.domain.petition_beginning import OWN
from petitions.domain.petition_facts import Facts, change_facts, facts_of
from petitions.domain.petitions import petition_numbered, petition_to_change
from petitions.domain.rights import Right
from petitions.models import AfterDeadline, PetitionState
from petitions.web.organiser.access import allowed, organiser
from petitions.web.organiser.cases import choices
from petitions.web.organiser.cases.fields import DayField, NumberField
from petitions.web.organiser.editing.typed import restored
from petitions.web.organiser.forms import ConsoleForm, stripped
from petitions.web.organiser.petitions.overview import heading
from petitions.web.organiser.petitions.rows import Rows, too_many_rows
from petitions.web.organiser.petitions.saving import Trouble, blueprint, save, saved
from petitions.web.organiser.petitions.words import AFTER, field_words, letter_language_words

_MOST = 2_000_000_000
_SEPARATOR = re.compile(r"[\s.,’']")
_IN_THOUSANDS = re.compile(r"\d{1,3}([\s.,’']\d{3})+")


class GoalField(NumberField):
    """A number that may be written with marks or spaces between its thousands."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read "1,000", "1.000", "1 000" and "1’000" as a thousand."""
        plain = [
            _SEPARATOR.sub("", one) if _IN_THOUSANDS.fullmatch(one.strip()) else one
            for one in valuelist
        ]
        super().process_formdata(plain)


class FactsForm(ConsoleForm):
    """The facts of a petition."""

    slug = StringField(_l("Address"), [Length(max=80)], filters=[stripped])
    deadline_on = DayField(_l("Last day"))
    time_zone = StringField(_l("Time zone"))
    after_deadline = StringField(
        _l("After the last day"), [AnyOf([*AfterDeadline], message=_l("Choose one of these."))]
    )
    letter_languages = Rows(StringField(_l("Language")), most=40, min_entries=2)
    goal = GoalField(_l("Goal"))
    publish_proof = BooleanField(_l("Publish the proof of each bundle"))

    def validate_goal(self, field: Any) -> None:
        """Hold the goal to what can be stored."""
        if field.data is not None and not 0 < field.data < _MOST:
            field.errors = [gettext("Write a number above zero, or leave it empty.")]

    def facts(self) -> Facts:
        """Return what was typed."""
        languages = [tag for tag in self.letter_languages.data if tag]
        known = [tag for tag in languages if tag == OWN or choices.is_language(tag)]
        return Facts(
            slug=self.slug.data or "",
            goal=self.goal.data,
            time_zone=self.time_zone.data or "",
            deadline_on=self.deadline_on.data,
            after_deadline=AfterDeadline(self.after_deadline.data or ""),
            letter_languages=tuple(dict.fromkeys(known)),
            publish_proof=bool(self.publish_proof.data),
        )


@blueprint.get("/<int:petition_id>/facts")
@allowed(Right.EDIT)
def facts(petition_id: int) -> ResponseReturnValue:
    """Show the facts as a form."""
    there = facts_of(petition_numbered(petition_id)[0])
    form = FactsForm(
        slug=there.slug,
        goal=there.goal,
        time_zone=there.time_zone,
        deadline_on=there.deadline_on,
        after_deadline=there.after_deadline.value,
        letter_languages=[*there.letter_languages, ""],
        publish_proof=there.publish_proof,
        seen=fingerprint(there.values()),
    )
    return _page(petition_id, restored(form))


@blueprint.post("/<int:petition_id>/facts")
@allowed(Right.EDIT, edits=True)
def save_facts(petition_id: int) -> ResponseReturnValue:
    """Change the facts."""
    form = FactsForm(request.form)
    if request.form.get("more"):
        for _ in range(2):
            form.letter_languages.append_entry()
        return _page(petition_id, form)
    if "slug" not in request.form:  # not offered once the petition is published
        form.slug.data = petition_numbered(petition_id)[0].slug
    trouble: Trouble | None = Trouble(message=too_many_rows(form))
    if form.validate():
        trouble = save(
            form,
            petition_id,
            lambda: change_facts(
                petition_to_change(petition_id),
                form.facts(),
                seen=form.seen.data or "",
                author=organiser().id,
                now=now(),
            ),
        )
    if trouble is not None:
        return _page(petition_id, form, trouble), trouble.status
    return saved(gettext("Saved."), url_for("petitions.show", petition_id=petition_id))


def _page(petition_id: int, form: FactsForm, trouble: Trouble | None = None) -> str:
    petition, case = petition_numbered(petition_id)
    problems = form.problems()
    if trouble and trouble.message:
        problems.append(("letter_languages-0", trouble.message))
    return render_template(
        "organiser/petitions/facts.html",
        **heading(petition, case),
        form=form,
        trouble=trouble,
        theirs=_theirs(trouble),
        problems=problems,
        draft=petition.state is PetitionState.DRAFT,
        time_zones=choices.time_zones(),
        to_choose=[(OWN, letter_language_words(OWN)), *choices.languages(case.source_language)],
        after=[(rule.value, *AFTER[rule]) for rule in AfterDeadline],
    )


def _theirs(trouble: Trouble | None) -> list[tuple[str, str]]:
    if trouble is None:
        return []
    told = dict(trouble.theirs)
    if "after_deadline" in told:
        told["after_deadline"] = AFTER[AfterDeadline(told["after_deadline"])][0]
        told["publish_proof"] = gettext("yes") if told["publish_proof"] else gettext("no")
        named = (letter_language_words(tag) for tag in told["letter_languages"])
        told["letter_languages"] = ", ".join(named)
    return [
        (field_words(name), "" if value is None else str(value)) for name, value in told.items()
    ]

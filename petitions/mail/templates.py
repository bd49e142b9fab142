"""The templates of mails: an environment of their own, since pages set theirs up for HTML."""

from typing import Any

from flask import Flask, current_app
from flask_babel import get_translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

_KEPT_AS = "petitions.mail.templates"


def render_part(template: str, part: str, values: dict[str, Any]) -> str:
    """Return one part of a mail in the language that is in force. A value missing is an error."""
    app = current_app
    if _KEPT_AS not in app.extensions:
        app.extensions[_KEPT_AS] = _environment(app)
    environment: Environment = app.extensions[_KEPT_AS]
    return environment.get_template(f"mail/{template}/{part}").render(values)


def _environment(app: Flask) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(str(app.template_folder)),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # the extension's
        gettext=lambda text: get_translations().ugettext(text),
        ngettext=lambda one, many, n: get_translations().ungettext(one, many, n),
        newstyle=True,
    )
    return environment

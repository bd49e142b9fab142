"""A demonstration in processes of its own, a real SMTP server, and a look into its database."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from petitions.tokens import CONFIRM, UNSUBSCRIBE, Purpose, Tokens
from tests.journeys.visiting import Visitor, path_of
from tests.servers.site import LiveSite
from tests.servers.smtp import ReceivedMail, SmtpServer

OPEN = "mirsobir-khamidkariev"
"""The open petition without a last day; its case has the same slug."""
PAST = "yusup-kasymakhunov"
SIGN_LIMIT = 30
"""Posts of the form per network and minute; each visitor has a network of its own."""

_WRITTEN_BY_THE_CLOCK = frozenset(
    {"day_key", "lease", "tally", "tally_change", "tally_of_day", "worker_beat"}
)
"""Tables that a worker writes, or the day's first request, whoever did something or not."""
T = TypeVar("T")
_numbers = itertools.count(1)
_LINK = re.compile(r"https?://\S+")
# A mail must not tell what it is about: persons, officials, places and states of both cases.
_NEVER_MAILED = re.compile(
    "mirsobir|khamidkariev|yusup|kasymakhunov|bastrykin|matlubov|pronichev|vasiliev|chairman"
    "|minister|investigat|abduct|tortur|russia|uzbek|moscow|tashkent|petition/|petitions/"
    "|мирсобир|хамидкариев|касымахунов|бастрыкин|росси|узбек",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Signer:
    """What one person types; nobody else in this run has this address."""

    name: str
    email: str
    appearance: str = "full"
    initials: str = ""
    country: str = "IS"
    place: str = "Kópasker"

    def typed(self, **changes: str) -> dict[str, str]:
        """The form's fields, without its stamp."""
        fields = {
            "name": self.name,
            "initials": self.initials,
            "email": self.email,
            "country": self.country,
            "place": self.place,
            "appearance": self.appearance,
            "consent": "yes",
        }
        return fields | changes


def somebody(**fields: str) -> Signer:
    number = next(_numbers)
    made = {"name": f"Ylfa Brandsdóttir-{number}", "email": f"ylfa.{number}@signers.example"}
    return Signer(**{**made, **fields})


@dataclass
class Stage:
    """One running demonstration. Its tests share it, so each brings signers of its own."""

    site: LiveSite
    smtp: SmtpServer = field(repr=False)
    data_dir: Path
    database_url: str = field(repr=False)

    def __post_init__(self) -> None:
        url = self.database_url.replace("postgresql://", "postgresql+psycopg://")
        self._engine = sa.create_engine(url, poolclass=sa.NullPool)

    @property
    def url(self) -> str:
        return self.site.url

    def visitor(self) -> Visitor:
        return Visitor(self.url)

    # Mail.

    def mails_to(self, address: str) -> list[ReceivedMail]:
        return [mail for mail in self.smtp.mails if mail.recipients == (address,)]

    def mail_to(self, address: str, number: int = 1) -> ReceivedMail:
        """The mail to an address that arrives as its first, second, …; it must name nobody."""
        arrived = until(
            lambda: found if len(found := self.mails_to(address)) >= number else None,
            what=f"no mail number {number} came over SMTP",
        )
        mail = arrived[number - 1]
        assert_names_nobody(mail)
        return mail

    def link(self, mail: ReceivedMail, purpose: str) -> str:
        """The path of the mail's link for confirm, not-me, my-signature."""
        found = [url for url in links_in(mail) if f"/{purpose}/" in url]
        assert len(found) == 1, f"{len(found)} links for {purpose} in the plain text part"
        assert found[0].startswith(self.url + "/")
        return path_of(found[0])

    # The way to a signature that counts, without a browser.

    def signed(self, signer: Signer, petition: str = OPEN) -> dict[str, str]:
        """Sign, and return the links of the mail by their purpose."""
        assert self.visitor().sign(petition, signer.typed()).status == 303
        mail = self.mail_to(signer.email)
        return {purpose: self.link(mail, purpose) for purpose in ("confirm", "not-me")}

    def confirmed(self, signer: Signer, petition: str = OPEN) -> dict[str, str]:
        links = self.signed(signer, petition)
        assert self.visitor().post(links["confirm"]).status == 303
        return links

    def own_link(self, signer: Signer, number: int = 2) -> str:
        """Ask for the link to one's own signatures, and take it from the mail."""
        assert self.visitor().post("/my-signature", {"email": signer.email}).status == 303
        return self.link(self.mail_to(signer.email, number), "my-signature")

    def number(self, petition: str = OPEN) -> int:
        """The public number of confirmed signatures."""
        shown = self.visitor().get(f"/api/v1/petitions/{petition}").json
        return int(shown["numbers"]["confirmed"])

    def wait_for_number(self, number: int, petition: str = OPEN) -> None:
        until(
            lambda: self.number(petition) == number,
            within=5,
            what=f"the public number did not become {number} within five seconds",
        )

    # Tokens that a mail would hold, or would have held long ago.

    def token(self, purpose: Purpose, payload: Any, *, age: timedelta = timedelta()) -> str:
        return self._tokens().mint(purpose, payload, datetime.now(UTC) - age)

    def aged(self, link: str, purpose: Purpose, age: timedelta) -> str:
        """The path of the link as it would be had its mail been sent so long ago."""
        folder, _, token = link.rpartition("/")
        payload = self._tokens().read(purpose, token, datetime.now(UTC))
        return f"{folder}/{self.token(purpose, payload, age=age)}"

    def news_link(self, links: dict[str, str]) -> str:
        """The path that a mail with news would hold for the signer of these links."""
        payload = self._tokens().read(
            CONFIRM, links["confirm"].rpartition("/")[2], datetime.now(UTC)
        )
        return f"/unsubscribe/{self.token(UNSUBSCRIBE, payload[:1])}"

    def _tokens(self) -> Tokens:
        return Tokens([(self.data_dir / "secret.key").read_text().strip()])

    # The database.

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        with self._engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(query), values)]

    def execute(self, statement: str, **values: Any) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.text(statement), values)

    def newest(self, columns: str = "*") -> tuple[Any, ...]:
        """The newest signature's row, or some of its columns."""
        [row] = self.rows(f"SELECT {columns} FROM signature ORDER BY id DESC LIMIT 1")
        return row

    def how_many(self, condition: str = "1 = 1", **values: Any) -> int:
        """How many signatures meet a condition."""
        [(number,)] = self.rows(f"SELECT count(*) FROM signature WHERE {condition}", **values)
        return int(number)

    def everything(self) -> dict[str, list[str]]:
        """Every row of every table as text, once no mail is under way."""
        waiting = "SELECT id FROM mail WHERE state = 'waiting' AND not_before <= :now"
        until(
            lambda: not self.rows(waiting, now=_as_stored(datetime.now(UTC), self.database_url)),
            what="mails that are due are still waiting",
        )
        tables = set(sa.inspect(self._engine).get_table_names()) - _WRITTEN_BY_THE_CLOCK
        return {t: sorted(repr(row) for row in self.rows(f'SELECT * FROM "{t}"')) for t in tables}

    @contextmanager
    def petition_state(self, state: str, petition: str = OPEN) -> Iterator[None]:
        """The petition in another state for a while; nobody else uses the site meanwhile."""
        change = "UPDATE petition SET state = :state, stop_reason = :reason WHERE slug = :slug"
        reason = "It would do harm now." if state == "stopped" else None
        self.execute(change, state=state, reason=reason, slug=petition)
        try:
            yield
        finally:
            self.execute(change, state="open", reason=None, slug=petition)

    @contextmanager
    def hidden(self, case: str = OPEN) -> Iterator[None]:
        """The case hidden for a while."""
        change = 'UPDATE "case" SET hidden_at = :at, hidden_reason = :reason WHERE slug = :slug'
        at = _as_stored(datetime.now(UTC), self.database_url)
        self.execute(change, at=at, reason="the family asked for it", slug=case)
        try:
            yield
        finally:
            self.execute(change, at=None, reason=None, slug=case)

    def log(self) -> str:
        """All that the processes have written."""
        return (self.site.directory / "demo.log").read_text(errors="replace")


def links_in(mail: ReceivedMail) -> list[str]:
    return _LINK.findall(mail.text)


def assert_names_nobody(mail: ReceivedMail) -> None:
    """Neither subject nor any part tells what the mail is about or what its reader typed."""
    parts = [part for part in mail.message.walk() if not part.is_multipart()]
    assert parts[0].get_content_type() == "text/plain", "plain text comes first"
    texts = [str(mail.message["Subject"]), *(str(part.get_content()) for part in parts)]
    texts += [f"{name}: {value}" for name, value in mail.message.items() if name != "To"]
    for text in texts:
        found = _NEVER_MAILED.search(text) or re.search("Brandsd|Kópasker", text)
        assert not found, f"the mail says “{found[0]}”"
    assert mail.message["Auto-Submitted"] == "auto-generated"


def until(question: Callable[[], T], *, what: str, within: float = 30) -> T:
    """Ask again until the answer is true, and fail with `what` if it is not after so many seconds.

    What counts is what is asked after them: an answer that took long tells of what was before.
    """
    deadline = time.monotonic() + within
    while True:
        late = time.monotonic() > deadline
        if answer := question():
            return answer
        assert not late, what
        time.sleep(0.03)


def _as_stored(moment: datetime, database_url: str) -> Any:
    """As the application stores times: naive UTC text on SQLite, aware on PostgreSQL."""
    if database_url.startswith("sqlite"):
        return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    return moment

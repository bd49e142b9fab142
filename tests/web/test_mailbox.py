"""The demonstration's mailbox, its banner, and that a real site has neither."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path
from typing import Any

import lxml.html
import pytest

from petitions.config import DEMONSTRATION_MARKER
from tests.pages import CheckingClient
from tests.settings import settings_for
from tests.web.conftest import OPEN, Loaded, only_sqlite
from tests.web.test_pages import PAGES

pytestmark = only_sqlite  # nothing here depends on the database


class TestRealSite:
    def test_has_no_mailbox_and_no_banner(self, client: CheckingClient, loaded: Loaded) -> None:
        assert client.get("/mailbox").status_code == 404
        assert client.get("/mailbox/anything").status_code == 404
        assert "These are past events" not in client.get("/").text


class TestDemonstration:
    @pytest.fixture
    def settings(self, tmp_path: Path, database_url: str) -> Any:
        (tmp_path / DEMONSTRATION_MARKER).touch()
        return settings_for(tmp_path, database_url)

    def test_every_page_says_that_it_is_one(self, client: CheckingClient, loaded: Loaded) -> None:
        for page in (*PAGES, "/mailbox", "/nothing"):
            assert "These are past events" in client.get(page).text

    def test_mail_can_be_read_and_only_own_links_followed(
        self, client: CheckingClient, loaded: Loaded, settings: Any
    ) -> None:
        from petitions.mail.mailbox import DemonstrationMailbox

        assert "No mail yet" in client.get("/mailbox").text
        message = EmailMessage()
        message["Subject"] = "Please confirm <b>"
        message["From"] = "petitions@example.org"
        message["To"] = "дмитрий@example.org"
        message["Date"] = "Sat, 14 Mar 2026 09:26:53 +0000"
        message["Message-ID"] = "<1@localhost>"
        message.set_content(
            "Press <here>:\nhttp://localhost/confirm/abc.def\nor http://localhost.evil.example/x."
        )
        message.add_alternative("<p>html</p>", subtype="html")
        DemonstrationMailbox(settings.data_dir / "mailbox").file(message)
        page = lxml.html.document_fromstring(client.get("/mailbox").text)
        (link,) = page.xpath("//main//a[starts-with(@href, '/mailbox/')]/@href")
        mail = client.get(link)
        assert "Press &lt;here&gt;:" in mail.text
        assert "дмитрий@example.org" in mail.text
        links = lxml.html.document_fromstring(mail.text).xpath("//main//a/@href")
        assert "/confirm/abc.def" in links
        assert not [url for url in links if "evil" in url]
        assert client.get("/mailbox/..%2Fsecret").status_code == 404

    def test_made_up_addresses_are_taken(
        self, client: CheckingClient, loaded: Loaded, sign: Any
    ) -> None:
        assert sign(OPEN, email="anna@lantern.test").status_code == 303

    def test_what_waits_is_told_with_until_when(
        self, client: CheckingClient, loaded: Loaded, sign: Any
    ) -> None:
        assert "Not there yet" not in client.get("/mailbox").text
        for _ in range(2):
            assert sign(OPEN).status_code == 303
        words = " ".join(
            lxml.html.document_fromstring(client.get("/mailbox").text).text_content().split()
        )
        assert "1 mail: on its way, within a minute (not before 14 March 2026, 09:26 UTC)" in words
        why = "the pause between two mails to one address is not over"
        assert f"1 mail: {why} (not before 14 March 2026, 09:36 UTC)" in words
        assert "to remind, only where nobody has confirmed by then" in words

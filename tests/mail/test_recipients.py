"""The address a mail goes to: the only thing in it that a stranger typed."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petitions.mail.recipients import checked_address
from petitions.mail.verdicts import Refused


@pytest.mark.parametrize(
    ("typed", "sent_to"),
    [
        ("ada@example.org", "ada@example.org"),
        ("Ada+news@Example.ORG", "Ada+news@Example.ORG"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("дмитрий@почта.example", "дмитрий@xn--80a1acny.example"),
    ],
)
def test_mail_goes_to_the_address_as_typed_with_its_domain_in_ascii(
    typed: str, sent_to: str
) -> None:
    assert checked_address(typed) == sent_to


@pytest.mark.parametrize(
    "typed",
    [
        "ada@example.org\r\nBcc: all@example.org",
        "ada@example.org\n",
        "ada@example.org, eve@example.org",
        "<ada@example.org>",
        "ada@evil@example.org",
        "ada example@example.org",
        "@example.org",
        "ada",
        "",
        "a" * 250 + "@example.org",
        "ada@bad_\N{SNOWMAN}\N{COMBINING ENCLOSING CIRCLE}..example",
    ],
)
def test_what_is_no_single_address_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="not an address"):
        checked_address(typed)


@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_passes_adds_no_header_and_no_second_recipient(local: str, domain: str) -> None:
    try:
        address = checked_address(f"{local}@{domain}")
    except Refused:
        return
    message = EmailMessage(policy=SMTP.clone(utf8=True))
    name, _, host = address.rpartition("@")
    message["To"] = Address(username=name, domain=host)
    message.set_content("x")
    lines = message.as_bytes().split(b"\r\n\r\n")[0].split(b"\r\n")
    headers = {line.split(b":")[0] for line in lines if line[:1] not in b" \t"}
    assert headers <= {
        b"To",
        b"Content-Type",
        b"Content-Transfer-Encoding",
        b"MIME-Version",
    }
    assert len(message["To"].addresses) == 1

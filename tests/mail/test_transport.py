"""SMTP against a real server on loopback: what is kept, what is tried again, what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path

import pytest

from petitions.errors import ConfigurationError
from petitions.mail.folding import SpaceKeepingPolicy
from petitions.mail.relay import relay_of
from petitions.mail.transport import SmtpTransport
from petitions.mail.verdicts import Refused, RelayDown, RetryLater
from tests.servers.run import free_port
from tests.servers.smtp import SmtpServer, self_signed


def message(to: str = "ada@example.org", text: str = "Hello") -> EmailMessage:
    made = EmailMessage(policy=SpaceKeepingPolicy(linesep="\r\n", utf8=False))
    made["From"] = Address("Watch", "petitions", "example.org")
    local, _, domain = to.rpartition("@")
    made["To"] = Address(username=local, domain=domain)
    made["Message-ID"] = "<1@example.org>"
    made.set_content(text)
    return made


@pytest.fixture
def transport(smtp_server: SmtpServer) -> Iterator[SmtpTransport]:
    made = SmtpTransport(smtp_server.url, timeout=5)
    yield made
    made.close()


def test_one_connection_serves_many_mails(
    transport: SmtpTransport, smtp_server: SmtpServer
) -> None:
    for number in range(5):
        transport.send(message(text=f"mail {number}"))
    assert [mail.text.strip() for mail in smtp_server.mails] == [f"mail {n}" for n in range(5)]
    assert smtp_server.connections_made == 1
    assert smtp_server.mails[0].sender == "petitions@example.org"
    assert smtp_server.mails[0].recipients == ("ada@example.org",)


def test_connection_that_was_closed_meanwhile_is_made_anew(
    transport: SmtpTransport, smtp_server: SmtpServer
) -> None:
    transport.send(message())
    smtp_server.reset()  # the relay hangs up on all
    transport.send(message())
    assert len(smtp_server.mails) == 1


def test_idle_connection_is_given_up(
    transport: SmtpTransport, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport.send(message())
    transport.close_idle()
    transport.send(message())
    assert smtp_server.connections_made == 1
    monkeypatch.setattr("petitions.mail.transport.IDLE", -1)
    transport.close_idle()
    transport.send(message())
    assert smtp_server.connections_made == 2


def test_recipient_refused_for_good_is_final_and_the_word_names_nobody(
    transport: SmtpTransport, smtp_server: SmtpServer
) -> None:
    smtp_server.refuse("RCPT", "550 5.1.1 no ada@example.org here")
    with pytest.raises(Refused) as verdict:
        transport.send(message())
    assert verdict.value.word == "550 recipient refused"


def test_mail_refused_for_good_is_final(transport: SmtpTransport, smtp_server: SmtpServer) -> None:
    smtp_server.refuse("DATA", "554 5.6.0 we do not like it")
    with pytest.raises(Refused, match=r"^554 mail refused$"):
        transport.send(message())


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
def test_passing_refusal_is_worth_another_attempt_and_keeps_the_connection(
    step: str, transport: SmtpTransport, smtp_server: SmtpServer
) -> None:
    smtp_server.refuse(step, "451 4.7.1 come back later", times=1)  # type: ignore[arg-type]  # one of Step
    with pytest.raises(RetryLater, match=r"^451 "):
        transport.send(message())
    transport.send(message())
    assert smtp_server.connections_made == 1


def test_refused_sender_is_the_operators_to_mend_and_costs_no_mail(
    transport: SmtpTransport, smtp_server: SmtpServer
) -> None:
    smtp_server.refuse("MAIL", "550 5.7.1 not from you", times=1)
    with pytest.raises(RelayDown, match=r"^550 sender refused$"):
        transport.send(message())


def test_broken_connection_is_worth_another_attempt(
    transport: SmtpTransport, smtp_server: SmtpServer
) -> None:
    smtp_server.drop("DATA")
    with pytest.raises(RetryLater, match="connection was lost"):
        transport.send(message())
    transport.send(message())
    assert len(smtp_server.mails) == 1


def test_relay_that_hangs_is_given_up_in_time(smtp_server: SmtpServer) -> None:
    transport = SmtpTransport(smtp_server.url, timeout=0.3)
    smtp_server.hang("RCPT")
    with pytest.raises(RetryLater, match="did not answer in time"):
        transport.send(message())
    smtp_server.release()
    transport.close()


def test_nobody_listening_is_told_apart_from_one_mails_trouble() -> None:
    transport = SmtpTransport(f"smtp://127.0.0.1:{free_port()}?starttls=off", timeout=2)
    with pytest.raises(RelayDown, match="cannot be reached"):
        transport.send(message())


def test_international_address_arrives(transport: SmtpTransport, smtp_server: SmtpServer) -> None:
    transport.send(message("дмитрий@xn--80a1acny.example"))
    assert smtp_server.mails[0].recipients == ("дмитрий@xn--80a1acny.example",)


def test_sign_in_with_a_password_on_this_machine() -> None:
    with SmtpServer(password_of={"us er": "p@ss/word"}) as relay:
        url = f"smtp://us%20er:p%40ss%2Fword@127.0.0.1:{relay.port}"
        transport = SmtpTransport(url, timeout=5)
        transport.send(message())
        transport.close()
        wrong = SmtpTransport(f"smtp://us%20er:wrong@127.0.0.1:{relay.port}", timeout=5)
        with pytest.raises(RelayDown, match=r"^535 sign-in refused$"):
            wrong.send(message())
        assert len(relay.mails) == 1


@pytest.mark.parametrize("implicit", [False, True])
def test_tls_is_used_and_the_relay_must_be_who_it_says(
    implicit: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, certificate = self_signed(tmp_path)
    relay = SmtpServer(implicit_tls=context) if implicit else SmtpServer(starttls=context)
    with relay:
        distrusting = SmtpTransport(relay.url, timeout=5)
        with pytest.raises(RelayDown, match="no TLS with the relay"):
            distrusting.send(message())
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        trusting = SmtpTransport(relay.url, timeout=5)
        trusting.send(message())
        trusting.close()
        assert len(relay.mails) == 1


def test_tls_that_is_only_offered_is_taken_from_anybody(tmp_path: Path) -> None:
    context, _certificate = self_signed(tmp_path)
    with SmtpServer(starttls=context) as relay:  # refuses mail that comes without TLS
        transport = SmtpTransport(f"smtp://127.0.0.1:{relay.port}", timeout=5)
        transport.send(message())
        transport.close()
        assert len(relay.mails) == 1


def test_tls_that_is_required_and_not_offered_keeps_the_mail_back(
    smtp_server: SmtpServer,
) -> None:
    url = f"smtp://127.0.0.1:{smtp_server.port}?starttls=required"
    with pytest.raises(RelayDown, match="offers no TLS"):
        SmtpTransport(url, timeout=5).send(message())
    assert not smtp_server.mails


@pytest.mark.parametrize(
    ("url", "starttls"),
    [
        ("smtp://relay.example", "offered"),
        ("smtp://relay.example?starttls=off", "off"),
        ("smtp://relay.example?starttls=required", "required"),
        ("smtp://u:p@relay.example", "required"),
        ("smtp://u:p@relay.example?starttls=off", "off"),
        ("smtp://u:p@127.0.0.1:25", "offered"),
        ("smtp://u:p@localhost:25", "offered"),
        ("smtps://u:p@relay.example", "off"),
    ],
)
def test_password_never_goes_in_the_clear_unless_told_to(url: str, starttls: str) -> None:
    assert relay_of(url).starttls == starttls


def test_ports_are_those_of_submission_unless_named() -> None:
    assert relay_of("smtp://relay.example").port == 587
    assert relay_of("smtps://relay.example").port == 465
    assert relay_of("smtp://relay.example:25").port == 25


@pytest.mark.parametrize(
    "url",
    ["http://relay.example", "smtp://", "smtp://relay.example?starttls=maybe", "smtp://r:x1"],
)
def test_relay_that_cannot_be_read_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="PETITIONS_SMTP_URL"):
        relay_of(url)


def test_password_is_not_shown_by_repr() -> None:
    assert "hunter2" not in repr(relay_of("smtp://u:hunter2@relay.example"))

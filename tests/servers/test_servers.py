"""The test servers do what tests rely on."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from pathlib import Path

import psycopg
import pytest
import redis

from tests.servers.postgres import PostgresServer, temporary_database
from tests.servers.smtp import SmtpServer, self_signed


def send(smtp: SmtpServer, to: str = "one@example.org", text: str = "Grüße\n") -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "site@example.org", to, "Hello"
    message.set_content(text)
    with smtplib.SMTP(smtp.host, smtp.port, timeout=5) as client:
        client.send_message(message)


def test_smtp_server_keeps_what_it_gets(smtp_server: SmtpServer) -> None:
    send(smtp_server)
    [mail] = smtp_server.wait_for(1)
    assert mail.recipients == ("one@example.org",)
    assert mail.sender == "site@example.org"
    assert mail.message["Subject"] == "Hello"
    assert mail.text == "Grüße\n"


def test_smtp_server_refuses_as_told(smtp_server: SmtpServer) -> None:
    smtp_server.refuse("RCPT", "550 5.1.1 No such user", recipient="gone@example.org")
    smtp_server.refuse("RCPT", "451 4.7.1 Later", recipient="later@example.org", times=1)
    for to, code in (("gone@example.org", 550), ("later@example.org", 451)):
        with pytest.raises(smtplib.SMTPRecipientsRefused) as caught:
            send(smtp_server, to)
        assert caught.value.recipients[to][0] == code
    send(smtp_server, "later@example.org")
    assert [mail.recipients for mail in smtp_server.mails] == [("later@example.org",)]


def test_smtp_server_breaks_the_connection_before_or_after_storing(smtp_server: SmtpServer) -> None:
    smtp_server.drop("DATA")
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(smtp_server)
    assert smtp_server.mails == []
    smtp_server.drop("STORED")
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(smtp_server)
    assert len(smtp_server.mails) == 1
    send(smtp_server)
    assert len(smtp_server.wait_for(2)) == 2


def test_smtp_server_hangs_until_released(smtp_server: SmtpServer) -> None:
    smtp_server.hang("MAIL")
    with smtplib.SMTP(smtp_server.host, smtp_server.port, timeout=0.3) as client:
        client.ehlo()
        with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
            client.docmd("MAIL", "FROM:<site@example.org>")
        client.close()
    smtp_server.release()
    send(smtp_server)
    smtp_server.wait_for(1)


def test_smtp_server_speaks_tls_and_asks_for_a_password(tmp_path: Path) -> None:
    import ssl

    context, certificate = self_signed(tmp_path)
    trusting = ssl.create_default_context(cafile=str(certificate))
    with SmtpServer(starttls=context, password_of={"site": "right"}) as smtp:
        assert smtp.url == f"smtp://site:right@127.0.0.1:{smtp.port}?starttls=required"
        with smtplib.SMTP("127.0.0.1", smtp.port, timeout=5) as client:
            client.starttls(context=trusting)
            with pytest.raises(smtplib.SMTPAuthenticationError):
                client.login("site", "wrong")
            client.login("site", "right")
            client.sendmail("a@example.org", ["b@example.org"], b"Subject: x\r\n\r\nx")
        assert len(smtp.wait_for(1)) == 1
    with (
        SmtpServer(implicit_tls=context) as smtp,
        smtplib.SMTP_SSL("127.0.0.1", smtp.port, timeout=5, context=trusting) as client,
    ):
        client.sendmail("a@example.org", ["b@example.org"], b"Subject: x\r\n\r\nx")
        assert len(smtp.wait_for(1)) == 1


def test_each_postgres_database_is_its_own(postgres: PostgresServer) -> None:
    with temporary_database(postgres) as template:
        with psycopg.connect(template) as connection:
            connection.execute("CREATE TABLE cast_of_tests (name text)")
        name = template.rsplit("/", 1)[1]
        with temporary_database(postgres, template=name) as one:
            with psycopg.connect(one) as connection:
                connection.execute("INSERT INTO cast_of_tests VALUES ('Åsa')")
            with psycopg.connect(template) as connection:
                assert connection.execute("SELECT * FROM cast_of_tests").fetchall() == []
            with psycopg.connect(one) as connection:
                assert connection.execute("SELECT upper(name) FROM cast_of_tests").fetchall() == [
                    ("ÅSA",)
                ]


def test_redis_is_there_and_empty(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", "behind")

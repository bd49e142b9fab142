"""A real SMTP server that keeps what it gets, and misbehaves when told to.

smtp.refuse("RCPT", "550 5.1.1 No such user", recipient="nobody@example.org")
smtp.refuse("RCPT", "451 4.7.1 Come back later", times=1)
smtp.drop("DATA")      # the connection breaks before the mail is stored
smtp.drop("STORED")    # the mail is stored, its acknowledgement gets lost
smtp.hang("RCPT")      # no answer until release()
smtp.go_away()         # nobody listens until come_back()
[mail] = smtp.wait_for(1)
"""

from __future__ import annotations

import asyncio
import email
import ssl
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as WIRE_POLICY
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Step = Literal["MAIL", "RCPT", "DATA", "STORED"]
_OK = {"MAIL": "250 OK", "RCPT": "250 OK", "DATA": "250 OK", "STORED": "250 OK"}


@dataclass(frozen=True)
class ReceivedMail:
    """One accepted mail: the envelope as given, the bytes as sent, the message as parsed."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes = field(repr=False)
    message: EmailMessage = field(repr=False)
    connection: int

    @property
    def text(self) -> str:
        """The plain text part, decoded, with plain line ends."""
        part = self.message.get_body(("plain",))
        assert part is not None, "the mail has no plain text part"
        return str(part.get_content()).replace("\r\n", "\n")


@dataclass
class _Rule:
    step: Step
    act: Literal["reply", "drop", "hang"]
    reply: str = ""
    recipient: str | Callable[[str], bool] | None = None
    times: int | None = None

    def is_about(self, recipient: str | None) -> bool:
        if callable(self.recipient):
            return recipient is not None and self.recipient(recipient)
        return self.recipient in {None, recipient}


class SmtpServer:
    """Listens on a free loopback port from start() to stop(). Safe to ask from any thread."""

    def __init__(
        self,
        *,
        starttls: ssl.SSLContext | None = None,
        implicit_tls: ssl.SSLContext | None = None,
        password_of: dict[str, str] | None = None,
    ) -> None:
        self._starttls = starttls
        self._implicit_tls = implicit_tls
        self._password_of = password_of
        self._arrived = threading.Condition()
        self._mails: list[ReceivedMail] = []
        self._rules: list[_Rule] = []
        self._connections: dict[int, _Connection] = {}
        self.connections_made = 0
        self._hanging = 0
        self.slow_by = 0.0
        """Seconds that each answer takes."""
        self._released = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="smtp", daemon=True)
        self.host = "127.0.0.1"
        self.port = 0

    # What a test asks and tells.

    @property
    def url(self) -> str:
        """As PETITIONS_SMTP_URL wants it."""
        scheme = "smtps" if self._implicit_tls else "smtp"
        starttls = "required" if self._starttls else "off"
        user = ""
        if self._password_of:
            name, password = next(iter(self._password_of.items()))
            user = f"{name}:{password}@"
        return f"{scheme}://{user}{self.host}:{self.port}?starttls={starttls}"

    @property
    def mails(self) -> list[ReceivedMail]:
        """What has arrived up to now."""
        with self._arrived:
            return list(self._mails)

    def wait_for(self, count: int, timeout: float = 30) -> list[ReceivedMail]:
        """Blocks until at least so many mails have arrived; fails loudly when they do not."""
        with self._arrived:
            enough = self._arrived.wait_for(lambda: len(self._mails) >= count, timeout)
            assert enough, f"{len(self._mails)} of {count} mails arrived within {timeout} s"
            return list(self._mails)

    def refuse(
        self,
        step: Step,
        reply: str,
        *,
        recipient: str | Callable[[str], bool] | None = None,
        times: int | None = None,
    ) -> None:
        """Answers so at that step, always or so many times, for everybody or some recipients."""
        self._add(_Rule(step, "reply", reply, recipient, times))

    def drop(self, step: Step, *, recipient: str | None = None, times: int | None = 1) -> None:
        """Breaks the connection at that step instead of answering."""
        self._add(_Rule(step, "drop", "", recipient, times))

    def hang(self, step: Step, *, recipient: str | None = None, times: int | None = 1) -> None:
        """Does not answer at that step until release()."""
        self._add(_Rule(step, "hang", "", recipient, times))

    def wait_until_it_hangs(self, timeout: float = 30) -> None:
        """Blocks until somebody waits for an answer that hang() holds back."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: self._hanging, timeout), "nobody came to hang"

    def release(self) -> None:
        self._loop.call_soon_threadsafe(self._released.set)

    def go_away(self) -> None:
        """Nobody listens, and every conversation ends, until come_back()."""
        self._in_loop(self._leave())

    def come_back(self) -> None:
        self._in_loop(self._listen())

    def forgive(self) -> None:
        """Takes everything again; what has arrived stays."""
        with self._arrived:
            self._rules.clear()

    def reset(self) -> None:
        """As after start: no mail, no rule, no open connection."""
        self._in_loop(self._reset())

    def start(self) -> Self:
        self._thread.start()
        self._in_loop(self._listen())
        return self

    def stop(self) -> None:
        self._in_loop(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # What the server does, in its own thread.

    def _in_loop(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def _add(self, rule: _Rule) -> None:
        with self._arrived:
            self._rules.append(rule)

    async def _listen(self) -> None:
        self._server = await self._loop.create_server(
            self._connect, self.host, self.port, ssl=self._implicit_tls
        )
        self.port = self._server.sockets[0].getsockname()[1]

    def _connect(self) -> SMTP:
        self.connections_made += 1
        return _Connection(self, self.connections_made)

    async def _reset(self) -> None:
        with self._arrived:
            self._mails.clear()
            self._rules.clear()
            self.connections_made = 0
        self._released.set()
        for connection in list(self._connections.values()):
            connection.abort()
        # One turn of the loop, so that whoever hung has seen both.
        await asyncio.sleep(0)
        self._released.clear()

    async def _leave(self) -> None:
        self._server.close()
        for connection in list(self._connections.values()):
            connection.abort()

    async def _close(self) -> None:
        self._server.close()
        await self._reset()
        me = asyncio.current_task()
        waiting = [task for task in asyncio.all_tasks(self._loop) if task is not me]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    async def answer(self, step: Step, connection: _Connection, recipient: str | None) -> str:
        if self.slow_by:
            await asyncio.sleep(self.slow_by)
        rule = self._rule_for(step, recipient)
        if rule is None:
            return _OK[step]
        if rule.act == "hang":
            self._count_hanging(1)
            try:
                await self._released.wait()
            finally:
                self._count_hanging(-1)
            return _OK[step]
        if rule.act == "drop":
            connection.abort()
            # What is written to a broken connection goes nowhere.
            return "421 4.3.0 gone"
        return rule.reply

    def _count_hanging(self, more: int) -> None:
        with self._arrived:
            self._hanging += more
            self._arrived.notify_all()

    def _rule_for(self, step: Step, recipient: str | None) -> _Rule | None:
        with self._arrived:
            for rule in self._rules:
                if rule.step != step or rule.times == 0:
                    continue
                if not rule.is_about(recipient):
                    continue
                if rule.times is not None:
                    rule.times -= 1
                return rule
        return None

    def _store(self, envelope: Envelope, connection: _Connection) -> None:
        content = envelope.content
        data = content if isinstance(content, bytes) else (content or "").encode()
        # The default policy of a parser gives a plain EmailMessage, which the types cannot know.
        message = email.message_from_bytes(data, policy=WIRE_POLICY)
        assert isinstance(message, EmailMessage)
        mail = ReceivedMail(
            sender=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            data=data,
            message=message,
            connection=connection.number,
        )
        with self._arrived:
            self._mails.append(mail)
            self._arrived.notify_all()

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        assert self._password_of is not None
        right = (
            isinstance(data, LoginPassword)
            and self._password_of.get(data.login.decode()) == data.password.decode()
        )
        return AuthResult(success=right, handled=False)


class _Connection(SMTP):
    """One client's conversation."""

    def __init__(self, owner: SmtpServer, number: int) -> None:
        self.owner = owner
        self.number = number
        super().__init__(
            _Handler(owner, self),
            hostname="smtp.test",
            ident="test",
            enable_SMTPUTF8=True,
            tls_context=owner._starttls,
            require_starttls=owner._starttls is not None,
            authenticator=owner._authenticate if owner._password_of else None,
            auth_require_tls=False,
            loop=owner._loop,
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.owner._connections[self.number] = self
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.owner._connections.pop(self.number, None)
        super().connection_lost(error)

    def abort(self) -> None:
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()


class _Handler:
    """aiosmtpd calls these by name."""

    def __init__(self, owner: SmtpServer, connection: _Connection) -> None:
        self._owner = owner
        self._connection = connection

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._owner._password_of and not session.authenticated:
            return "530 5.7.0 Authentication required"
        reply = await self._owner.answer("MAIL", self._connection, None)
        if reply.startswith("2"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return reply

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = await self._owner.answer("RCPT", self._connection, address)
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        recipient = envelope.rcpt_tos[0] if envelope.rcpt_tos else None
        reply = await self._owner.answer("DATA", self._connection, recipient)
        if not reply.startswith("2"):
            return reply
        self._owner._store(envelope, self._connection)
        return await self._owner.answer("STORED", self._connection, recipient)


def self_signed(directory: Path) -> tuple[ssl.SSLContext, Path]:
    """A TLS context for 127.0.0.1 and localhost, and the certificate a client must trust for it."""
    import datetime
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
        .not_valid_after(datetime.datetime(2120, 1, 1, tzinfo=datetime.UTC))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_path = directory / "smtp-certificate.pem"
    key_path = directory / "smtp-key.pem"
    certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_path, key_path)
    return context, certificate_path

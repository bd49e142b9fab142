"""SMTP: one connection kept for many mails, and every failure told as one of three verdicts.

No word here holds what the server said beside its number: servers quote addresses.
"""

import re
import smtplib
import socket
import ssl
import time
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8

from petitions.mail.filled import Filled
from petitions.mail.relay import Relay, relay_of
from petitions.mail.verdicts import ConnectionLost, NoSuchAddress, Refused, RelayDown, RetryLater

TIMEOUT = 10.0
IDLE = 10.0
GOODBYE = 2.0
_ENHANCED = re.compile(rb"5\.\d{1,3}\.\d{1,3}")
_NO_ADDRESS = {b"5.1.1", b"5.1.2", b"5.1.3", b"5.1.6", b"5.1.10", b"5.2.1"}
_GONE = (smtplib.SMTPServerDisconnected, OSError)


class SmtpTransport:
    """Sends over one relay. Not for several threads, save abort()."""

    def __init__(self, url: str, timeout: float = TIMEOUT) -> None:
        self._relay = relay_of(url)
        self._timeout = timeout
        self._smtp: smtplib.SMTP | None = None
        self._used_at = 0.0

    def send(self, message: EmailMessage | Filled, sender: str | None = None) -> None:
        """Hand one message to the relay; its envelope is from `sender`, or whom the mail is from.

        Raises RetryLater, RelayDown, Refused.
        """
        smtp = self._connected()
        try:
            _hand_over(smtp, message, sender)
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            if _is_no_address(said):
                raise NoSuchAddress(f"{code} recipient refused") from None
            raise _verdict(code, "recipient refused") from None
        except smtplib.SMTPDataError as error:
            raise _verdict(error.smtp_code, "mail refused") from None
        except smtplib.SMTPResponseException as error:
            # Its domain is the same for all mails: what is wrong with it is the operator's to mend.
            raise RelayDown(f"{error.smtp_code} sender refused") from None
        except smtplib.SMTPNotSupportedError:
            raise Refused("the relay does not know SMTPUTF8") from None
        except _GONE as error:
            self._drop()
            raise ConnectionLost(_word(error)) from None
        self._used_at = time.monotonic()

    def send_heard(self, message: EmailMessage, sender: str | None = None) -> str:
        """Hand over one message to one recipient and return what the relay answered, as it did.

        For mails to officials, whose evidence it is. Raises as `send` does; what was answered is in
        `said` of what is raised.
        """
        smtp = self._connected()
        try:
            return _hand_over_heard(smtp, message, sender)
        except smtplib.SMTPNotSupportedError:
            raise Refused("the relay does not know SMTPUTF8") from None
        except _GONE as error:
            self._drop()
            raise ConnectionLost(_word(error)) from None

    def greet(self) -> bool:
        """Connect and sign in, and send nothing; return whether it is encrypted.

        Raises RelayDown.
        """
        return isinstance(self._connected().sock, ssl.SSLSocket)

    def close_idle(self) -> None:
        """Give up a connection that was not used for a while."""
        if self._smtp is not None and time.monotonic() - self._used_at > IDLE:
            self.close()

    def close(self) -> None:
        """Say goodbye, if anybody listens."""
        if self._smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                if self._smtp.sock is not None:
                    self._smtp.sock.settimeout(GOODBYE)
                self._smtp.quit()
        self._drop()

    def abort(self) -> None:
        """Break the connection, from any thread; send() then raises RetryLater."""
        sock = getattr(self._smtp, "sock", None)
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _connected(self) -> smtplib.SMTP:
        """Return a connection that answers: the kept one, or a new one. Raises RelayDown."""
        if self._smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                if self._smtp.rset()[0] == 250:
                    return self._smtp
            self._drop()
        try:
            self._smtp = _open(self._relay, self._timeout)
        except (smtplib.SMTPException, OSError) as error:
            raise RelayDown(_word(error)) from None
        return self._smtp

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


def _hand_over(smtp: smtplib.SMTP, message: EmailMessage | Filled, sender: str | None) -> None:
    if isinstance(message, Filled):
        smtp.sendmail(sender or message.sender, [message.recipient], message.data)
        return
    smtp.send_message(
        message,
        from_addr=sender or message["From"].addresses[0].addr_spec,
        to_addrs=[address.addr_spec for address in message["To"].addresses],
    )


def _hand_over_heard(smtp: smtplib.SMTP, message: EmailMessage, sender: str | None) -> str:
    """One mail transaction, step by step, because smtplib keeps the last answer to itself."""
    recipient = message["To"].addresses[0].addr_spec
    wide = not recipient.isascii()
    if wide and not smtp.has_extn("smtputf8"):
        raise smtplib.SMTPNotSupportedError("SMTPUTF8")
    options = ("SMTPUTF8", "BODY=8BITMIME") if wide else ()
    _heard("sender", smtp.mail(sender or message["From"].addresses[0].addr_spec, options))
    _heard("recipient", smtp.rcpt(recipient))
    try:
        answer = smtp.data(message.as_bytes(policy=SMTPUTF8 if wide else SMTP))
    except smtplib.SMTPDataError as error:
        refusal = error.smtp_error
        answer = (error.smtp_code, refusal if isinstance(refusal, bytes) else refusal.encode())
    return _heard("mail", answer)


def _heard(what: str, answer: tuple[int, bytes]) -> str:
    """Return what a relay answered. Raises RetryLater and Refused, which tell it as well."""
    code, text = answer
    said = f"{code} {text.decode(errors='replace')}"
    if not 200 <= code < 300:
        verdict = _verdict(code, f"{what} refused")
        verdict.said = said
        raise verdict
    return said


def _open(relay: Relay, timeout: float) -> smtplib.SMTP:
    """Connect, encrypt and sign in as the relay's URL asks for."""
    if relay.implicit_tls:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            relay.host, relay.port, timeout=timeout, context=relay.tls_context()
        )
    else:
        smtp = smtplib.SMTP(relay.host, relay.port, timeout=timeout)
    try:
        smtp.ehlo_or_helo_if_needed()
        offered = not relay.implicit_tls and smtp.has_extn("starttls")
        if relay.starttls == "required" or (relay.starttls == "offered" and offered):
            smtp.starttls(context=relay.tls_context())
            smtp.ehlo()
        if relay.user:
            smtp.login(relay.user, relay.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _is_no_address(said: bytes) -> bool:
    """Whether a relay says with a code of RFC 3463 that there is no such mailbox.

    A bare 550 is not taken for it: a relay that refuses all would silence every signer.
    """
    found = _ENHANCED.match(said)
    return found is not None and found[0] in _NO_ADDRESS


def _verdict(code: int, what: str) -> RetryLater | Refused:
    return Refused(f"{code} {what}") if 500 <= code < 600 else RetryLater(f"{code} {what}")


def _word(error: Exception) -> str:
    """Return what went wrong with the connection, without what the server wrote."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"{error.smtp_code} sign-in refused"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} relay refused"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "the relay offers no TLS or no sign-in"
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "the relay did not answer in time"
    if isinstance(error, ssl.SSLError):
        return "no TLS with the relay"
    if isinstance(error, ConnectionRefusedError | socket.gaierror):
        return "the relay cannot be reached"
    return "the connection was lost"

"""Mail: whether the relay takes it, encrypted, and what a domain must say for it to arrive."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from petitions.cli.checkup.finding import Finding, good, look, mend

if TYPE_CHECKING:
    from petitions.mail.settings import MailSettings


@dataclass(frozen=True, slots=True)
class Asked:
    """What the operator wants to be tried beyond a greeting."""

    mail_to: str = ""
    dns: bool = False
    selector: str = ""


def check_mail(settings: "MailSettings", asked: Asked, now: datetime) -> Iterator[Finding]:
    """Greet the relay, send a message where asked, and say which DNS records are needed."""
    if settings.smtp_url is None:
        if settings.mailbox is None:
            yield mend("mail", "PETITIONS_SMTP_URL is not set: mails wait", "set it to your relay")
        else:
            yield good("mail", "a demonstration keeps its mails to itself")
        return
    yield from _relay(settings.smtp_url, settings.sender, asked.mail_to, now)
    domain = parseaddr(settings.sender)[1].rpartition("@")[2]
    yield from _records(domain, urlsplit(settings.smtp_url).hostname or "", asked)


def _relay(url: str, sender: str, mail_to: str, now: datetime) -> Iterator[Finding]:
    from petitions.mail.transport import SmtpTransport
    from petitions.mail.verdicts import Refused, RelayDown, RetryLater

    relay = SmtpTransport(url)
    try:
        encrypted = relay.greet()
        yield good("mail", "the relay answers")
        host = urlsplit(url).hostname or ""
        if not encrypted and host not in {"localhost", "127.0.0.1", "::1"}:
            yield look(
                "mail: TLS", f"mails travel to {host} unencrypted, with addresses and links",
                "use smtps://…, or ?starttls=required in PETITIONS_SMTP_URL",
            )  # fmt: skip
        if mail_to:
            relay.send(_message(sender, mail_to, now))
            yield good(
                "mail: test message", "taken by the relay: look whether it arrives, and not as spam"
            )
    except RelayDown as error:
        yield mend("mail", str(error), _remedy(str(error)))
    except (RetryLater, Refused) as error:
        yield mend(
            "mail: test message", str(error),
            "ask whoever runs the relay whether PETITIONS_MAIL_FROM may send there",
        )  # fmt: skip
    finally:
        relay.close()


def _remedy(said: str) -> str:
    if "sign-in refused" in said:
        return (
            "user or password in PETITIONS_SMTP_URL is wrong; write @ and : in them as %40 and %3A"
        )
    if "TLS" in said:
        return "the relay offers none, or its certificate does not fit its name: ask who runs it"
    if "in time" in said:
        return "a firewall may drop it (many hosters close port 25): try 587 or 465"
    if "reached" in said:
        return "mend host and port in PETITIONS_SMTP_URL"
    return "ask whoever runs the relay"


def _message(sender: str, mail_to: str, now: datetime) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = mail_to
    message["Subject"] = "A test of the petitions site"
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2])
    message.set_content(
        "This is a test by whoever runs the petitions site.\nNothing is to be done.\n"
    )
    return message


def _records(domain: str, relay: str, asked: Asked) -> Iterator[Finding]:
    key = f"{asked.selector or 'SELECTOR'}._domainkey.{domain}"
    dmarc = f"_dmarc.{domain}"
    spf = f'TXT "v=spf1 a:{relay} -all", or the include of your relay'
    policy = f'TXT "v=DMARC1; p=quarantine; rua=mailto:you@{domain}"'
    wanted = (
        ("SPF", domain, "v=spf1", f"{domain} {spf}"),
        ("DKIM", key, "p=", f"{key} TXT, as your relay says"),
        ("DMARC", dmarc, "v=DMARC1", f"{dmarc} {policy}"),
    )
    if not asked.dns:
        for name, _, _, record in wanted:
            yield look(f"mail: {name}", "not looked up (--dns does)", f"have {record}")
        return
    for name, where, begins, record in wanted:
        if name == "DKIM" and not asked.selector:
            yield look("mail: DKIM", "not looked up (--dkim-selector names it)", f"have {record}")
            continue
        found, failed = _texts(where)
        if failed:
            yield look(f"mail: {name}", failed, f"have {record}")
        elif any(begins in text for text in found):
            yield good(f"mail: {name}", next(text for text in found if begins in text)[:60])
        else:
            yield mend(f"mail: {name}", f"{where} says nothing of the kind", f"have {record}")


def _texts(name: str) -> tuple[list[str], str]:
    import dns.exception
    import dns.resolver

    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=5)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return [], ""
    except (dns.exception.DNSException, OSError) as error:
        return [], f"DNS does not answer ({type(error).__name__})"
    return [b"".join(one.strings).decode(errors="replace") for one in answer], ""

"""Mails to officials: one at a time, in a thread beside the signers' mails, at a set pace.

What goes with it is written anew from the frozen bundle. Attached, it is gone when the mail is;
more than mail servers take, or where an organiser wants it so, it lies locked for a link in the
mail. From the moment at which the relay is given a mail it is never sent again by itself.
"""

import tempfile
import threading
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from flask import Flask

from petitions import logs
from petitions.clock import now as clock_now
from petitions.documents.entries import Letter
from petitions.documents.fax import without_names
from petitions.documents.letter import write_letter
from petitions.domain import handover_links, official_mails
from petitions.domain.bundle_files import write_file
from petitions.domain.bundle_letters import letter_for
from petitions.domain.frozen_letters import kept_translation
from petitions.domain.handover_links import MadeLink
from petitions.domain.outgoing import holds_erased
from petitions.domain.recipients import recipient_of
from petitions.domain.site import Site
from petitions.errors import PetitionsError, Refused
from petitions.extensions import begin_write, db
from petitions.mail.officials import Envelope, Fetched, compose_to_official, is_too_large
from petitions.mail.settings import MailSettings
from petitions.mail.transport import SmtpTransport
from petitions.mail.verdicts import ConnectionLost, Undelivered
from petitions.mail.verdicts import Refused as RefusedByRelay
from petitions.models import Bundle, OfficialMail
from petitions.worker import attaching

_FIRST = {"letter.pdf", "numbers.pdf", "translation.pdf", "signatures.pdf", "signatures-01.pdf"}
"""What is handed over first; further volumes are ready, and asked for."""
_log = structlog.get_logger("petitions.worker")


class OfficialMailStep:
    """Sends the next mail to an official when its turn comes; its thread goes on between turns."""

    def __init__(self, app: Flask, clock: Callable[[], datetime] = clock_now) -> None:
        self._app = app
        self._clock = clock
        self._pace = timedelta(seconds=app.extensions["petitions.mail"].official_seconds)
        self._thread: threading.Thread | None = None

    def take(self, now: datetime) -> bool:
        """Begin with a mail that is due; there is never more to do at once."""
        if self._thread is not None and self._thread.is_alive():
            return False
        with self._app.app_context():
            mail_id = official_mails.due(now, self._pace)
            db.session.rollback()
            if mail_id is None:
                return False
            begin_write()
            mail = official_mails.claim(mail_id, now)
            db.session.commit()
        if mail is not None:
            self._thread = threading.Thread(target=self._send, args=(mail_id,), daemon=True)
            self._thread.start()
        return False

    def close(self) -> None:
        """A mail under way is finished, or its lease ends."""
        if self._thread is not None:
            self._thread.join(5.0)

    def _send(self, mail_id: int) -> None:
        try:
            with self._app.app_context():
                send_one(self._app, mail_id, self._clock)
        except Exception as error:  # whatever it is, the loop goes on; the lease ends by itself
            _log.error("mail to an official not sent", mail=mail_id, error=logs.where(error))


def send_one(app: Flask, mail_id: int, clock: Callable[[], datetime]) -> None:
    """Send a claimed mail, and keep what became of it."""
    site: Site = app.extensions["petitions"]
    settings: MailSettings = app.extensions["petitions.mail"]
    mail = official_mails.mail_numbered(mail_id)
    bundle = db.session.get_one(Bundle, mail.bundle_id)
    try:
        official_mails.refuse_demonstration(site, bundle)
        with tempfile.TemporaryDirectory(dir=attaching.folder_made(site)) as folder:
            letter, files = _prepared(site, mail, bundle, Path(folder))
            link = None
            if mail.by_link or is_too_large(files):
                days = settings.official_link_days
                link = handover_links.make(site, mail, files, days, clock())
            envelope, fetched = (
                Envelope(mail.address, mail.message_id),
                _fetched(site, link, letter),
            )
            message = compose_to_official(
                settings, envelope, letter, files, clock(), fetched=fetched
            )
    except (Refused, PetitionsError) as error:
        return _over(mail_id, official_mails.refused, str(error), clock())
    db.session.rollback()
    if settings.smtp_url is None:
        return _over(mail_id, official_mails.put_off, "no relay is set", clock())
    begin_write()
    mail = official_mails.mail_numbered(mail_id)
    return_id = official_mails.begin(site, mail, clock())
    if link is not None:
        handover_links.open_link(site, link, clock())
    db.session.commit()
    transport = SmtpTransport(settings.smtp_url)
    try:
        reply = transport.send_heard(message, settings.envelope_sender(return_id))
    except (ConnectionLost, RefusedByRelay) as verdict:
        # Lost while it was handed over, it may have arrived: an organiser decides.
        return _over(mail_id, official_mails.refused, verdict.said or verdict.word, clock())
    except Undelivered as verdict:
        return _over(mail_id, official_mails.put_off, verdict.said or verdict.word, clock())
    finally:
        transport.close()
    _over(mail_id, official_mails.accepted, reply, clock())
    return None


def _over(
    mail_id: int, keep: Callable[[OfficialMail, str, datetime], object], said: str, now: datetime
) -> None:
    db.session.rollback()
    begin_write()
    if keep is official_mails.put_off:  # it is put together anew, with another link
        handover_links.withdraw(mail_id, now)
    keep(official_mails.mail_numbered(mail_id), said, now)
    db.session.commit()


def _fetched(site: Site, link: MadeLink | None, letter: Letter) -> Fetched | None:
    """Return what a mail says of its link."""
    if link is None:
        return None
    address = f"{site.base_url}/handed-over/{link.token}?lang={letter.language.split('-')[0]}"
    return Fetched(address, handover_links.last_day(link.ends_at))


def _prepared(
    site: Site, mail: OfficialMail, bundle: Bundle, folder: Path
) -> tuple[Letter, list[Path]]:
    """Return the letter as it goes out, and the files that go with it."""
    countries = recipient_of(bundle).countries
    letter = letter_for(bundle, countries, demonstration=site.demonstration)
    if mail.with_list:
        if holds_erased(bundle):
            raise Refused("somebody in the list was erased since")
        written = write_file(site, bundle, folder)
        return letter, _handover_of(written.path, folder)
    letter = without_names(letter)
    files = [folder / "letter.pdf"]
    translation = kept_translation(bundle)
    if translation is not None:
        letter = replace(letter, translated=True)
        files.append(folder / "translation.pdf")
        write_letter(without_names(translation), files[1])
    write_letter(letter, files[0])
    return letter, files


def _handover_of(bundle_file: Path, folder: Path) -> list[Path]:
    """Take what is handed over first out of a bundle's file."""
    files = []
    with zipfile.ZipFile(bundle_file) as zipped:
        for member in zipped.namelist():
            name = member.rsplit("/", 1)[1]
            if "/data/handover/" in member and name in _FIRST:
                path = folder / name
                path.write_bytes(zipped.read(member))
                files.append(path)
    bundle_file.unlink()
    return sorted(files)

"""What a mail says, to whom, and what it never says."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import lxml.html
import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import delete, select

from petitions.domain import privacy, signing
from petitions.domain.demonstration import load_demonstration
from petitions.domain.outbox import suppression_key
from petitions.domain.site import Site
from petitions.mail.compose import compose, moment, wrapped
from petitions.mail.settings import MailSettings
from petitions.mail.verdicts import NotToBeSent, Refused, RetryLater
from petitions.models import (
    CaseText,
    ContactKind,
    Mail,
    MailKind,
    MailState,
    Official,
    OfficialContact,
    OfficialText,
    Organisation,
    Person,
    PersonName,
    Petition,
    PetitionText,
    Signature,
    SignatureState,
)
from petitions.tokens import CONFIRM, MY_SIGNATURE, NOT_ME, bytes_of
from petitions.tokens import text_of as text_key
from tests.domain.cast import Cast, form
from tests.mail.queueing import ask_for_link, claimed, html_of, links_of, sign, text_of
from tests.newsroom import drafted, organiser, reader

pytestmark = pytest.mark.usefixtures("database")


def test_pending_signer_gets_a_link_to_confirm_and_one_to_refuse(
    site: Site, cast: Cast, mail_settings: MailSettings, now: datetime
) -> None:
    signature = sign(site, cast, now)
    message = compose(site, mail_settings, claimed(site, now), now)
    confirm, not_me, _home = links_of(message)
    assert confirm.startswith("http://localhost/confirm/")
    assert not_me.startswith("http://localhost/not-me/")
    token = confirm.rpartition("/")[2]
    key = text_key(suppression_key(site, "signer@example.org"))
    assert site.tokens.read(CONFIRM, token, now) == [signature.id, key]
    payload = site.tokens.read(NOT_ME, not_me.rpartition("/")[2], now)
    assert payload[0] == signature.id
    assert bytes_of(payload[1]) == suppression_key(site, "signer@example.org")


def test_mail_says_who_asks_when_it_was_asked_and_how_long_it_is_good(
    site: Site, cast: Cast, mail_settings: MailSettings, now: datetime
) -> None:
    sign(site, cast, now)
    later = now + timedelta(hours=3)
    message = compose(site, mail_settings, claimed(site, later), later)
    text = " ".join(text_of(message).split())
    assert "on 14 March 2026, 09:26 UTC somebody, probably you," in text
    assert "Watch (localhost)" in text
    assert "works until 21 March 2026, 09:26 UTC, 7 days after" in text
    assert str(message["Subject"]) == "Watch: please confirm that it was you"


def test_headers_are_those_of_an_automatic_mail(
    site: Site, cast: Cast, mail_settings: MailSettings, now: datetime
) -> None:
    sign(site, cast, now)
    mail = claimed(site, now)
    message = compose(site, mail_settings, mail, now)
    assert str(message["From"]) == "Watch <petitions@example.org>"
    assert str(message["To"]) == "signer@example.org"
    assert str(message["Message-ID"]) == mail.message_id
    assert message["Date"].datetime == now
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Content-Language"] == "en"
    assert not [name for name in message if name.lower().startswith("list-")]


def test_plain_text_comes_first_and_html_loads_and_leads_nowhere_else(
    site: Site, cast: Cast, mail_settings: MailSettings, now: datetime
) -> None:
    sign(site, cast, now)
    message = compose(site, mail_settings, claimed(site, now), now)
    kinds = [part.get_content_type() for part in message.iter_parts()]
    assert kinds == ["text/plain", "text/html"]
    page = lxml.html.document_fromstring(html_of(message))
    assert page.get("lang") == "en"
    assert page.get("dir") == "ltr"
    assert page.xpath("//@href") == links_of(message)
    assert not page.xpath("//img | //link | //script | //style | //@src | //@style")


def test_lines_are_short_and_links_stand_alone_even_in_the_raw_mail(
    site: Site, cast: Cast, mail_settings: MailSettings, now: datetime
) -> None:
    sign(site, cast, now)
    message = compose(site, mail_settings, claimed(site, now), now)
    for line in text_of(message).splitlines():
        assert len(line) < 78 or line.startswith("http")
        assert line.startswith("http") or "http" not in line
    raw = message.as_bytes().decode("ascii").splitlines()
    assert set(links_of(message)) <= set(raw)


def test_who_has_signed_learns_it_by_mail_alone_and_gets_no_lasting_link(
    site: Site, cast: Cast, mail_settings: MailSettings, now: datetime, database: SQLAlchemy
) -> None:
    signature = sign(site, cast, now)
    signing.confirm(cast.petition, signature.id, now)
    message = compose(site, mail_settings, claimed(site, now), now)
    my_signature, not_me, also, _home = links_of(message)
    assert also.startswith("http://localhost/also-sign/")
    assert my_signature == "http://localhost/my-signature"
    assert not_me.startswith("http://localhost/not-me/")
    assert "You have signed there already" in text_of(message)
    assert "/confirm/" not in message.as_string()


@pytest.mark.parametrize("confirmed", [True, False])
def test_signer_who_was_set_aside_sees_nothing_unusual(
    confirmed: bool, site: Site, cast: Cast, mail_settings: MailSettings, now: datetime
) -> None:
    signature = sign(site, cast, now)
    if confirmed:
        signing.confirm(cast.petition, signature.id, now)
    signature.state = SignatureState.SET_ASIDE
    signature.set_aside_reason = "a bot"
    signature.address_sealed = None
    message = compose(site, mail_settings, claimed(site, now), now)
    assert ("/confirm/" in text_of(message)) is not confirmed


def test_mail_about_a_withdrawn_signature_is_cancelled(
    site: Site, cast: Cast, mail_settings: MailSettings, now: datetime
) -> None:
    signature = sign(site, cast, now)
    mail = claimed(site, now)  # a worker has it in hand while the signer withdraws
    privacy.withdraw(signature.id, now)
    with pytest.raises(NotToBeSent) as refusal:
        compose(site, mail_settings, mail, now)
    assert refusal.value.state is MailState.CANCELLED
    assert refusal.value.word == "the signature is withdrawn"


def test_mail_about_a_deleted_signature_is_cancelled(
    site: Site, cast: Cast, mail_settings: MailSettings, now: datetime, database: SQLAlchemy
) -> None:
    signature = sign(site, cast, now)
    database.session.execute(delete(Signature).where(Signature.id == signature.id))
    with pytest.raises(NotToBeSent, match="the signature is gone"):
        compose(site, mail_settings, claimed(site, now), now)


def test_no_link_is_mailed_that_would_be_dead_on_arrival(
    site: Site, cast: Cast, mail_settings: MailSettings, now: datetime
) -> None:
    sign(site, cast, now)
    late = now + timedelta(days=7)
    with pytest.raises(NotToBeSent, match="not confirmed in time"):
        compose(site, mail_settings, claimed(site, now), late)


def test_address_that_wants_no_mail_gets_none(
    site: Site, cast: Cast, mail_settings: MailSettings, now: datetime
) -> None:
    signature = sign(site, cast, now)
    mail = claimed(site, now)
    privacy.not_me(signature.id, suppression_key(site, "SIGNER+x@example.org"), now)
    with pytest.raises(NotToBeSent) as refusal:
        compose(site, mail_settings, mail, now)
    assert refusal.value.state is MailState.WITHHELD
    assert refusal.value.word == "suppressed"


def test_link_to_ones_own_signatures_opens_all_of_them_for_a_week(
    site: Site, cast: Cast, mail_settings: MailSettings, now: datetime, database: SQLAlchemy
) -> None:
    signature = sign(site, cast, now)
    database.session.execute(delete(Mail))
    database.session.commit()
    ask_for_link(site, now, "Signer+again@example.org")
    message = compose(site, mail_settings, claimed(site, now), now)
    link, _home = links_of(message)
    token = link.removeprefix("http://localhost/my-signature/")
    assert site.tokens.read(MY_SIGNATURE, token, now) == [signature.id]
    assert "works until 21 March 2026, 09:26 UTC." in " ".join(text_of(message).split())


def test_who_asks_and_has_signed_nothing_is_told_that_nothing_is_held(
    site: Site, cast: Cast, mail_settings: MailSettings, now: datetime
) -> None:
    ask_for_link(site, now)
    message = compose(site, mail_settings, claimed(site, now), now)
    assert "Nothing is held under this address" in text_of(message)
    assert links_of(message) == ["http://localhost/my-signature", "http://localhost"]


def test_address_that_does_not_open_is_tried_again(
    site: Site, cast: Cast, mail_settings: MailSettings, now: datetime
) -> None:
    sign(site, cast, now)
    mail = replace(claimed(site, now), address="")
    with pytest.raises(RetryLater, match="does not open"):
        compose(site, mail_settings, mail, now)


def test_kind_without_a_template_fails_visibly(
    site: Site, cast: Cast, mail_settings: MailSettings, now: datetime
) -> None:
    sign(site, cast, now)
    with pytest.raises(Refused, match="no template for postcard"):
        compose(site, mail_settings, replace(claimed(site, now), kind="postcard"), now)


def test_language_without_a_catalogue_falls_back_to_english(
    site: Site, cast: Cast, mail_settings: MailSettings, now: datetime
) -> None:
    sign(site, cast, now)
    message = compose(site, mail_settings, replace(claimed(site, now), language="xx"), now)
    assert message["Content-Language"] == "en"


def test_demonstration_never_mails_an_official(
    site: Site, cast: Cast, mail_settings: MailSettings, now: datetime, database: SQLAlchemy
) -> None:
    official = cast.minister.official_id
    row = {"official_id": official, "kind": ContactKind.EMAIL, "position": 1}
    database.session.add(OfficialContact(**row, value="Minister@mvd.example.org"))
    database.session.commit()
    sign(site, cast, now, "minister@mvd.example.org")
    mail = claimed(site, now)
    compose(site, mail_settings, mail, now)  # a real site asks whoever gave the address
    with pytest.raises(NotToBeSent) as refusal:
        compose(replace(site, demonstration=True), mail_settings, mail, now)
    assert refusal.value.state is MailState.WITHHELD
    assert refusal.value.word == "an official's address"


def test_name_of_the_organisation_cannot_write_headers(
    site: Site, cast: Cast, mail_settings: MailSettings, now: datetime, database: SQLAlchemy
) -> None:
    organisation = database.session.get(Organisation, 1)
    assert organisation is not None
    organisation.name = 'Évil\r\nBcc: all@example.org\n "Watch" <x@y>'
    database.session.commit()
    sign(site, cast, now)
    message = compose(site, mail_settings, claimed(site, now), now)
    assert "Bcc" not in message
    assert message["From"].addresses[0].addr_spec == "petitions@example.org"
    assert len(message["From"].addresses) == 1


def test_no_mail_names_the_case_the_person_the_official_or_the_signer(
    site: Site, mail_settings: MailSettings, now: datetime, database: SQLAlchemy
) -> None:
    load_demonstration(now, site.keyring)
    database.session.commit()
    forbidden = _what_no_mail_may_say(database)
    assert {"Kasymakhunov", "Khamidkariev", "Ada", "Lovelace", "London"} <= forbidden
    for petition in database.session.execute(select(Petition)).scalars():
        mails = _every_mail_about(site, petition, mail_settings, now, database)
        assert len(mails) == 4
        for said in mails:
            words = set(re.findall(r"\w+", said))
            assert not words & forbidden
            assert petition.slug not in said


def _what_no_mail_may_say(database: SQLAlchemy) -> set[str]:
    columns = (Person.name, PersonName.name, OfficialText.name, OfficialText.organisation)
    columns += (CaseText.title, PetitionText.title, OfficialText.office, Official.slug)
    texts = [
        text for column in columns for text in database.session.execute(select(column)).scalars()
    ]
    # Names and the capital words of titles and offices.
    capital = {word for text in texts for word in re.findall(r"\w{4,}", text) if word[0].isupper()}
    return capital | {"Ada", "Lovelace", "London", "GB"}


def _every_mail_about(
    site: Site, petition: Petition, settings: MailSettings, now: datetime, database: SQLAlchemy
) -> list[str]:
    """Compose each kind of mail and return headers and both parts as a person may read them."""
    said = []
    email = f"{petition.id}@example.org"
    open_petition = replace_deadline(petition)
    signing.sign(site, open_petition, form(email), now)
    messages = [compose(site, settings, claimed(site, now), now)]
    signature = database.session.execute(
        select(Signature).where(Signature.petition_id == petition.id)
    ).scalar_one()
    signing.confirm(petition, signature.id, now)
    database.session.execute(delete(Mail))
    for ask in (
        lambda at: signing.sign(site, open_petition, form(email), at),
        lambda at: privacy.ask_for_link(site, email, "en", at),
        lambda at: privacy.ask_for_link(site, f"nobody{petition.id}@example.org", "en", at),
    ):
        later = now + timedelta(minutes=30)
        ask(later)
        messages.append(compose(site, settings, claimed(site, later), later))
        database.session.execute(delete(Mail))
    for message in messages:
        headers = "\n".join(f"{name}: {value}" for name, value in message.items())
        said.append("\n".join((headers, text_of(message), html_of(message))))
    return said


def replace_deadline(petition: Petition) -> Petition:
    """Let a petition of the past take signatures."""
    petition.deadline_on = None
    return petition


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_moments_are_written_as_people_read_them(now: datetime) -> None:
    assert moment(now, "en") == "14 March 2026, 09:26 UTC"
    assert moment(now, "ru") == "14 марта 2026\u202fг., 09:26 UTC"
    assert moment(now, "zh-Hant") == "2026年3月14日, 09:26 UTC"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_paragraphs_are_wrapped_and_links_are_not() -> None:
    link = "https://example.org/" + "x-" * 60
    text = wrapped(f"one two\nthree\n\n\n{link}\n\n" + "word " * 40)
    assert text.splitlines()[0] == "one two three"
    assert link in text.splitlines()
    assert max(len(line) for line in text.splitlines() if line != link) <= 76


@pytest.mark.parametrize(
    "text",
    [
        "Example Lantern: подтвердите, что это были вы, и ещё раз по-русски на длинной строке",
        "Организация по защите прав человека в Центральной Азии: подтвердите, что это были вы",
        "منظمة حقوق الإنسان: يرجى تأكيد أنك أنت من قام بملء هذا النموذج على موقعنا",
    ],
)
def test_long_headers_of_any_script_arrive_as_they_were_written(text: str) -> None:
    from email import message_from_bytes, policy
    from email.header import decode_header, make_header
    from email.headerregistry import Address
    from email.message import EmailMessage

    from petitions.mail.folding import SpaceKeepingPolicy

    message = EmailMessage(policy=SpaceKeepingPolicy(linesep="\r\n"))
    message["From"] = Address(text, addr_spec="petitions@example.org")
    message["Subject"] = text
    sent = message.as_bytes()
    assert max(map(len, sent.split(b"\r\n"))) <= 78
    assert message_from_bytes(sent, policy=policy.default)["Subject"] == text
    # The newer parser of Python 3.11 puts spaces into display names; the older one is right.
    sender = str(make_header(decode_header(message_from_bytes(sent)["From"])))
    assert " ".join(sender.split()) == f"{text} <petitions@example.org>"


def test_links_open_in_the_language_of_the_mail(
    site: Site, cast: Cast, mail_settings: MailSettings, now: datetime, database: SQLAlchemy
) -> None:
    signing.sign(site, cast.petition, form(language="ru"), now)
    database.session.commit()
    message = compose(site, mail_settings, claimed(site, now), now)
    confirm, not_me, _home = links_of(message)
    assert confirm.endswith("?lang=ru")
    assert not_me.endswith("?lang=ru")


def test_long_address_in_the_header_that_ends_news_is_whole_on_the_wire(
    site: Site, cast: Cast, mail_settings: MailSettings, now: datetime
) -> None:
    reader(site, cast.petition, "r", now)
    news = drafted(cast.petition, organiser(now), now, en="Home")
    far = replace(site, base_url=f"https://petitions.{'long-name.' * 8}example.org")
    sign(site, cast, now)
    tried = replace(
        claimed(site, now), kind=MailKind.NEWS, news_id=news.id, organiser_id=1, language="ru"
    )
    raw = compose(far, mail_settings, tried, now).as_bytes()
    [line] = [one for one in raw.split(b"\r\n") if one.startswith(b"List-Unsubscribe:")]
    assert line.startswith(b"List-Unsubscribe: <https://petitions.long-name.")
    assert line.endswith(b"?lang=ru>")

"""The outer contract that other tools rely on, literally, over plain HTTP, on both databases.

The visitor behind each request fails on a cookie, on a page with a fault and on a loose policy.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urljoin

import pytest

from petitions.tokens import CONFIRM, MY_SIGNATURE, NOT_ME, Purpose, Tokens
from tests.journeys.staging import OPEN, PAST, SIGN_LIMIT, Stage, links_in, somebody, until
from tests.journeys.visiting import Answer, Visitor, form_that_signs, path_of

SIGN = f"/petitions/{OPEN}/sign"
PUBLIC_PAGES = [
    "/",
    f"/cases/{OPEN}",
    f"/cases/{PAST}",
    f"/petitions/{OPEN}",
    f"/petitions/{PAST}",
    f"/petitions/{OPEN}/check-your-email",
    f"/petitions/{OPEN}/thank-you",
    f"/embed/{OPEN}",
    "/my-signature",
    "/my-signature/check-your-email",
    "/privacy",
    "/about",
]
OF_THE_CASE = [
    f"/cases/{OPEN}",
    f"/petitions/{OPEN}",
    f"/petitions/{OPEN}/check-your-email",
    f"/petitions/{OPEN}/thank-you",
    f"/embed/{OPEN}",
    f"/api/v1/petitions/{OPEN}",
]


# The form.


def test_form_has_the_fields_of_the_contract_and_nothing_is_preselected(visitor: Visitor) -> None:
    page = visitor.get(f"/petitions/{OPEN}").page
    [form] = page.xpath(form_that_signs(OPEN))
    assert form.method == "POST"
    assert set(form.fields) == {
        "name", "initials", "email", "country", "place", "appearance", "news", "consent", "stamp",
    }  # fmt: skip
    stamp = form.fields["stamp"]
    assert {name: value for name, value in form.form_values() if value} == {"stamp": stamp}
    assert set(page.xpath('//input[@name="appearance"]/@value')) == {"full", "initials", "counted"}
    countries = set(page.xpath('//select[@name="country"]/option/@value')) - {""}
    assert {"IS", "UZ", "RU", "DE"} <= countries
    assert all(len(code) == 2 and code.isupper() for code in countries)


@pytest.mark.parametrize("appearance", ["full", "initials", "counted"])
def test_valid_form_leads_to_check_your_email_and_a_mail(
    stage: Stage, visitor: Visitor, appearance: str
) -> None:
    signer = somebody(appearance=appearance)
    answer = visitor.sign(OPEN, signer.typed())
    assert answer.status == 303
    assert answer.location == f"/petitions/{OPEN}/check-your-email"
    page = visitor.get(answer.location)
    assert page.status == 200
    assert signer.email not in page.text
    links = [path_of(url) for url in links_in(stage.mail_to(signer.email))]
    assert [link.strip("/").split("/")[0] for link in links] == ["confirm", "not-me", ""]


def test_optional_fields_may_be_missing_and_consent_is_any_value(visitor: Visitor) -> None:
    typed = somebody().typed(consent="1", news="on")
    del typed["initials"], typed["place"]
    assert visitor.sign(OPEN, typed).status == 303


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "12345"),
        ("email", ""),
        ("email", "nobody"),
        ("country", ""),
        ("country", "ZZ"),
        ("appearance", ""),
        ("appearance", "everything"),
        ("consent", ""),
    ],
)
def test_invalid_form_is_422_with_every_value_kept(
    stage: Stage, visitor: Visitor, field: str, value: str
) -> None:
    before = stage.how_many()
    typed = somebody(initials="Y. B. <3>").typed(news="yes") | {field: value}
    answer = visitor.sign(OPEN, typed)
    assert answer.status == 422
    kept = answer.values(form_that_signs(OPEN))
    wrong_choice = {field} if value in {"ZZ", "everything"} else set()
    for name in typed.keys() - wrong_choice - {"consent", "news"}:
        assert kept.get(name, "") == typed[name], name
    assert ("news" in kept, "consent" in kept) == (True, bool(typed["consent"]))
    links = answer.page.xpath('//*[contains(@class, "error-summary")]//a/@href')
    assert f"#{field}" in links
    assert stage.how_many() == before


def test_stamp_is_the_same_for_all_readers_and_good_for_many(stage: Stage) -> None:
    # An hour may end between two fetches; it does not end twice.
    pairs = ({stage.visitor().stamp(OPEN), stage.visitor().stamp(OPEN)} for _ in range(2))
    assert any(len(pair) == 1 for pair in pairs)
    stamp = stage.visitor().stamp(OPEN)
    for _ in range(3):
        form = {"stamp": stamp, **somebody().typed()}
        assert stage.visitor().post(SIGN, form).status == 303


def test_stamp_that_is_missing_tampered_foreign_or_old_is_422_with_a_new_one(
    stage: Stage, visitor: Visitor
) -> None:
    good = visitor.stamp(OPEN)
    [(petition,)] = stage.rows("SELECT id FROM petition WHERE slug = :slug", slug=OPEN)
    payload = [petition, 1, 1, "en"]
    stamp_of = Purpose("petitions.stamp", timedelta(days=1))
    head, _, signature = good.rpartition(".")
    bad = {
        "missing": "",
        # Not its last letter: that has bits which mean nothing.
        "signature changed": f"{head}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}",
        "payload changed": "X" + good[1:],
        "another petition's": visitor.stamp(PAST),
        "26 hours old": stage.token(stamp_of, payload, age=timedelta(hours=26)),
        "made with another key": Tokens(["another key " * 4]).stamp(*payload, now=_now()),
    }
    signer = somebody()
    for what, stamp in bad.items():
        answer = visitor.post(SIGN, {"stamp": stamp, **signer.typed()})
        assert answer.status == 422, what
        kept = answer.values(form_that_signs(OPEN))
        assert signer.typed().items() <= kept.items(), what
        assert kept["stamp"] not in {"", stamp}, what
    assert stage.mails_to(signer.email) == []
    young = stage.token(stamp_of, payload, age=timedelta(hours=23))
    assert visitor.post(SIGN, {"stamp": young, **signer.typed()}).status == 303
    assert visitor.post(SIGN, {**kept, **somebody().typed()}).status == 303


# Who may send it.


def test_form_from_a_foreign_site_is_refused_everywhere(stage: Stage, visitor: Visitor) -> None:
    links = stage.confirmed(signer := somebody())
    pending = stage.signed(somebody())
    own = stage.own_link(signer)
    form = {"stamp": visitor.stamp(OPEN), **somebody().typed()}
    before = stage.everything()
    foreign = [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": stage.url.replace("http:", "https:")},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"Origin": stage.url, "Sec-Fetch-Site": "cross-site"},
    ]
    for headers in foreign:
        for path in (SIGN, pending["confirm"], links["not-me"], own, "/my-signature"):
            assert visitor.post(path, form, headers).status == 403, (headers, path)
    assert stage.everything() == before


def test_form_from_this_site_or_from_a_program_is_accepted(stage: Stage) -> None:
    for headers in (
        {},
        {"Origin": stage.url},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": stage.url, "Sec-Fetch-Site": "same-origin"},
    ):
        visitor = stage.visitor()
        form = {"stamp": visitor.stamp(OPEN), **somebody().typed()}
        assert visitor.post(SIGN, form, headers).status == 303, headers


# What cannot be signed.


@pytest.mark.parametrize("state", ["paused", "closed", "stopped", "archived"])
def test_petition_that_is_not_open_answers_409_and_its_page_has_no_form(
    stage: Stage, visitor: Visitor, state: str
) -> None:
    form = {"stamp": visitor.stamp(OPEN), **(signer := somebody()).typed()}
    with stage.petition_state(state):
        assert visitor.post(SIGN, form).status == 409
        assert visitor.post(SIGN, form | {"name": ""}).status == 409
        page = visitor.get(f"/petitions/{OPEN}")
        assert page.status == 200
        assert not page.page.xpath("//form")
        assert visitor.get(f"/api/v1/petitions/{OPEN}").json["state"] == state
    assert stage.mails_to(signer.email) == []


def test_unknown_names_are_404(visitor: Visitor) -> None:
    for path in (
        "/petitions/nobody",
        "/cases/nobody",
        "/embed/nobody",
        "/petitions/nobody/thank-you",
        "/nothing",
        "/confirm/abc",
        "/not-me/abc",
        "/my-signature/abc",
        "/unsubscribe/abc",
    ):
        assert visitor.get(path).status == 404, path
    assert visitor.post("/petitions/nobody/sign", somebody().typed()).status == 404
    assert visitor.post("/confirm/abc").status == 404
    unknown = visitor.get("/api/v1/petitions/nobody")
    assert (unknown.status, unknown.kind) == (404, "application/json")


def test_hidden_case_answers_410_everywhere_within_a_second(stage: Stage) -> None:
    links = stage.signed(somebody())
    visitor = stage.visitor()
    form = {"stamp": visitor.stamp(OPEN), **somebody().typed()}
    etag = visitor.get(f"/petitions/{OPEN}").headers["ETag"] or ""
    paths = [*OF_THE_CASE, links["confirm"]]
    assert {visitor.get(path).status for path in paths} == {200}
    with stage.hidden():
        until(
            lambda: {visitor.get(path).status for path in paths} == {410},
            within=1,
            what="a second after hiding, a page of the case is still there",
        )
        for path in paths:
            page = visitor.get(path, {"If-None-Match": etag})
            assert page.status == 410, path
            assert not {"Mirsobir", "family"} & set(page.text.split()), path
        assert visitor.post(SIGN, form).status == 410
        assert visitor.post(links["confirm"]).status == 410
        for path in ("/", "/api/v1/petitions", "/sitemap.xml"):
            listed = visitor.get(path)
            assert OPEN not in listed.text, path
            assert PAST in listed.text, path
        assert visitor.get(links["not-me"]).status == 200
    assert {visitor.get(path).status for path in paths} == {200}


# Limits.


def test_too_many_forms_from_one_network_are_429_and_keep_what_was_typed(stage: Stage) -> None:
    one, other = stage.visitor(), stage.visitor()
    form = {"stamp": one.stamp(OPEN), **(signer := somebody()).typed(), "consent": ""}
    # A minute may end on the way, and a new one begin.
    for _ in range(2 * SIGN_LIMIT + 1):
        answer = one.post(SIGN, form)
        if answer.status != 422:
            break
    assert answer.status == 429
    assert 1 <= int(answer.headers["Retry-After"] or "") <= 61
    kept = answer.values(form_that_signs(OPEN))
    assert kept["name"] == signer.name
    assert kept["email"] == signer.email
    assert one.get(f"/petitions/{OPEN}").status == 200
    assert other.post(SIGN, form).status == 422


def test_guessing_is_limited_and_a_valid_token_never(stage: Stage) -> None:
    links = stage.signed(somebody())
    guesser = stage.visitor()
    statuses = [guesser.get(f"/confirm/guess{n}").status for n in range(61)]
    assert set(statuses) == {404, 429}
    limited = next(
        a for a in (guesser.get(f"/not-me/guess{n}") for n in range(61)) if a.status == 429
    )
    assert 1 <= int(limited.headers["Retry-After"] or "") <= 61
    for path in links.values():
        assert guesser.get(path).status == 200
    assert guesser.post(links["confirm"]).status == 303


def test_asking_for_links_is_limited(visitor: Visitor) -> None:
    answers = (visitor.post("/my-signature", {"email": "x"}) for _ in range(60))
    limited = next(answer for answer in answers if answer.status != 422)
    assert limited.status == 429
    assert 1 <= int(limited.headers["Retry-After"] or "") <= 61


# Links from mails.


def test_scanners_that_open_every_link_change_nothing(stage: Stage) -> None:
    pending, done = stage.signed(somebody()), stage.confirmed(signer := somebody())
    own = stage.own_link(signer)
    news = stage.news_link(done)
    before = stage.everything()
    paths = [*pending.values(), *done.values(), own, news, f"{own}/download"]
    with ThreadPoolExecutor(8) as scanners:
        for method in ("GET", "HEAD", "GET"):
            answers = scanners.map(lambda path, m=method: stage.visitor().ask(m, path), paths)
            assert {answer.status for answer in answers} == {200}
    assert stage.everything() == before
    for path in paths[:-1]:
        forms = stage.visitor().get(path).page.xpath("//form")
        assert forms[0].method == "POST", path


def test_confirming_counts_once_and_repeating_gives_the_same_answer(
    stage: Stage, visitor: Visitor
) -> None:
    links = stage.signed(somebody())
    before = stage.number()
    [form, *_] = visitor.get(links["confirm"]).page.xpath("//main//form")
    assert form.method == "POST"
    assert form.xpath(".//button")
    first = visitor.post(links["confirm"])
    assert (first.status, first.location) == (303, f"/petitions/{OPEN}/thank-you")
    stage.wait_for_number(before + 1)
    rows = stage.newest()
    again = stage.visitor().post(links["confirm"])
    assert (again.status, again.headers["Location"]) == (303, first.headers["Location"])
    assert stage.newest() == rows
    assert stage.number() == before + 1
    assert visitor.get(first.location).status == 200
    assert visitor.get(links["confirm"]).page.xpath("//main//form")[0].method == "POST"


def test_confirming_may_show_less_and_never_more(stage: Stage, visitor: Visitor) -> None:
    links = stage.signed(somebody(appearance="initials"))
    assert visitor.post(links["confirm"], {"appearance": "full"}).status == 422
    assert stage.newest("state, appearance") == ("pending", "initials")
    assert visitor.post(links["confirm"], {"appearance": "counted"}).status == 303
    assert stage.newest("state, appearance") == ("confirmed", "counted")


def test_not_me_withdraws_and_ends_all_mail(stage: Stage, visitor: Visitor) -> None:
    links = stage.confirmed(signer := somebody())
    before = stage.number()
    first, again = visitor.post(links["not-me"]), visitor.post(links["not-me"])
    assert (first.status, again.status) == (200, 200)
    assert first.body == again.body
    stage.wait_for_number(before - 1)
    gone = visitor.get(links["confirm"])
    assert gone.status == 410
    assert f"/petitions/{OPEN}" in gone.page.xpath("//main//a/@href")
    assert visitor.post(links["confirm"]).status == 410
    assert visitor.sign(OPEN, signer.typed()).status == 303
    until(
        lambda: (
            stage.rows("SELECT outcome FROM mail WHERE kind = 'signing' ORDER BY id DESC LIMIT 1")
            == [("suppressed",)]
        ),
        what="the mail to an address that wants none was not withheld",
    )
    assert len(stage.mails_to(signer.email)) == 1


@pytest.mark.parametrize(
    ("path", "purpose"), [("confirm", CONFIRM), ("not-me", NOT_ME), ("my-signature", MY_SIGNATURE)]
)
def test_expired_link_is_410_with_a_way_on(
    stage: Stage, visitor: Visitor, path: str, purpose: Purpose
) -> None:
    signer = somebody()
    links = stage.signed(signer)
    if path == "my-signature":
        links[path] = stage.own_link(signer)
    week = timedelta(days=7)
    old = stage.aged(links[path], purpose, week + timedelta(minutes=1))
    expired = visitor.get(old)
    assert expired.status == 410
    on = "/my-signature" if path == "my-signature" else f"/petitions/{OPEN}"
    assert on in expired.page.xpath("//main//a/@href")
    assert visitor.post(old).status == 410
    young = stage.aged(links[path], purpose, week - timedelta(minutes=1))
    assert visitor.get(young).status == 200
    # One purpose opens no other door.
    for other in {"confirm", "not-me", "my-signature", "unsubscribe"} - {path}:
        assert visitor.get(young.replace(path, other, 1)).status == 404


def test_news_end_by_one_click_of_a_mail_program(stage: Stage, visitor: Visitor) -> None:
    signer = somebody()
    assert visitor.sign(OPEN, signer.typed(news="yes")).status == 303
    links = {"confirm": stage.link(stage.mail_to(signer.email), "confirm")}
    assert visitor.post(links["confirm"]).status == 303
    held = "state, news, address_sealed IS NOT NULL"
    assert stage.newest(held) == ("confirmed", True, True)
    news = stage.news_link(links)
    assert visitor.get(news).page.xpath("//main//form")[0].method == "POST"
    headers = {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}
    for _ in range(2):
        one_click = {"List-Unsubscribe": "One-Click"}
        assert visitor.post(news, one_click, headers).status == 200
        assert stage.newest(held) == ("confirmed", False, False)


# One's own signature.


def test_own_signature_from_link_to_erasure(stage: Stage, visitor: Visitor) -> None:
    stage.confirmed(signer := somebody(initials="Y. B."))
    own = stage.own_link(signer)
    before = stage.number()
    page = visitor.get(own)
    assert signer.name in page.text
    [number] = stage.newest("id")
    act = {"signature": str(number)}
    less = act | {"action": "show-less", "appearance": "counted"}
    assert {visitor.post(own, less).status for _ in range(2)} == {303}
    assert visitor.post(own, less | {"appearance": "full"}).status == 422
    assert visitor.post(own, act | {"action": "nothing"}).status == 404
    assert visitor.post(own, less | {"signature": str(number - 1)}).status == 404
    held = visitor.post(f"{own}/download")
    assert held.kind == "application/json"
    assert held.json["signatures"]
    asked = visitor.post(own, act | {"action": "erase"})
    assert asked.status == 200
    assert stage.number() == before
    sure = asked.values('//main//form[contains(@action, "/my-signature/")]')
    assert {visitor.post(own, sure).status for _ in range(2)} == {303}
    stage.wait_for_number(before - 1)
    state = "SELECT state, person_sealed, address_sealed, lookup FROM signature WHERE id = :id"
    assert stage.rows(state, id=number) == [("withdrawn", None, None, None)]
    assert signer.name not in visitor.get(own).text


# Whether an address has signed.


def test_nothing_tells_whether_an_address_has_signed(stage: Stage) -> None:
    suppressed, confirmed, pending, new = (somebody() for _ in range(4))
    refusing = stage.signed(suppressed)["not-me"]
    assert stage.visitor().post(refusing).status == 200
    stage.confirmed(confirmed)
    stage.signed(pending)
    told = {}
    for who, signer in {
        "new": new, "pending": pending, "confirmed": confirmed, "suppressed": suppressed,
    }.items():  # fmt: skip
        signing = stage.visitor().sign(OPEN, signer.typed())
        asking = stage.visitor().post("/my-signature", {"email": signer.email})
        told[who] = [_all_of(answer) for answer in (signing, asking)]
        told[who] += [_all_of(stage.visitor().get(a.location)) for a in (signing, asking)]
    assert all(answers == told["new"] for answers in told.values())


def test_second_form_stores_nothing_that_was_typed(stage: Stage, visitor: Visitor) -> None:
    for step in (stage.signed, stage.confirmed):
        step(signer := somebody(appearance="counted"))
        row = stage.newest()
        second = signer.typed(name="Mallory", appearance="full", place="Elsewhere", news="yes")
        assert visitor.sign(OPEN, second).status == 303
        stage.mail_to(signer.email, 2)
        assert stage.newest() == row


def test_spellings_of_one_address_are_one_signature(stage: Stage) -> None:
    before = stage.how_many()
    for email in ("brand.ylfa@gmail.com", "Brand.Ylfa+news@GMAIL.com", "brandylfa@googlemail.com"):
        assert stage.visitor().sign(OPEN, somebody(email=email).typed()).status == 303
    assert stage.how_many() == before + 1


def test_twenty_clients_at_once_make_one_row(stage: Stage, visitor: Visitor) -> None:
    signer = somebody()
    before = stage.how_many()
    form = {"stamp": visitor.stamp(OPEN), **signer.typed()}
    together = threading.Barrier(20)

    def send(number: int) -> int:
        together.wait(60)
        name = f"{signer.name} the {number}th"
        return stage.visitor().post(SIGN, form | {"name": name}).status

    with ThreadPoolExecutor(20) as clients:
        assert set(clients.map(send, range(20))) == {303}
    assert stage.how_many() == before + 1
    link = stage.link(stage.mail_to(signer.email), "confirm")
    number = stage.number()
    with ThreadPoolExecutor(20) as clients:
        answers = list(clients.map(lambda _: stage.visitor().post(link), range(20)))
    assert {(answer.status, answer.location) for answer in answers} == {
        (303, f"/petitions/{OPEN}/thank-you")
    }
    assert stage.number() == number + 1


# Pages as such.


@pytest.mark.parametrize("path", PUBLIC_PAGES)
def test_page_with_all_it_loads_weighs_under_50_kb_in_five_requests(
    visitor: Visitor, path: str
) -> None:
    page = visitor.get(path)
    assert page.status == 200
    loaded = _loaded_by(page)
    parts = {address: visitor.get(address) for address in loaded}
    assert {answer.status for answer in parts.values()} <= {200}
    sheets = [answer for answer in parts.values() if answer.kind == "text/css"]
    assert not any("url(" in sheet.text or "@import" in sheet.text for sheet in sheets)
    sizes = {path: len(page.body)} | {name: len(answer.body) for name, answer in parts.items()}
    assert sum(sizes.values()) < 50_000, sizes
    assert len(sizes) <= 5, sizes


@pytest.mark.parametrize("path", PUBLIC_PAGES)
def test_page_needs_no_foreign_host_and_no_inline_code(visitor: Visitor, path: str) -> None:
    page = visitor.get(path)
    policy = dict(
        part.strip().partition(" ")[::2]
        for part in (page.headers["Content-Security-Policy"] or "").split(";")
    )
    assert policy["default-src"] == "'none'"
    for directive in ("style-src", "img-src", "script-src", "font-src", "form-action"):
        assert policy[directive] == "'self'"
    assert policy["frame-ancestors"] == ("*" if path.startswith("/embed/") else "'none'")
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
    head = visitor.head(path)
    assert head.status == 200
    assert head.headers["Content-Security-Policy"] == page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/", f"/cases/{OPEN}", f"/petitions/{OPEN}", f"/embed/{OPEN}"])
def test_lang_chooses_the_language(visitor: Visitor, path: str) -> None:
    english, russian = visitor.get(path), visitor.get(f"{path}?lang=ru", {"Accept-Language": "en"})
    assert "Хамидкариев" in russian.text
    assert "Мирсобир" not in " ".join(english.page.xpath("//h1//text()"))
    telling = russian.page.xpath('//*[@lang="ru"][contains(., "Хамидкариев")]')
    assert telling, "no element says that its text is Russian"
    by_header = visitor.get(path, {"Accept-Language": "ru"})
    assert "Хамидкариев" in by_header.text
    assert "Accept-Language" in (by_header.headers["Vary"] or "")


def test_lang_is_kept_from_the_form_to_the_mail(stage: Stage, visitor: Visitor) -> None:
    page = visitor.get(f"/petitions/{OPEN}?lang=ru")
    [form] = page.page.xpath(form_that_signs(OPEN))
    answer = visitor.post(form.action, dict(form.form_values()) | (s := somebody()).typed())
    assert answer.status == 303
    assert "lang=ru" in answer.location
    asked = visitor.get(stage.link(stage.mail_to(s.email), "confirm"))
    [title] = page.page.xpath("//h1//text()")
    assert "Хамидкариев" in title
    assert title in asked.text


# Programs.


def test_api_tells_what_the_contract_says(stage: Stage, visitor: Visitor) -> None:
    stage.confirmed(somebody())
    listed = visitor.get("/api/v1/petitions")
    assert listed.kind == "application/json"
    assert [petition["slug"] for petition in listed.json] == [OPEN, PAST]
    assert {petition["slug"]: petition["deadline_on"] for petition in listed.json} == {
        OPEN: None,
        PAST: "2013-01-27",
    }
    for slug in (OPEN, PAST):
        answer = visitor.get(f"/api/v1/petitions/{slug}")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        petition = answer.json
        assert {"slug", "title", "state", "deadline_on", "numbers"} <= petition.keys()
        numbers = petition["numbers"]
        assert {"confirmed", "attested", "paper", "appeals"} <= numbers.keys()
        by_country = petition.get("by_country", numbers.get("by_country"))
        assert sum(by_country.values()) == numbers["confirmed"]
        [(counted,)] = stage.rows(
            "SELECT count(*) FROM signature s JOIN petition p ON p.id = s.petition_id"
            " WHERE p.slug = :slug AND s.state = 'confirmed'",
            slug=slug,
        )
        assert numbers["confirmed"] == counted


def test_openapi_lists_the_paths_that_answer(visitor: Visitor) -> None:
    answer = visitor.get("/api/v1/openapi.json")
    assert answer.kind == "application/json"
    described = answer.json
    assert described["openapi"].startswith("3.")
    assert {"/petitions", "/petitions/{petition}"} <= described["paths"].keys()
    base = described["servers"][0]["url"]
    for path, methods in described["paths"].items():
        assert set(methods) == {"get"}
        assert visitor.get(path_of(base) + path.replace("{petition}", OPEN)).status == 200


def test_health_and_readiness(visitor: Visitor) -> None:
    assert visitor.get("/healthz").status == 200
    assert visitor.get("/readyz").status == 200


def test_writing_methods_change_no_public_page(visitor: Visitor) -> None:
    for path in [*PUBLIC_PAGES, f"/api/v1/petitions/{OPEN}"]:
        if path != "/my-signature":
            # Below /my-signature/ anything else is taken for a token, and this is none.
            assert visitor.post(path).status in {404, 405}, path
        assert visitor.ask("DELETE", path).status == 405, path


def test_foreign_host_is_refused(visitor: Visitor) -> None:
    assert visitor.get("/", {"Host": "evil.example"}).status == 400


def _all_of(answer: Answer) -> tuple[object, ...]:
    headers = {name: value for name, value in answer.headers.items() if name.lower() != "date"}
    return answer.status, headers, answer.body


def _loaded_by(page: Answer) -> set[str]:
    """What a browser fetches with the page, by path; pictures of the case aside."""
    found = page.page.xpath(
        "//script/@src | //img/@src | //source/@srcset | //link[@rel!='alternate']"
        "[contains(@rel, 'stylesheet') or contains(@rel, 'icon') or contains(@rel, 'load')]/@href"
    )
    paths = {path_of(urljoin(page.url, str(address))) for address in found}
    return {path for path in paths if "/pictures/" not in path}


def _now() -> object:
    from petitions import clock

    return clock.now()

"""Names that are written to break what shows them, followed to wherever a name goes."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import lxml.html
import openpyxl
import pytest
from pypdf import PdfReader

from petitions.tokens import MY_SIGNATURE
from tests.abuse.attacker.client import Attacker
from tests.abuse.attacker.crowd import by_a_few
from tests.abuse.attacker.ledger import Attack
from tests.abuse.target import OTHERS, Target
from tests.journeys.staging import Signer, somebody
from tests.journeys.visiting import Answer

Begin = Callable[..., Attack]
PETITION = OTHERS[-1]
HOSTILE = [
    "<script>alert(1)</script> Eve", "Eve <img src=x onerror=alert(1)>",
    "\"><svg/onload=alert(1)>E", "' onfocus=alert(1) autofocus='Eve",
    "</title></textarea><b>Eve", "<!-- Eve", "]]> Eve", "{{7*7}} Eve", "{% raw %}Eve{{config}}",
    "${7*7} Eve", "#{7*7} Eve", "%(name)s Eve", "{0.__class__} Eve", "<%= 7*7 %> Eve",
    "#set page(width: 1cm) Eve", "#eval(\"1\") Eve", "$ sum $ Eve", "#import \"x\": * Eve",
    "\\input{/etc/passwd} Eve", "*Eve* _Eve_ `Eve` [Eve](x)", "@Eve", "=1+1 Eve", "+Eve", "-Eve",
    "\t=Eve", "＝1+1 Eve", "＠SUM(A1) Eve", "=cmd|' /C calc'!A0 Eve", "Eve =1+1", "'=1+1 Eve",
    "Eve\r\nBcc: evil@evil.example", "Eve\nSubject: x", "Eve\x00Mallory", "Eve\x1b[31mRed",
    "Eve\x85Next", "Eve\u2028Line\u2029Paragraph", "\u202eevE", "Eve\u202e gpj",
    "\u2066Eve\u2069\u2069\u2069", "Eve\u200b\u200b\u200bZero", "E\u034f\u115f\u3164ve",
    "\U000e0045\U000e0076Eve", "\ufeffEve", "Eve\ufffe", "E" + "\u0301" * 60 + "ve",
    "Eve\u0489\u0489\u0489\u0489\u0489", "E" * 5_000, "👨‍👩‍👧‍👦" * 200, "Eve " * 60,
    "Robert'); DROP TABLE signature;--", "Eve' OR '1'='1", "Eve\\", "Eve%00", "Eve%0d%0aX: y",
    "../../etc/passwd Eve", "https://evil.example Eve", "javascript:alert(1) Eve", "Еvе Mіxеd",
    "E͏ve", "ﷺﷺﷺ Eve", "𓂀𓂀 Eve", "𝕰𝖛𝖊", "ܐܒܓ Eve ابجد", "မြန်မာ Eve", "null", "None", "NaN",
    "true", "-1", "", "\ud83d Eve".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    "N/A Eve", "12345", "😀",
]  # fmt: skip
FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
STARTS_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


@dataclass(frozen=True)
class Named:
    """Somebody whose hostile name was taken."""

    signer: Signer
    confirm: str
    page: Answer
    kept: str
    """The name as the page that confirms shows it."""


@pytest.fixture(scope="module")
def answers(targets: Callable[[str], Target]) -> list[tuple[Signer, Answer]]:
    target = targets("sqlite")
    attacker = Attacker(target.url)
    attacker.stamp(PETITION)
    cast = [somebody(name=name, place=name, initials="E.") for name in HOSTILE]

    def sign(one: Signer) -> tuple[Signer, Answer]:
        answer = attacker.signs(PETITION, one.typed())
        if answer.status == 422:  # the place may be what was refused
            answer = attacker.signs(PETITION, one.typed(place="Here"))
        return one, answer

    return by_a_few(sign, cast)


@pytest.fixture(scope="module")
def taken(targets: Callable[[str], Target], answers: list[tuple[Signer, Answer]]) -> list[Named]:
    target = targets("sqlite")
    found = []
    for signer, answer in answers:
        if answer.status == 303:
            confirm = target.links_of(signer)["confirm"]
            page = Attacker(target.url).get(confirm)
            assert page.status == 200
            names = [str(text).strip() for text in page.page.xpath("//main//bdi/text()")]
            found.append(Named(signer, confirm, page, names[0] if names else ""))
    assert len(found) > 20
    return found


@pytest.fixture(scope="module")
def bundle(
    targets: Callable[[str], Target], taken: list[Named], tmp_path_factory: pytest.TempPathFactory
) -> zipfile.ZipFile:
    target, out = targets("sqlite"), tmp_path_factory.mktemp("bundle")
    for one in taken:
        assert Attacker(target.url).post(one.confirm).status == 303
    target.wait_for_number(len(taken), PETITION)
    official = f"minister-{PETITION}"
    built = target.site.run("bundles", "build", PETITION, "--official", official, "--out", str(out))
    file = Path(built.stdout.split()[-1])
    target.site.run("bundles", "verify", str(file))
    return zipfile.ZipFile(file)


def member(bundle: zipfile.ZipFile, end: str) -> bytes:
    [name] = [name for name in bundle.namelist() if name.endswith(end)]
    return bundle.read(name)


def test_forms_are_taken_or_refused_and_give_back_no_markup(
    answers: list[tuple[Signer, Answer]], attack: Begin
) -> None:
    tried = attack("hostile names", "typed into the form that signs, as name and place")
    for signer, answer in answers:
        tried.check(answer.status in {303, 422}, f"{signer.name[:20]!r}: {answer.status}")
        if answer.status == 422:
            given = answer.page.xpath('//input[@name="name"]/@value')
            assert given or not signer.name
            tried.check(harmless(answer), f"{signer.name[:20]!r} in the form")
    tried.failed()


def test_pages_show_them_as_text(target: Target, taken: list[Named], attack: Begin) -> None:
    tried = attack("hostile names", "followed to the signer's pages")
    for one in taken:
        number = target.row_of(one.confirm)["id"]
        own = Attacker(target.url).get(f"/my-signature/{target.token(MY_SIGNATURE, [number])}")
        for page in (one.page, own):
            tried.check(page.status == 200, f"{one.signer.name[:20]!r}: {page.status}")
            tried.check(harmless(page), f"{one.signer.name[:20]!r} in a page")
            tried.check("49 Eve" not in page.text, f"{one.signer.name!r} was computed")
            tried.check(clean(page.page.text_content()), f"{one.signer.name[:20]!r} hides signs")
    tried.failed()


def test_mails_do_not_name_them(target: Target, taken: list[Named], attack: Begin) -> None:
    tried = attack("hostile names", "followed to the mails")
    headers = set()
    for one in taken:
        [mail] = target.mails_to(one.signer.email)
        headers.add(tuple(mail.message.keys()))
        tried.tries()
        words = re.sub(r"https?://\S+", "", mail.text)  # a token may spell anything
        tried.looks_for(["Eve", "evil"], words, "a mail")
    tried.check(len(headers) == 1, "a mail has another header")
    tried.failed()


def test_logs_do_not_name_them(target: Target, taken: list[Named], attack: Begin) -> None:
    tried = attack("hostile names", "followed to the log")
    tried.tries(len(taken))
    tried.looks_for(["Eve", "DROP TABLE", "evil.example", "\x1b"], target.log(), "the log")
    tried.failed()


def test_spreadsheets_compute_nothing(
    bundle: zipfile.ZipFile, taken: list[Named], attack: Begin
) -> None:
    tried = attack("hostile names", "followed to the CSV and the XLSX of a bundle")
    rows = list(csv.reader(io.StringIO(member(bundle, "signatures.csv").decode("utf-8-sig"))))
    assert len(rows) == len(taken) + 1
    book = openpyxl.load_workbook(io.BytesIO(member(bundle, "signatures.xlsx")))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    for text in [cell for row in rows for cell in row]:
        tried.check(not text.startswith(STARTS_FORMULA), f"CSV: {text[:20]!r}")
        tried.check(clean(text), f"CSV hides signs: {text[:20]!r}")
    for cell in cells:
        tried.check(cell.data_type != "f" and cell.hyperlink is None, f"XLSX: {cell.value!r}")
    tried.failed()


def test_records_agree_on_who_signed(bundle: zipfile.ZipFile, attack: Begin) -> None:
    tried = attack("hostile names", "followed to the JSON Lines of a bundle")
    lines = [json.loads(line) for line in member(bundle, "signatures.jsonl").splitlines()]
    rows = list(csv.DictReader(io.StringIO(member(bundle, "signatures.csv").decode("utf-8-sig"))))
    for line, row in zip(lines, rows, strict=True):
        # Formulas are disarmed by an apostrophe in the CSV alone.
        same = line["name"].replace("'", "") == row["name"].replace("'", "")
        tried.check(same, f"{line['name'][:20]!r} is {row['name'][:20]!r}")
    tried.failed()


def test_the_list_that_is_handed_over_runs_nothing(bundle: zipfile.ZipFile, attack: Begin) -> None:
    tried = attack("hostile names", "followed to the PDFs of a bundle")
    for end in ("handover/signatures.pdf", "handover/letter.pdf"):
        data = member(bundle, end)
        reader = PdfReader(io.BytesIO(data))
        text = "".join(page.extract_text() for page in reader.pages)
        tried.check("root:" not in text, "a file was read")
        for sign in (b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/URI"):
            tried.check(sign not in data, f"{sign.decode()} in {end}")
        assert all(abs(float(page.mediabox.width) - 595.3) < 1 for page in reader.pages)
    tried.failed()


def harmless(answer: Answer) -> bool:
    """A page whose markup is the site's own, whatever names stand in it."""
    page = lxml.html.document_fromstring(answer.text)
    own = "starts-with(@src, '/static/') or @type = 'application/ld+json'"
    scripts = page.xpath(f"//script[not({own})]")
    handlers = page.xpath("//@*[starts-with(name(), 'on')]")
    signed = page.xpath("//*[contains(text(), 'Eve')]//*[self::b or self::img or self::svg]")
    return not (
        scripts or handlers or signed or page.xpath("//svg | //img[@src='x'] | //comment()")
    )


def clean(text: str) -> bool:
    """Without control signs, without what turns or hides letters, without heaps of marks."""
    joined = re.sub("[\u200c\u200d\u2066-\u2069\n\t]", "", text)
    heaps = re.search("[\u0300-\u036f]{9,}", unicodedata.normalize("NFD", joined))
    return not heaps and not any(unicodedata.category(c) in FORBIDDEN for c in joined)

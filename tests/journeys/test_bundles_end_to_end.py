"""From three signatures over HTTP to bundles that other people's tools verify, on both databases.

Names and places here are improbable, so that each can be looked for in every byte that is kept.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import shutil
import subprocess
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import bagit
import lxml.html
import pytest
from pypdf import PdfReader

from tests.journeys.staging import OPEN, PAST, Signer, Stage, somebody

SAMPLES = 300
NAMED = Signer(
    name="Quillonaxe Vrzblattová",
    initials="Qx. Vz.",
    email="quillonaxe@signers.example",
    place="Ombrefjordheim",
)
BY_INITIALS = Signer(
    name="Zyxquorvian Thrumpelknott",
    initials="Zÿ. Þq.",
    email="zyxquorvian@signers.example",
    place="Krallspitzdorf",
    appearance="initials",
)
COUNTED = Signer(
    name="Ghrendolphine Wubbersky",
    initials="Gŵ. Ẅy.",
    email="ghrendolphine@signers.example",
    place="Mnarfelshavn",
    appearance="counted",
)
SIGNERS = (NAMED, BY_INITIALS, COUNTED)
WITH_NAMES = {
    OPEN: {"ru-investigation-committee-chairman"},
    PAST: {"ru-investigation-committee-chairman", "uz-interior-minister"},
}


@dataclass(frozen=True)
class Bundle:
    """One file as an operator has it, and as somebody who unpacked it sees it."""

    file: Path
    folder: Path
    petition: str

    @property
    def info(self) -> dict[str, str]:
        lines = (self.folder / "bag-info.txt").read_text(encoding="utf-8").splitlines()
        return dict(line.split(": ", 1) for line in lines)

    @property
    def name(self) -> str:
        """What the site calls it."""
        return f"{self.petition}-{self.info['Bundle-Number']}"

    @property
    def has_names(self) -> bool:
        return self.info["Addressee-Identifier"] in WITH_NAMES[self.petition]

    def counts(self) -> dict[str, int]:
        kinds = ("Named", "Initials", "Counted", "Eligible")
        return {kind: int(self.info[f"{kind}-Signatures"]) for kind in kinds}

    def record(self, name: str) -> str:
        return (self.folder / "data" / "record" / name).read_bytes().decode("utf-8")

    def handover(self) -> str:
        """The text of all that is handed over, white space made single."""
        pdfs = sorted((self.folder / "data" / "handover").glob("*.pdf"))
        assert pdfs
        return " ".join(_text_of(pdf.read_bytes()) for pdf in pdfs)

    def everything(self) -> Iterator[tuple[str, str]]:
        """Name and readable content of each file, also of what lies inside a workbook or PDF."""
        for path in sorted(self.folder.rglob("*")):
            if not path.is_file():
                continue
            content, name = path.read_bytes(), path.relative_to(self.folder).as_posix()
            yield name, content.decode("utf-8", errors="replace")
            if path.suffix == ".pdf":
                reader = PdfReader(io.BytesIO(content))
                yield f"{name} (text)", _text_of(content)
                yield f"{name} (about)", f"{reader.metadata} {reader.xmp_metadata}"
            elif path.suffix == ".xlsx":
                with zipfile.ZipFile(path) as book:
                    for part in book.namelist():
                        yield f"{name} ({part})", book.read(part).decode(errors="replace")


@dataclass(frozen=True)
class Built:
    """The site after three people and three hundred samples, and all its bundles."""

    stage: Stage
    key: str
    bundles: tuple[Bundle, ...]
    public: dict[str, int]
    """The public number of each petition when its bundles were built."""
    confirmed: dict[str, list[tuple[Any, ...]]]
    """By petition: appearance, country and how many the database held then."""

    def of(self, petition: str) -> list[Bundle]:
        return [bundle for bundle in self.bundles if bundle.petition == petition]


@pytest.fixture(scope="module")
def built_on(
    stages: Callable[[str], Stage], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Built]:
    """built_on("sqlite"): made by whoever asks first."""
    made: dict[str, Built] = {}

    def build(database: str) -> Built:
        if database not in made:
            made[database] = _build(stages(database), tmp_path_factory.mktemp("bundles"))
        return made[database]

    return build


@pytest.fixture(params=["sqlite", "postgresql"])
def built(request: pytest.FixtureRequest, built_on: Callable[[str], Built]) -> Built:
    return built_on(request.param)


def _build(stage: Stage, directory: Path) -> Built:
    for signer in SIGNERS:
        for petition in (OPEN, PAST):
            answer = stage.visitor().sign(petition, signer.typed())
            assert answer.status == 303
    for signer in SIGNERS:
        for number in (1, 2):
            link = stage.link(stage.mail_to(signer.email, number), "confirm")
            assert stage.visitor().post(link).status == 303
    # One who never confirmed, one who took it back: neither may stand in any bundle.
    stage.signed(somebody(name="Pendelwhisp Unconfirmed"))
    gone = stage.confirmed(somebody(name="Vanishbert Withdrawn"))
    assert stage.visitor().post(gone["not-me"]).status == 200
    key = stage.site.run("bundles", "key").stdout.strip()
    bundles: list[Bundle] = []
    public, confirmed = {}, {}
    for petition in (OPEN, PAST):
        said = stage.site.run("sample-signatures", petition, str(SAMPLES))
        assert str(SAMPLES) in said.stdout
        out = directory / petition
        done = stage.site.run("bundles", "build", petition, "--all", "--out", str(out))
        files = [Path(line) for line in done.stdout.splitlines()]
        assert sorted(files) == sorted(out.iterdir()), "what is printed is what is written"
        bundles += [_unpacked(file, petition) for file in files]
        public[petition] = stage.number(petition)
        confirmed[petition] = stage.rows(
            "SELECT s.appearance, s.country, count(*) FROM signature s"
            " JOIN petition p ON p.id = s.petition_id"
            " WHERE p.slug = :slug AND s.state = 'confirmed' GROUP BY 1, 2",
            slug=petition,
        )
    return Built(stage, key, tuple(bundles), public, confirmed)


def _unpacked(file: Path, petition: str) -> Bundle:
    unpacked = file.with_suffix("")
    with zipfile.ZipFile(file) as bundle:
        assert bundle.testzip() is None
        bundle.extractall(unpacked)
    file = file.rename(unpacked.parent.parent / file.name)
    [folder] = unpacked.iterdir()
    return Bundle(file, folder, petition)


# Who gets a bundle, and what is in it.


def test_every_addressee_has_a_bundle_of_the_fixed_shape(built: Built) -> None:
    to = {bundle.info["Addressee-Identifier"] for bundle in built.of(OPEN)}
    assert to == WITH_NAMES[OPEN]
    to = {bundle.info["Addressee-Identifier"] for bundle in built.of(PAST)}
    assert {*WITH_NAMES[PAST], "ru-border-agency-director"} < to
    assert any("ru-embassy" in one for one in to)
    assert any("uz-embassy" in one for one in to)
    tags = {"bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"}
    tags |= {"tagmanifest-sha256.txt.minisig"}
    for bundle in built.bundles:
        files = {p.relative_to(bundle.folder).as_posix() for p in _files(bundle.folder)}
        payload = {"data/handover/letter.pdf", "data/record/nonce.txt"}
        if bundle.has_names:
            record = ("signatures.csv", "signatures.xlsx", "signatures.jsonl", "commitments.txt")
            payload |= {f"data/record/{name}" for name in record}
            payload |= {"data/handover/signatures.pdf"}
        assert files == tags | payload, bundle.file.name


def test_named_initials_and_counted_are_all_that_is_eligible(built: Built) -> None:
    for petition in (OPEN, PAST):
        rows, public = built.confirmed[petition], built.public[petition]
        assert public == sum(number for _, _, number in rows) >= SAMPLES + len(SIGNERS)
        for bundle in built.of(petition):
            counts = bundle.counts()
            assert counts["Named"] + counts["Initials"] + counts["Counted"] == counts["Eligible"]
            countries = set(bundle.info.get("Countries", "").replace(",", " ").split())
            kept = Counter[str]()
            for appearance, country, number in rows:
                if not countries or country in countries:
                    kept[appearance] += number
            assert counts == {
                "Named": kept["full"],
                "Initials": kept["initials"],
                "Counted": kept["counted"],
                "Eligible": kept.total(),
            }, bundle.file.name
            if not countries:
                assert counts["Eligible"] == public


def test_files_hold_as_many_as_the_numbers_say(built: Built) -> None:
    for bundle in (one for one in built.bundles if one.has_names):
        counts = bundle.counts()
        listed = counts["Named"] + counts["Initials"]
        head, *rows = csv.reader(io.StringIO(bundle.record("signatures.csv"), newline=""))
        assert head == ["number", "name", "place", "country", "signed_on", "verified_by"]
        assert [int(row[0]) for row in rows] == list(range(1, listed + 1))
        assert {row[5] for row in rows} == {"e-mail"}
        lines = [json.loads(line) for line in bundle.record("signatures.jsonl").splitlines()]
        assert [line["number"] for line in lines] == [int(row[0]) for row in rows]
        assert len(set(bundle.record("commitments.txt").splitlines())) == counts["Eligible"]
        runs = [country for country, _ in groupby(row[3] for row in rows)]
        assert len(runs) == len(set(runs)), "the list is not ordered by country"
        assert str(counts["Eligible"]) in bundle.handover()


def test_each_signer_stands_there_as_chosen_and_nowhere_else(built: Built) -> None:
    for bundle in built.bundles:
        handed = bundle.handover()
        if not bundle.has_names:
            assert NAMED.name not in handed
            assert BY_INITIALS.initials not in handed
            continue
        rows = list(csv.DictReader(io.StringIO(bundle.record("signatures.csv"), newline="")))
        [named] = [row for row in rows if row["name"] == NAMED.name]
        assert (named["place"], named["country"]) == (NAMED.place, NAMED.country)
        [initials] = [row for row in rows if row["name"] == BY_INITIALS.initials]
        assert (initials["place"], initials["country"]) == ("", BY_INITIALS.country)
        assert NAMED.name in handed
        assert NAMED.place in handed
        assert BY_INITIALS.initials in handed
        # The same search as below finds what is there.
        holders = {name for name, content in bundle.everything() if NAMED.name in content}
        assert {"data/record/signatures.csv", "data/record/signatures.jsonl"} < holders
        assert "data/handover/signatures.pdf (text)" in holders
        assert any(name.startswith("data/record/signatures.xlsx (") for name in holders)
    never = [COUNTED.name, COUNTED.initials, COUNTED.place, BY_INITIALS.name, BY_INITIALS.place]
    never += ["Pendelwhisp", "Vanishbert", NAMED.initials]
    never += [word for one in never[:5] for word in one.split() if len(word) > 5]
    for bundle in built.bundles:
        for name, content in bundle.everything():
            found = [text for text in never if text.casefold() in content.casefold()]
            assert not found, f"{bundle.file.name}: {name} holds {found}"


def test_no_address_of_a_signer_is_in_any_file(built: Built) -> None:
    addresses = [signer.email for signer in SIGNERS] + ["@signers.example"]
    for bundle in built.bundles:
        for name, content in bundle.everything():
            found = [address for address in addresses if address in content.casefold()]
            assert not found, f"{bundle.file.name}: {name} holds {found}"
            if name.startswith("data/record/"):
                assert not re.search(r"\w@\w+\.\w", content), f"{name} holds an address"


# Other people's tools.


def test_bagit_finds_every_bag_valid(built: Built) -> None:
    for bundle in built.bundles:
        bagit.Bag(str(bundle.folder)).validate()


def test_sha256sum_finds_every_file_whole(built: Built) -> None:
    tool = _tool("sha256sum")
    for bundle in built.bundles:
        for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
            command = [tool, "--check", "--strict", "--quiet", manifest]
            done = _run(command, bundle.folder)
            assert done.returncode == 0, f"{bundle.file.name}: {done.stdout}{done.stderr}"


def test_minisign_finds_every_signature_good(built: Built) -> None:
    tool = _tool("minisign")
    for bundle in built.bundles:
        command = [tool, "-V", "-P", built.key, "-m", "tagmanifest-sha256.txt"]
        done = _run(command, bundle.folder)
        assert done.returncode == 0, f"{bundle.file.name}: {done.stdout}{done.stderr}"


def test_what_is_published_of_a_list_is_checked_by_the_commands_that_its_page_names(
    built: Built, tmp_path: Path
) -> None:
    for tool in ("bash", "curl", "minisign"):
        _tool(tool)
    bundle = next(one for one in built.of(OPEN) if one.has_names)
    page = built.stage.visitor().get(f"/bundles/{bundle.name}").text
    assert NAMED.name not in page
    [commands] = _commands(page)
    done = _run(["bash", "-euc", commands], tmp_path)
    assert done.returncode == 0, done.stderr
    for name in ("tagmanifest-sha256.txt", "tagmanifest-sha256.txt.minisig"):
        assert (tmp_path / name).read_bytes() == (bundle.folder / name).read_bytes()
    published = built.stage.visitor().get(f"/bundles/{bundle.name}/commitments.txt").text
    assert published == bundle.record("commitments.txt")


def test_each_signer_can_prove_to_stand_in_a_list_by_the_two_commands_of_the_page(
    built: Built, tmp_path: Path
) -> None:
    for tool in ("bash", "curl", "sha256sum"):
        _tool(tool)
    bundle = next(one for one in built.of(OPEN) if one.has_names)
    for signer in SIGNERS:
        own = built.stage.own_link(signer, number=3)
        page = lxml.html.fromstring(built.stage.visitor().get(own).text)
        [form] = [one for one in page.forms if one.fields.get("bundle") == bundle.name]
        answer = built.stage.visitor().post(f"{own}/proof", dict(form.form_values()))
        assert answer.status == 200
        _, hashing, finding = _commands(answer.text)
        hashed = _run(["bash", "-euo", "pipefail", "-c", hashing], tmp_path)
        found = _run(["bash", "-euo", "pipefail", "-c", finding], tmp_path)
        digest, _, _ = hashed.stdout.partition(" ")
        line, _, there = found.stdout.strip().partition(":")
        assert there == digest
        assert bundle.record("commitments.txt").splitlines()[int(line) - 1] == digest
        assert (signer.name in answer.text) is (signer.appearance == "full")


def _commands(page: str) -> list[str]:
    return [str(block.text_content()) for block in lxml.html.fromstring(page).iter("pre")]


def test_own_command_verifies_and_tells_what_was_changed(built: Built, tmp_path: Path) -> None:
    site = built.stage.site
    for bundle in (built.of(OPEN)[0], built.of(PAST)[-1]):
        site.run("bundles", "verify", str(bundle.file), "--key", built.key)
        own = site.run("bundles", "verify", str(bundle.file))
        assert "signed with the key of the site on this machine" in own.stdout
    changed = tmp_path / "changed.zip"
    with zipfile.ZipFile(bundle.file) as source, zipfile.ZipFile(changed, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content[:-1] + b"#" if name.endswith("nonce.txt") else content)
    refused = site.run("bundles", "verify", str(changed), "--key", built.key, status=2)
    assert refused.stdout == ""
    assert refused.stderr.count("\n") == 1
    assert "nonce.txt" in refused.stderr
    other = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"
    assert site.run("bundles", "verify", str(bundle.file), "--key", other, status=2).stderr


def test_written_again_a_bundle_has_the_same_bytes(built: Built, tmp_path: Path) -> None:
    [bundle] = built.of(OPEN)[:1]
    number = bundle.info["Bundle-Number"]
    built.stage.site.run("bundles", "write", OPEN, number, "--out", str(tmp_path))
    [again] = tmp_path.iterdir()
    assert again.read_bytes() == bundle.file.read_bytes()


# What is kept, and what is said, is quiet.


def test_nothing_personal_is_in_plain_text_where_the_site_keeps_its_data(built: Built) -> None:
    wanted = _personal()
    stage = built.stage
    for path in _files(stage.data_dir):
        if "mailbox" in path.relative_to(stage.data_dir).parts:
            continue  # the demonstration's mails, to be read by whoever shows it
        found = _found(wanted, path.read_bytes())
        assert not found, f"{path.name} holds {found}"
    kept = "\n".join(row for rows in stage.everything().values() for row in rows)
    found = _found(wanted, kept.encode())
    assert not found, f"the database holds {found}"
    assert _found(["Bastrykin"], kept.encode()), "what is public is found there by the same search"
    if stage.database_url.startswith("sqlite"):
        read = {path.name: path.read_bytes() for path in stage.data_dir.glob("petitions.db*")}
        assert {"petitions.db", "petitions.db-wal"} <= read.keys()
        assert any(_found(["Bastrykin"], content) for content in read.values())


def test_nothing_personal_is_in_what_the_processes_say(built: Built) -> None:
    log = built.stage.log()
    assert "worker started" in log
    found = _found(_personal(), log.encode())
    assert not found, f"the log holds {found}"
    tokens = re.findall(r"/(?:confirm|not-me|my-signature|unsubscribe)/(?!\[)[\w.-]{20,}", log)
    assert tokens == []


def _personal() -> list[str]:
    texts: list[str] = []
    for signer in SIGNERS:
        texts += [signer.name, signer.initials, signer.place, signer.email]
        texts += [*signer.name.split(), signer.email.split("@")[0]]
    return [*texts, "Pendelwhisp", "Vanishbert", "@signers.example"]


def _found(wanted: list[str], content: bytes) -> list[str]:
    """What of the wanted stands there, as text or in one of the usual disguises."""
    content = content.lower()
    return [
        text
        for text in wanted
        for plain in [text.encode()]
        for form in (
            plain.lower(),
            text.lower().encode(),
            plain.hex().encode(),
            text.encode("utf-16-le").lower(),
            json.dumps(text)[1:-1].lower().encode(),
            base64.b64encode(plain)[: len(plain) // 3 * 4].lower(),
        )
        if form in content
    ]


def _files(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if path.is_file())


def _text_of(pdf: bytes) -> str:
    pages = (page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    plain = "\n".join(pages).translate(dict.fromkeys((0x2068, 0x2069, 0x200B, 0xAD)))
    return " ".join(plain.split())


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed here")
    return found


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

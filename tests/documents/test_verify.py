"""Checking a bundle: what was tampered with is said in plain words."""

import subprocess
import sys
import zipfile
from collections.abc import Callable
from copy import copy
from pathlib import Path

import pytest

from petitions.documents import BundleProblem, SigningKey, verify_bundle, write_bundle
from petitions.documents import archive as archives
from petitions.documents.bag import write_bundle_zip
from petitions.documents.minisigning import key_id
from tests.documents.cast import bundle, letter
from tests.documents.zips import Files, files_of, manifest_anew, rewritten

KEY = SigningKey.generate()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("verify") / "bundle.zip"
    write_bundle(bundle(), made, KEY)
    return made


def problem_with(path: Path, key: str | None = KEY.public_key) -> str:
    with pytest.raises(BundleProblem) as problem:
        verify_bundle(path, key)
    return str(problem.value)


def test_bundle_signed_with_the_given_key_is_trusted(path: Path) -> None:
    found = verify_bundle(path, KEY.public_key)
    assert (found.intact, found.signer, found.key_id) == (True, "trusted", key_id(KEY.public_key))
    assert dict(found.facts)["Eligible-Signatures"] == "6"
    assert found.files == 7


def test_without_a_key_the_signer_is_unknown(path: Path) -> None:
    assert verify_bundle(path).signer == "unknown"


def test_bundle_without_names_is_intact(tmp_path: Path) -> None:
    write_bundle(bundle(letter=letter()), tmp_path / "copy.zip", KEY)
    assert verify_bundle(tmp_path / "copy.zip", KEY.public_key).files == 2


@pytest.mark.parametrize(
    "name",
    [
        "data/handover/letter.pdf",
        "data/handover/signatures.pdf",
        "data/record/signatures.csv",
        "data/record/commitments.txt",
        "data/record/nonce.txt",
        "bag-info.txt",
        "bagit.txt",
        "manifest-sha256.txt",
    ],
)
def test_changed_file_is_named(path: Path, name: str) -> None:
    def change(files: Files) -> None:
        files[name] += b"\n"

    changed = rewritten(path, change)
    assert problem_with(changed) == f"{name} was changed after the bundle was signed"
    assert problem_with(changed, None) == f"{name} was changed after the bundle was signed"


@pytest.mark.parametrize("name", ["data/handover/signatures.pdf", "data/record/nonce.txt"])
def test_removed_file_is_named(path: Path, name: str) -> None:
    changed = rewritten(path, lambda files: files.pop(name))
    assert problem_with(changed) == f"{name} is missing: it was removed after the bundle was signed"


@pytest.mark.parametrize("name", ["data/handover/extra.pdf", "extra.txt", "data/x"])
def test_added_file_is_named(path: Path, name: str) -> None:
    changed = rewritten(path, lambda files: files.update({name: b"x"}))
    assert problem_with(changed) == f"{name} was added after the bundle was signed"


@pytest.mark.parametrize(
    "name",
    ["bagit.txt", "bag-info.txt", "tagmanifest-sha256.txt", "tagmanifest-sha256.txt.minisig"],
)
def test_missing_tag_file_is_named(path: Path, name: str) -> None:
    changed = rewritten(path, lambda files: files.pop(name))
    assert problem_with(changed) == f"{name} is missing, so this is not a complete bundle"


def test_forger_without_the_key_is_found_out(path: Path) -> None:
    def forge(files: Files) -> None:
        files["data/handover/letter.pdf"] = b"%PDF-forged"
        payload = [name for name in files if name.startswith("data/")]
        manifest_anew(files, "manifest-sha256.txt", payload)
        tags = ["bag-info.txt", "bagit.txt", "manifest-sha256.txt"]
        manifest_anew(files, "tagmanifest-sha256.txt", tags)

    assert problem_with(rewritten(path, forge)).startswith("the signature is not valid")


def test_bundle_signed_anew_with_another_key_is_not_trusted(path: Path, tmp_path: Path) -> None:
    other = SigningKey.generate()
    write_bundle(bundle(), tmp_path / "other.zip", other)
    said = "the bundle was signed with another key than the one given"
    assert problem_with(tmp_path / "other.zip") == said
    assert verify_bundle(tmp_path / "other.zip").signer == "unknown"
    assert verify_bundle(path, KEY.public_key).signer == "trusted"


@pytest.mark.parametrize("key", ["", "RWx", "hello"])
def test_given_text_that_is_no_key_is_said(path: Path, key: str) -> None:
    assert "key" in problem_with(path, key)


def damaged_signature(files: Files) -> None:
    files["tagmanifest-sha256.txt.minisig"] = b"not a signature\n"


def test_signature_that_cannot_be_read_is_said(path: Path) -> None:
    assert problem_with(rewritten(path, damaged_signature)).startswith("the signature is not valid")


# What a careless signer, not a forger, may have put under a good signature.


def signed_anew(path: Path, folder: Path, change: Callable[[Files], object]) -> Path:
    """The bundle's files, changed, in a bag that is signed properly."""
    files = files_of(path)
    change(files)
    for name, data in files.items():
        target = folder / "staging" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    lines = files["bag-info.txt"].decode().splitlines()
    pairs = [
        (label, value.strip()) for label, _colon, value in (line.partition(":") for line in lines)
    ]
    info = [pair for pair in pairs if pair[0] not in {"Payload-Oxum", "Minisign-Public-Key"}]
    made = folder / "anew.zip"
    write_bundle_zip(folder / "staging", info, KEY, made, root="x", trusted_comment="x")
    return made


def without_last_line(name: str) -> Callable[[Files], object]:
    return lambda files: files.update({name: b"".join(files[name].splitlines(True)[:-1])})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without_last_line("data/record/commitments.txt"), "commitments.txt has 5 lines"),
        (without_last_line("data/record/signatures.csv"), "signatures.csv has 3 lines"),
        (without_last_line("data/record/signatures.jsonl"), "signatures.jsonl has 3 lines"),
        (
            lambda files: files.update(
                {"bag-info.txt": files["bag-info.txt"].replace(b"Counted-Signatures: 2", b"x: y")}
            ),
            "does not say Counted-Signatures",
        ),
        (
            lambda files: files.update(
                {
                    "bag-info.txt": files["bag-info.txt"].replace(
                        b"Eligible-Signatures: 6", b"Eligible-Signatures: 7"
                    )
                }
            ),
            "do not add up",
        ),
        (
            lambda files: files.update({"data/record/commitments.txt": b"abc\n" * 6}),
            "not a sorted list of hashes",
        ),
        (
            lambda files: files.update({"data/record/signatures.csv": b"name,mail\r\n"}),
            "other columns",
        ),
        (
            lambda files: files.update({"data/record/signatures.csv": b"\xff\xfe\r\n"}),
            "cannot be read",
        ),
        (lambda files: files.pop("data/record/signatures.jsonl"), "signatures.jsonl is missing"),
    ],
)
def test_numbers_that_do_not_agree_are_said(
    path: Path, tmp_path: Path, change: Callable[[Files], object], said: str
) -> None:
    assert said in problem_with(signed_anew(path, tmp_path, change))


def test_signed_anew_without_a_change_is_intact(path: Path, tmp_path: Path) -> None:
    assert verify_bundle(signed_anew(path, tmp_path, lambda _files: None), KEY.public_key).intact


def resigned(path: Path, change: Callable[[Files], object]) -> Path:
    """The bundle with its files changed and the tag manifest, as it then is, signed."""

    def change_and_sign(files: Files) -> None:
        change(files)
        signature = KEY.sign(files["tagmanifest-sha256.txt"], "x")
        files["tagmanifest-sha256.txt.minisig"] = signature.encode()

    return rewritten(path, change_and_sign)


def retagged(files: Files) -> None:
    tags = ["bag-info.txt", "bagit.txt", "manifest-sha256.txt"]
    manifest_anew(files, "tagmanifest-sha256.txt", tags)


def replaced(name: str, old: bytes, new: bytes) -> Callable[[Files], object]:
    def change(files: Files) -> None:
        assert old in files[name]
        files[name] = files[name].replace(old, new)
        if name != "tagmanifest-sha256.txt":
            retagged(files)

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda files: manifest_anew(files, "tagmanifest-sha256.txt", ["bagit.txt"]),
            "bag-info.txt is not covered by the signature",
        ),
        (replaced("tagmanifest-sha256.txt", b"  bagit.txt", b""), "has a line that cannot be read"),
        (replaced("manifest-sha256.txt", b"data/record/n", b"bagit.txt/n"), "was added after"),
        (replaced("bag-info.txt", b"Payload-Oxum: ", b"Payload-Oxum: 1"), "Payload-Oxum"),
        (replaced("bag-info.txt", b"Open Letter", b"\xff"), "bag-info.txt is not UTF-8 text"),
    ],
)
def test_bag_that_was_signed_broken_is_said(
    path: Path, change: Callable[[Files], object], said: str
) -> None:
    assert said in problem_with(resigned(path, change))


def test_manifest_that_lists_no_payload_is_said(path: Path) -> None:
    def change(files: Files) -> None:
        payload = [name for name in files if name.startswith("data/")]
        manifest_anew(files, "manifest-sha256.txt", [*payload, "bagit.txt"])
        retagged(files)

    assert "lists bagit.txt, which is not payload" in problem_with(resigned(path, change))


def test_bundle_without_a_public_key_needs_one_given(path: Path) -> None:
    changed = resigned(path, replaced("bag-info.txt", b"Minisign-Public-Key", b"Another-Key"))
    assert problem_with(changed, None) == (
        "bag-info.txt names no Minisign-Public-Key, and no key was given"
    )
    assert verify_bundle(changed, KEY.public_key).signer == "trusted"


def test_folded_values_in_bag_info_are_joined(path: Path) -> None:
    folded = replaced("bag-info.txt", b"Open Letter Network", b"Open Letter\n  Network")
    facts = dict(verify_bundle(resigned(path, folded), KEY.public_key).facts)
    assert facts["Source-Organization"] == "Open Letter Network"


# Files that are no bundles.


def zip_of(folder: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    made = folder / "made.zip"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members:
            packed.writestr(name, data)
    return made


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o120777 << 16
    return info


def test_file_that_is_no_zip_is_said(tmp_path: Path) -> None:
    (tmp_path / "made.zip").write_bytes(b"hello")
    assert problem_with(tmp_path / "made.zip").startswith(
        "this is not a zip file, or it is cut off"
    )


def test_bundle_that_is_cut_off_or_added_to_is_said(path: Path, tmp_path: Path) -> None:
    whole = path.read_bytes()
    for changed in (whole[:-1], whole[:-100], whole[: len(whole) // 2], whole + b"x", b""):
        (tmp_path / "made.zip").write_bytes(changed)
        said = problem_with(tmp_path / "made.zip")
        assert said.startswith("this is not a zip file, or it is cut off")


def test_every_flipped_byte_in_the_contents_is_found(path: Path, tmp_path: Path) -> None:
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as packed:
        starts = [info.header_offset + 30 + len(info.filename) for info in packed.infolist()]
    for at in starts:
        flipped = bytearray(whole)
        flipped[at + 5] ^= 0x01
        (tmp_path / "made.zip").write_bytes(flipped)
        assert problem_with(tmp_path / "made.zip")


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ([("a/bagit.txt", b""), ("b/bagit.txt", b"")], "and has 2"),
        ([("bagit.txt", b"")], "holds loose files"),
        ([], "and has 0"),
        ([("../evil", b"")], "leads outside"),
        ([("a/../../evil", b"")], "leads outside"),
        ([("/etc/passwd", b"")], "leads outside"),
        ([("a\\..\\evil", b"")], "leads outside"),
        ([("C:/evil", b"")], "leads outside"),
        ([("a/./x", b"")], "leads outside"),
        ([("a/x\n", b"")], "leads outside"),
        ([(link("a/x"), b"/etc/passwd")], "holds a link"),
        ([("a/x", b"")], "bagit.txt is missing"),
    ],
)
def test_strange_zip_is_refused(
    tmp_path: Path, members: list[tuple[str | zipfile.ZipInfo, bytes]], said: str
) -> None:
    assert said in problem_with(zip_of(tmp_path, *members))


def test_zip_whose_files_overlap_is_refused(tmp_path: Path) -> None:
    made = tmp_path / "made.zip"
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("a/x", bytes(10_000))
        for nth in range(50):  # the same bytes under fifty names
            twin = copy(packed.getinfo("a/x"))
            twin.filename = f"a/{nth}"
            packed.filelist.append(twin)
    assert problem_with(made) == "the zip's files overlap"


def test_encrypted_zip_is_refused(tmp_path: Path) -> None:
    made = zip_of(tmp_path, ("a/x", b"1"))
    data = bytearray(made.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    made.write_bytes(data)
    assert problem_with(made) == "the zip is encrypted"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_file_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    assert "holds x twice" in problem_with(zip_of(tmp_path, ("a/x", b"1"), ("a/x", b"2")))


def test_zip_that_unpacks_too_big_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", 1_000_000)
    made = zip_of(tmp_path, ("a/x", bytes(1_000_001)))
    assert made.stat().st_size < 10_000
    assert "unpack to more" in problem_with(made)


def test_tag_file_that_is_too_big_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_TAG_BYTES", 100)
    assert "too big" in problem_with(path)


def test_zip_with_too_many_files_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MOST_MEMBERS", 2)
    assert "more files" in problem_with(zip_of(tmp_path, *((f"a/{n}", b"") for n in range(3))))


def test_checking_loads_no_typesetter_and_no_web_application(path: Path) -> None:
    code = (
        "import sys, pathlib, petitions.documents as documents\n"
        f"documents.verify_bundle(pathlib.Path({str(path)!r}))\n"
        "print({'typst', 'flask', 'sqlalchemy', 'fontTools', 'babel'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"

"""Signatures that minisign itself accepts, and keys that survive being stored."""

import shutil
import subprocess
from pathlib import Path

import pytest

from petitions.documents import SigningKey
from petitions.documents.minisigning import ForeignKey, SignatureProblem, key_id, verify

DATA = b"a tag manifest\n"


def test_signature_fits_and_returns_its_comment() -> None:
    key = SigningKey.generate()
    assert verify(DATA, key.sign(DATA, "bundle:case-3"), key.public_key) == "bundle:case-3"


def test_public_key_may_come_as_a_key_file() -> None:
    key = SigningKey.generate()
    text = f"untrusted comment: minisign public key\n{key.public_key}\n"
    assert key.public_key.startswith("RW")
    assert verify(DATA, key.sign(DATA, "x"), text) == "x"


def test_stored_key_signs_the_same() -> None:
    key = SigningKey.generate()
    again = SigningKey.from_bytes(key.to_bytes())
    assert again.public_key == key.public_key
    assert again.sign(DATA, "x") == key.sign(DATA, "x")


def test_changed_data_or_comment_is_refused() -> None:
    key = SigningKey.generate()
    signature = key.sign(DATA, "bundle:case-3")
    with pytest.raises(SignatureProblem):
        verify(DATA + b"x", signature, key.public_key)
    with pytest.raises(SignatureProblem):
        verify(DATA, signature.replace("case-3", "case-4"), key.public_key)


def test_other_key_is_told_apart_from_a_bad_signature() -> None:
    signature = SigningKey.generate().sign(DATA, "x")
    with pytest.raises(ForeignKey):
        verify(DATA, signature, SigningKey.generate().public_key)


@pytest.mark.parametrize("text", ["", "RW", "not a key", "untrusted comment: x\n"])
def test_text_that_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(SignatureProblem):
        key_id(text)
    with pytest.raises(SignatureProblem):
        SigningKey.from_bytes(text.encode())


def test_repr_shows_the_key_id_alone() -> None:
    key = SigningKey.generate()
    assert repr(key) == f"<SigningKey {key_id(key.public_key)}>"


def test_minisign_itself_accepts_the_signature(tmp_path: Path) -> None:
    if not shutil.which("minisign"):
        pytest.skip("minisign is not on PATH (Debian: apt install minisign)")
    key = SigningKey.generate()
    file = tmp_path / "tagmanifest-sha256.txt"
    file.write_bytes(DATA)
    file.with_name(f"{file.name}.minisig").write_text(key.sign(DATA, "bundle:case-3"))
    command = ["minisign", "-V", "-m", str(file), "-P", key.public_key]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "bundle:case-3" in ran.stdout
    file.write_bytes(DATA + b"x")
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0

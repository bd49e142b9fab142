"""Checking a bundle somebody holds, with nothing but the file and, if they have it, the public key.

No settings, no database, no typesetter. What is wrong is said in one plain sentence.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from petitions.documents.archive import Archive, ArchiveProblem
from petitions.documents.bag import MANIFEST, SIGNATURE, TAG_MANIFEST
from petitions.documents.minisigning import ForeignKey, SignatureProblem, key_id, verify
from petitions.documents.recount import COMMITMENTS, recount

TAG_FILES = ("bagit.txt", "bag-info.txt", MANIFEST, TAG_MANIFEST, SIGNATURE)

_AFTER = "after the bundle was signed"


class BundleProblem(ValueError):
    """The bundle is not what was signed; the message says in plain words what is wrong."""


@dataclass(frozen=True, slots=True)
class Verification:
    """An intact bundle. `signer` is "trusted" where the signature fits the key that was given, and
    "unknown" where none was given: then only the bundle's own word says who signed."""

    intact: bool
    signer: Literal["trusted", "unknown"]
    key_id: str
    facts: tuple[tuple[str, str], ...]
    files: int


def verify_bundle(path: Path, public_key: str | None = None) -> Verification:
    """Check every byte of a bundle against its signature.

    Raises BundleProblem, also where the file cannot be read.
    `public_key` is the RW... line, or the text of a minisign `.pub` file.
    """
    try:
        with Archive(path) as archive:
            return _verification(archive, public_key)
    except ArchiveProblem as problem:
        raise BundleProblem(str(problem)) from problem
    except OSError as problem:
        raise BundleProblem(
            f"the file cannot be read: {problem.strerror or 'the device failed'}"
        ) from problem


def _verification(archive: Archive, public_key: str | None) -> Verification:
    for name in TAG_FILES:
        if name not in archive.names:
            raise BundleProblem(f"{name} is missing, so this is not a complete bundle")
    facts = _facts(archive.text("bag-info.txt"))
    given = public_key is not None
    key = public_key if public_key is not None else dict(facts).get("Minisign-Public-Key", "")
    _check_signature(archive, key, given=given)
    _check_tag_files(archive)
    manifest = _manifest(archive, MANIFEST)
    _check_payload(archive, manifest)
    _check_numbers(archive, dict(facts), manifest)
    signer: Literal["trusted", "unknown"] = "trusted" if given else "unknown"
    return Verification(True, signer, key_id(key), facts, len(manifest))


def _facts(text: str) -> tuple[tuple[str, str], ...]:
    """The label and value pairs of bag-info.txt; folded lines are joined (RFC 8493, 2.2.2)."""
    pairs: list[tuple[str, str]] = []
    for line in text.splitlines():
        label, colon, value = line.partition(":")
        if line[:1] in {" ", "\t"} and pairs:
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]} {line.strip()}")
        elif colon:
            pairs.append((label.strip(), value.strip()))
    return tuple(pairs)


def _check_signature(archive: Archive, key: str, *, given: bool) -> None:
    if not key and not given:
        raise BundleProblem("bag-info.txt names no Minisign-Public-Key, and no key was given")
    try:
        key_id(key)
    except SignatureProblem as problem:
        where = "the key given" if given else "the Minisign-Public-Key in bag-info.txt"
        raise BundleProblem(f"{where} is not a minisign public key") from problem
    try:
        verify(archive.text(TAG_MANIFEST).encode(), archive.text(SIGNATURE), key)
    except ForeignKey as problem:
        whose = "given" if given else "that bag-info.txt names"
        raise BundleProblem(
            f"the bundle was signed with another key than the one {whose}"
        ) from problem
    except SignatureProblem as problem:
        raise BundleProblem(
            f"the signature is not valid: {TAG_MANIFEST} was changed {_AFTER}"
        ) from problem


def _check_tag_files(archive: Archive) -> None:
    listed = _manifest(archive, TAG_MANIFEST)
    for name, digest in listed.items():
        _check_file(archive, name, digest)
    required = set(TAG_FILES) - {TAG_MANIFEST, SIGNATURE}
    for name in sorted(required - set(listed)):
        raise BundleProblem(f"{name} is not covered by the signature")
    extra = (
        {name for name in archive.names if not name.startswith("data/")}
        - set(listed)
        - set(TAG_FILES)
    )
    for name in sorted(extra):
        raise BundleProblem(f"{name} was added {_AFTER}")


def _check_payload(archive: Archive, manifest: dict[str, str]) -> None:
    payload = {name for name in archive.names if name.startswith("data/")}
    for name in sorted(payload - set(manifest)):
        raise BundleProblem(f"{name} was added {_AFTER}")
    for name, digest in manifest.items():
        if not name.startswith("data/"):
            raise BundleProblem(f"{MANIFEST} lists {name}, which is not payload")
        _check_file(archive, name, digest)


def _check_file(archive: Archive, name: str, digest: str) -> None:
    if name not in archive.names:
        raise BundleProblem(f"{name} is missing: it was removed {_AFTER}")
    if archive.sha256(name) != digest:
        raise BundleProblem(f"{name} was changed {_AFTER}")


def _manifest(archive: Archive, manifest: str) -> dict[str, str]:
    """File names and their digests. Raises BundleProblem for a line that is no such pair."""
    listed: dict[str, str] = {}
    for line in archive.text(manifest).splitlines():
        digest, _space, name = line.partition(" ")
        name = name.strip()
        if len(digest) != 64 or not name.isprintable() or not name or name in listed:
            raise BundleProblem(f"{manifest} has a line that cannot be read")
        listed[name] = digest.lower()
    return listed


def _check_numbers(archive: Archive, facts: dict[str, str], manifest: dict[str, str]) -> None:
    octets = sum(archive.size(name) for name in manifest)
    if facts.get("Payload-Oxum") != f"{octets}.{len(manifest)}":
        raise BundleProblem("the Payload-Oxum in bag-info.txt does not fit the files")
    if COMMITMENTS in manifest:
        recount(archive, facts)

"""One BagIt bag (RFC 8493) around a finished payload, signed and zipped.

It knows nothing of petitions. The standard library writes it, because `bagit` works on folders in
place and stamps its own name and the day. The same payload, metadata and key give the same bytes.
"""

import os
import shutil
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO

from petitions.documents.minisigning import SigningKey
from petitions.documents.staging import partial_file

BAGIT = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
TAG_MANIFEST = "tagmanifest-sha256.txt"
SIGNATURE = TAG_MANIFEST + ".minisig"
MANIFEST = "manifest-sha256.txt"

_EPOCH = (1980, 1, 1, 0, 0, 0)
_COMPRESSED = {".pdf", ".xlsx"}
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class BundleProof:
    """What an organisation keeps of a bundle once the file itself is gone."""

    tag_manifest: str
    signature: str
    tag_manifest_sha256: str


def write_bundle_zip(
    staging: Path,
    info: Iterable[tuple[str, str]],
    signing_key: SigningKey,
    out_path: Path,
    *,
    root: str,
    trusted_comment: str,
) -> BundleProof:
    """Make a signed bag of `staging/data` and put it at `out_path` in one step, as a zip.

    `info` are the bag-info pairs in order; Payload-Oxum and Minisign-Public-Key are added. `root`
    is the one folder in the zip. The tag files are written into `staging`. A crash at any instant
    leaves the old file at `out_path` or the new one, never a half.
    """
    payload = payload_files(staging)
    proof = _write_tag_files(staging, payload, info, signing_key, trusted_comment)
    members = sorted([*payload, "bagit.txt", "bag-info.txt", MANIFEST, TAG_MANIFEST, SIGNATURE])
    with partial_file(out_path.parent) as (partial, handle):
        with os.fdopen(handle, "wb", closefd=False) as file:
            _write_zip(file, staging, members, root)
        os.fsync(handle)
        os.replace(partial, out_path)
    _sync_folder(out_path.parent)
    return proof


def payload_files(staging: Path) -> list[str]:
    """All files under `staging/data`: sorted, relative to `staging`, with forward slashes."""
    files = (path for path in (staging / "data").rglob("*") if path.is_file())
    return sorted(path.relative_to(staging).as_posix() for path in files)


def _write_tag_files(
    staging: Path,
    payload: list[str],
    info: Iterable[tuple[str, str]],
    signing_key: SigningKey,
    trusted_comment: str,
) -> BundleProof:
    octets = sum((staging / name).stat().st_size for name in payload)
    pairs = [
        *info,
        ("Payload-Oxum", f"{octets}.{len(payload)}"),
        ("Minisign-Public-Key", signing_key.public_key),
    ]
    _write(staging / "bagit.txt", BAGIT)
    _write(
        staging / "bag-info.txt",
        "".join(f"{label}: {_one_line(value)}\n" for label, value in pairs),
    )
    _write(staging / MANIFEST, _manifest(staging, payload))
    tag_manifest = _manifest(staging, ["bag-info.txt", "bagit.txt", MANIFEST])
    _write(staging / TAG_MANIFEST, tag_manifest)
    signature = signing_key.sign(tag_manifest.encode(), trusted_comment)
    _write(staging / SIGNATURE, signature)
    return BundleProof(tag_manifest, signature, sha256(tag_manifest.encode()).hexdigest())


def _manifest(staging: Path, names: list[str]) -> str:
    return "".join(f"{_file_sha256(staging / name)}  {name}\n" for name in names)


def _file_sha256(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _one_line(value: str) -> str:
    # RFC 8493 2.2.2: a line end inside a value would begin another element.
    return " ".join(value.split())


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")


def _write_zip(file: IO[bytes], staging: Path, members: list[str], root: str) -> None:
    with zipfile.ZipFile(file, "w") as bundle:
        for name in members:
            path = staging / name
            info = zipfile.ZipInfo(f"{root}/{name}", _EPOCH)
            info.create_system = 3
            info.external_attr = 0o100644 << 16
            stored = path.suffix in _COMPRESSED
            info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            info.file_size = path.stat().st_size
            with path.open("rb") as source, bundle.open(info, "w") as target:
                shutil.copyfileobj(source, target, _CHUNK)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

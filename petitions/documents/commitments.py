"""Commitments: one salted hash per eligible signature, so that a list can be proved later.

A commitment is the SHA-256, in lower-case hexadecimal, of one UTF-8 line without its line end:
`v1<TAB>salt<TAB>bundle<TAB>name<TAB>place<TAB>country`, for a counted signature
`v1<TAB>salt<TAB>bundle<TAB>counted`; the salt is 32 hexadecimal digits. Whoever is shown a signer's
line can find its hash in the file; nobody can guess the line from the hash.
"""

import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from hashlib import sha256
from typing import IO, TextIO

from petitions.documents.entries import Entry

DIGEST_BYTES = 32
_BUCKETS = 16


def commitment_line(entry: Entry, bundle_id: str) -> str:
    """The line that a commitment hashes. Raises ValueError where a field has a tab or line end."""
    fields = [entry.salt.hex(), bundle_id]
    if entry.appearance == "counted":
        fields += ["counted"]
    else:
        fields += [entry.name, entry.place, entry.country]
    line = "\t".join(["v1", *fields])
    if line.count("\t") != len(fields) or "\n" in line or "\r" in line:
        raise ValueError("a committed field holds a tab or a line end")
    return line


def commitment(entry: Entry, bundle_id: str) -> str:
    """The commitment of one entry: 64 lower-case hexadecimal digits."""
    return sha256(commitment_line(entry, bundle_id).encode()).hexdigest()


def write_commitments(entries: Iterable[Entry], bundle_id: str, file: TextIO) -> int:
    """Write one commitment a line, sorted so that the order tells nothing; return how many."""
    with CommitmentSorter(bundle_id) as sorter:
        for entry in entries:
            sorter.add(entry)
        return sorter.write(file)


class CommitmentSorter:
    """Sorts any number of commitments in flat memory: digests are dealt out to temporary files.

    The files hold salted hashes only, no names.
    """

    def __init__(self, bundle_id: str) -> None:
        self._bundle_id = bundle_id
        self._stack = ExitStack()
        self._buckets: list[IO[bytes]] = []

    def __enter__(self) -> "CommitmentSorter":
        for _ in range(_BUCKETS):
            self._buckets.append(self._stack.enter_context(tempfile.TemporaryFile()))
        return self

    def __exit__(self, *_problem: object) -> None:
        self._stack.close()

    def add(self, entry: Entry) -> None:
        digest = sha256(commitment_line(entry, self._bundle_id).encode()).digest()
        self._buckets[digest[0] * _BUCKETS // 256].write(digest)

    def write(self, file: TextIO) -> int:
        """Write all digests in ascending order; return how many."""
        written = 0
        for bucket in self._buckets:
            bucket.seek(0)
            block = bucket.read()
            digests = [block[at : at + DIGEST_BYTES] for at in range(0, len(block), DIGEST_BYTES)]
            file.writelines(f"{digest.hex()}\n" for digest in sorted(digests))
            written += len(digests)
        return written

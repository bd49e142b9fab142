"""Files locked under a key that is kept elsewhere."""

from __future__ import annotations

import io

import pytest

from petitions.errors import CannotOpen
from petitions.vault.files import lock_file, new_file_key, unlocked_parts

PART = 64 * 1024
KEY = new_file_key()


def locked(plain: bytes) -> bytes:
    target = io.BytesIO()
    lock_file(io.BytesIO(plain), target, KEY, b"file 1")
    return target.getvalue()


def opened(content: bytes, key: bytes = KEY, context: bytes = b"file 1") -> bytes:
    return b"".join(unlocked_parts(io.BytesIO(content), key, context))


@pytest.mark.parametrize("size", [0, 1, PART - 1, PART, PART + 1, 3 * PART])
def test_what_was_locked_opens_whole_and_the_plain_text_is_not_in_it(size: int) -> None:
    plain = (b"Ada Lovelace " * (size // 13 + 1))[:size]
    content = locked(plain)
    assert opened(content) == plain
    assert b"Ada Lovelace" not in content
    assert locked(plain) != content


def test_another_key_another_place_and_a_cut_file_do_not_open() -> None:
    content = locked(bytes(3 * PART))
    swapped = content[:32] + content[32 + PART + 16 : 32 + 2 * (PART + 16)] + content[32:]
    for damaged, key, context in (
        (content, new_file_key(), b"file 1"),
        (content, KEY, b"file 2"),
        (content[: 32 + 2 * (PART + 16)], KEY, b"file 1"),
        (content[:-1], KEY, b"file 1"),
        (content[:32], KEY, b"file 1"),
        (swapped, KEY, b"file 1"),
        (b"", KEY, b"file 1"),
    ):
        with pytest.raises(CannotOpen):
            opened(damaged, key, context)

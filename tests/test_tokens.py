"""Tokens: one purpose each; missing, expired and wrong are three outcomes; keys rotate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from petitions.errors import StampExpired, TokenExpired, TokenUnknown
from petitions.tokens import CONFIRM, NOT_ME, Stamp, Tokens, bytes_of, text_of

NOW = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
OLD, NEW = "old-key-" * 8, "new-key-" * 8


def test_token_is_good_for_its_purpose_until_it_expires() -> None:
    tokens = Tokens([NEW])
    token = tokens.mint(CONFIRM, [7, 1], NOW)
    assert tokens.read(CONFIRM, token, NOW + CONFIRM.lifetime) == [7, 1]
    with pytest.raises(TokenUnknown):
        tokens.read(NOT_ME, token, NOW)
    with pytest.raises(TokenExpired) as expired:
        tokens.read(CONFIRM, token, NOW + CONFIRM.lifetime + timedelta(seconds=1))
    assert expired.value.payload == [7, 1]


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "W10.aaaa.bbbb", "é" * 10])
def test_what_we_never_made_is_unknown(token: str) -> None:
    with pytest.raises(TokenUnknown):
        Tokens([NEW]).read(CONFIRM, token, NOW)


def test_keys_rotate_and_retired_ones_end() -> None:
    token = Tokens([OLD]).mint(CONFIRM, [7], NOW)
    assert Tokens([NEW, OLD]).read(CONFIRM, token, NOW) == [7]
    assert Tokens([OLD]).read(CONFIRM, Tokens([OLD, NEW]).mint(CONFIRM, [8], NOW), NOW) == [8]
    with pytest.raises(TokenUnknown):
        Tokens([NEW]).read(CONFIRM, token, NOW)


def test_a_clock_that_steps_back_expires_nothing() -> None:
    tokens = Tokens([NEW])
    token = tokens.mint(CONFIRM, [7], NOW)
    assert tokens.read(CONFIRM, token, NOW - timedelta(hours=1)) == [7]


def test_stamp_is_the_same_for_all_readers_of_an_hour_and_good_for_a_day() -> None:
    tokens = Tokens([NEW])
    stamp = tokens.stamp(3, 1, 2, "uz", NOW)
    assert stamp == tokens.stamp(3, 1, 2, "uz", NOW + timedelta(minutes=20))
    assert tokens.read_stamp(stamp, NOW + timedelta(days=1)) == Stamp(3, 1, 2, "uz")
    with pytest.raises(StampExpired):
        tokens.read_stamp(stamp, NOW + timedelta(days=1, hours=1))
    with pytest.raises(StampExpired):
        tokens.read_stamp("", NOW)


def test_bytes_ride_in_a_payload() -> None:
    assert bytes_of(text_of(bytes(range(32)))) == bytes(range(32))

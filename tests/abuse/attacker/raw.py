"""Bytes on a socket, for what no HTTP library would send: lies about lengths, half sentences."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Reply:
    """What came back: the status, or 0 where the connection was closed without a word."""

    status: int
    seconds: float
    data: bytes = field(repr=False)


def say(url: str, *parts: bytes, pause: float = 0.0, patience: float = 20.0) -> Reply:
    """Send the parts one after the other, and read until the site closes or has answered.

    Raises TimeoutError where it does neither within `patience` seconds.
    """
    host = urlsplit(url)
    began = time.monotonic()
    with socket.create_connection((host.hostname or "", host.port or 80), patience) as connection:
        try:
            for number, part in enumerate(parts):
                if number:
                    time.sleep(pause)
                connection.sendall(part)
            data = _answer(connection, began + patience)
        except (BrokenPipeError, ConnectionResetError):
            data = _left(connection)
    return Reply(_status(data), time.monotonic() - began, data)


def _answer(connection: socket.socket, until: float) -> bytes:
    data = b""
    while not _whole(data):
        connection.settimeout(max(0.01, until - time.monotonic()))
        part = connection.recv(65536)
        if not part:
            break
        data += part
    return data


def _left(connection: socket.socket) -> bytes:
    """What the site said before it hung up in the middle of our sentence."""
    try:
        return connection.recv(65536)
    except OSError:
        return b""


def _whole(data: bytes) -> bool:
    head, found, body = data.partition(b"\r\n\r\n")
    if not found:
        return False
    lines = head.lower().split(b"\r\n")
    lengths = [int(line[15:]) for line in lines if line.startswith(b"content-length:")]
    return not lengths or len(body) >= lengths[0]


def _status(data: bytes) -> int:
    words = data.split(maxsplit=2)
    return int(words[1]) if len(words) > 1 and words[0].startswith(b"HTTP/") else 0

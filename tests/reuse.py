"""What every application of this code works out alike is worked out once in a test process.

A test has an application of its own. Most of the time to make one went into functions that build
URLs, most of the time of its first page into compiling templates, and much of that of its first
queries into spelling them in SQL: as many times as there are tests, with the same result each time.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule


class CompiledTemplates(BytecodeCache):
    """Keeps what templates were compiled to in memory, as long as their source is the same."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._kept[bucket.key, bucket.checksum] = bucket.code


def work_out_once() -> None:
    """For every application that this process makes from now on."""
    statements = LRUCache[Any, Any](4000)
    for owner, name, mine in (
        (Flask, "jinja_options", {**Flask.jinja_options, "bytecode_cache": CompiledTemplates()}),
        (Rule, "_compile_builder", _remembered(Rule._compile_builder)),
        (Engine, "_compiled_cache", property(lambda _: statements, lambda *_: None)),
        # Statements are kept by dialect; all databases of a kind are set up alike here.
        (DefaultDialect, "__eq__", lambda one, other: type(one) is type(other)),
        (DefaultDialect, "__hash__", lambda one: hash(type(one))),
    ):
        setattr(owner, name, mine)


Builder = Callable[..., tuple[str, str]]


def _remembered(compile_builder: Callable[..., Builder]) -> Callable[..., Builder]:
    kept: dict[Any, Builder] = {}

    def compiled(rule: Rule, append_unknown: bool = True) -> Builder:
        # All that goes into the function; for what converts, it asks the rule it is bound to.
        if rule.defaults:
            return compile_builder(rule, append_unknown)
        key = (rule.rule, tuple(rule._trace), append_unknown)
        if key not in kept:
            kept[key] = compile_builder(rule, append_unknown)
        return kept[key]

    return compiled

"""How commands speak: results on standard output, everything else on standard error."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click


def note(text: str) -> None:
    """Say something that is not a result."""
    click.echo(text, err=True)


def result(text: str) -> None:
    """Say a result; flushed, so that who reads a pipe has it at once."""
    click.echo(text)
    sys.stdout.flush()


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print aligned columns; a pipe gets tabs, so that `cut` works."""
    lines = [list(heads), *([str(cell) for cell in row] for row in rows)]
    if not sys.stdout.isatty():
        for line in lines:
            result("\t".join(line))
        return
    widths = [max(len(line[i]) for line in lines) for i in range(len(heads))]
    for line in lines:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        result("  ".join(padded).rstrip())


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Yield what is told how many steps are done by now; a bar on a terminal, silence in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)

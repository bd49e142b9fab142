"""Which errors are expected, and how each is said in one line. All others are our faults."""

import sys

import click


def refusal_of(error: BaseException) -> str | None:
    """Return one line for an expected error, or None for one that deserves its traceback."""
    if isinstance(error, click.UsageError):
        return _one_line(f"{error.format_message()} {_where_to_look(error)}")
    if isinstance(error, click.ClickException):
        return _one_line(error.format_message())
    if isinstance(error, OSError):
        return _one_line(_of_system(error))
    if _is_ours(error):
        return _one_line(str(error) or type(error).__name__)
    return _of_database(error)


def _is_ours(error: BaseException) -> bool:
    from petitions.errors import PetitionsError

    # Checking a bundle loads neither settings nor database: its errors are a family of their own.
    documents = sys.modules.get("petitions.documents.verify")
    family = (PetitionsError, documents.BundleProblem) if documents else (PetitionsError,)
    return isinstance(error, family)


def _of_system(error: OSError) -> str:
    reason = error.strerror or str(error) or type(error).__name__
    return f"{error.filename}: {reason}" if error.filename else reason


def _of_database(error: BaseException) -> str | None:
    sqlalchemy = sys.modules.get("sqlalchemy.exc")
    if sqlalchemy is None:
        return None
    if isinstance(error, sqlalchemy.ArgumentError):
        return "PETITIONS_DATABASE_URL is not understood: use sqlite:///FILE or postgresql://…"
    if isinstance(error, sqlalchemy.OperationalError):
        said = str(error.orig).strip().splitlines()
        return _one_line(f"the database does not answer: {said[0] if said else 'no reason given'}")
    return None


def _where_to_look(error: click.UsageError) -> str:
    path = error.ctx.command_path if error.ctx else "petitions"
    return f"(`{path} --help` explains)"


def _one_line(text: str) -> str:
    return " ".join(text.split())

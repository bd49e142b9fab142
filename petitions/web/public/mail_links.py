"""Links that open the reader's own mail program with a letter in it (RFC 6068)."""

from collections.abc import Sequence
from urllib.parse import quote

from email_validator import EmailNotValidError, validate_email

LONGEST = 1_800
"""Some mail programs cut what is longer, and cut it in silence."""
# What RFC 6068 lets stand in an address; the rest would end it, or mean something else.
_IN_ADDRESS = "@!$'*+"


def mail_link(addresses: Sequence[str], subject: str, body: str) -> str | None:
    """Return the link, or None where there is nobody to write to or it would be too long.

    Without a body it opens an empty mail with its subject. Raises ValueError for an empty subject.
    """
    if not subject.strip():
        raise ValueError("a mail needs a subject")
    to = [quote(address, safe=_IN_ADDRESS) for address in map(_address, addresses) if address]
    if not to:
        return None
    link = f"mailto:{','.join(to)}?subject={quote(subject, safe='')}"
    if body:
        lines = "\r\n".join(body.splitlines())
        link += f"&body={quote(lines, safe='')}"
    return link if len(link) <= LONGEST else None


def _address(written: str) -> str | None:
    """Return an address as an organiser wrote it, where it reads like one."""
    try:
        found = validate_email(written.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return found.normalized

"""How header lines are folded, mending Python before 3.12.6.

There spaces between words are lost where a line of encoded words (RFC 2047) is broken
(https://github.com/python/cpython/issues/92081): "что это" would arrive as "чтоэто".
"""

from email.header import Header
from email.headerregistry import AddressHeader
from email.policy import EmailPolicy
from typing import Any


class SpaceKeepingPolicy(EmailPolicy):
    """SMTP's policy (RFC 5321 line ends) that folds text beyond ASCII by the older, right code."""

    def fold(self, name: str, value: Any) -> str:
        """Return the folded line of a header."""
        if name.startswith("List-"):  # a long address in it would be made encoded words (RFC 2047)
            return f"{name}: {value}{self.linesep}"
        if str(value).isascii():
            return str(super().fold(name, value))
        return f"{name}: {self._encoded(name, value)}{self.linesep}"

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Return the folded line of a header as bytes."""
        if str(value).isascii() and not name.startswith("List-"):
            return super().fold_binary(name, value)
        # An address beyond ASCII (RFC 6531) cannot be encoded: it stands there as it is.
        return self.fold(name, value).encode("utf-8" if self.utf8 else "ascii")

    def _encoded(self, name: str, value: Any) -> str:
        if not isinstance(value, AddressHeader):
            return self._words(name, str(value))
        written = (
            f"{self._words(name, one.display_name)}{self.linesep} <{one.addr_spec}>"
            if one.display_name
            else one.addr_spec
            for one in value.addresses
        )
        return f",{self.linesep} ".join(written)

    def _words(self, name: str, text: str) -> str:
        return Header(text, "utf-8", header_name=name).encode(linesep=self.linesep)

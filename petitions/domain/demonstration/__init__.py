"""The demonstration: one invented organisation and two cases told from published documents.

The data lies in TOML beside this module; what is here reads it into rows.
"""

from petitions.domain.demonstration.loading import load_demonstration

__all__ = ["load_demonstration"]

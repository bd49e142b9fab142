"""What the domain needs of the running site, put together once by the roof."""

from dataclasses import dataclass, field

from petitions.domain.budgets import Budgets
from petitions.domain.sealing import Sealer
from petitions.tokens import Tokens
from petitions.vault import KeyRing


@dataclass(frozen=True, slots=True)
class Site:
    """Keys, budgets and address of this installation. Holds no row and no request."""

    base_url: str
    demonstration: bool
    budgets: Budgets
    keyring: KeyRing = field(repr=False)
    sealer: Sealer = field(repr=False)
    tokens: Tokens = field(repr=False)

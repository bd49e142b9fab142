"""What the domain needs of the running site, put together once by the roof."""

from dataclasses import dataclass, field
from pathlib import Path

from petitions.domain.budgets import Budgets
from petitions.domain.day_keys import DayKeys
from petitions.domain.recent import Recent
from petitions.domain.rules import Rules
from petitions.domain.sealing import Sealer
from petitions.domain.terms import Terms
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
    day_keys: DayKeys = field(repr=False)
    rules: Rules = field(repr=False)
    recent: Recent = field(repr=False)
    outgoing: Path
    """The folder in which written bundles wait to be downloaded, for an hour at most."""
    pictures: Path
    """The folder of smaller sizes of pictures that readers see; made again whenever it is empty."""
    terms: Terms = field(default_factory=Terms)

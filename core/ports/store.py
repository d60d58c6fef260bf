"""The whole store: transactions, and how durable they are."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Protocol

from core.platform import Registry
from core.ports.agents import Agents
from core.ports.cases import Links, Recoveries, Sessions
from core.ports.journal import Chain, Journal
from core.ports.leftovers import Leftovers
from core.ports.reissues import AwaitedCodes, PhoneClaims, Reissues
from core.ports.reports import Reports
from core.ports.sending import Outbox
from core.ports.spending import Spending
from core.ports.throttles import Throttle
from core.ports.voters import Directory, Roll, Voters


class Durability(StrEnum):
    """What a power cut may cost: `FULL` nothing, `RELAXED` the last instants (DESIGN section 7)."""

    FULL = "full"
    RELAXED = "relaxed"


class Transaction(Protocol):
    """The ports as one transaction sees them; it commits when its `with` block ends well."""

    voters: Voters
    directory: Directory
    recoveries: Recoveries
    phone_claims: PhoneClaims
    reissues: Reissues
    awaited_codes: AwaitedCodes
    registry: Registry
    links: Links
    sessions: Sessions
    outbox: Outbox
    reports: Reports
    spending: Spending
    journal: Journal
    throttle: Throttle
    agents: Agents

    def meanwhile(self, act: Callable[[], None]) -> None:
        """Does that while a server writes the end of this transaction for good, and not at all where nobody is waited for.

        It must not raise: the transaction may have ended well.
        """

    @property
    def roll(self) -> Roll:
        """The roll as a whole."""

    @property
    def chain(self) -> Chain:
        """The journal's chain."""

    @property
    def leftovers(self) -> Leftovers:
        """What the law no longer lets us keep."""


class Store(Protocol):
    """Opens transactions. Raises Unready when the database cannot be used."""

    def read(self) -> AbstractContextManager[Transaction]:
        """A transaction that only reads, all of it as it stood in one instant."""

    def look(self) -> AbstractContextManager[Transaction]:
        """For one question only, which is of one instant by itself: nothing has to be begun or ended."""

    def write(self, durability: Durability = Durability.FULL) -> AbstractContextManager[Transaction]:
        """A transaction that may write; it is serialised with the others where its compare-and-swaps meet."""

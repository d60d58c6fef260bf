"""Transactions over a draft of the shelf."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from core.adapters.memory.agents import MemoryAgents
from core.adapters.memory.chain import MemoryChain
from core.adapters.memory.directory import MemoryDirectory
from core.adapters.memory.journal import MemoryJournal
from core.adapters.memory.leftovers import MemoryLeftovers
from core.adapters.memory.links import MemoryLinks
from core.adapters.memory.outbox import MemoryOutbox
from core.adapters.memory.recoveries import MemoryRecoveries
from core.adapters.memory.registry import MemoryRegistry
from core.adapters.memory.reissues import MemoryAwaitedCodes, MemoryPhoneClaims, MemoryReissues
from core.adapters.memory.reports import MemoryReports
from core.adapters.memory.roll import MemoryRoll
from core.adapters.memory.sessions import MemorySessions
from core.adapters.memory.shelf import Shelf
from core.adapters.memory.spending import MemorySpending
from core.adapters.memory.throttle import MemoryThrottle
from core.adapters.memory.voters import MemoryVoters
from core.platform import Registry
from core.ports import (
    Agents,
    AwaitedCodes,
    Chain,
    Directory,
    Durability,
    Journal,
    Leftovers,
    Links,
    Outbox,
    PhoneClaims,
    Recoveries,
    Reissues,
    Reports,
    Roll,
    Sessions,
    Spending,
    Throttle,
    Transaction,
    Voters,
)


class MemoryStore:
    """Opens one transaction at a time; one that fails leaves everything as it was."""

    def __init__(self) -> None:
        self._shelf = Shelf()
        self._turn = threading.RLock()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        with self._turn:
            yield MemoryTransaction(self._shelf.copy())

    def look(self) -> AbstractContextManager[Transaction]:
        return self.read()

    @contextmanager
    def write(self, durability: Durability = Durability.FULL) -> Iterator[Transaction]:  # noqa: ARG002  # memory has one durability: none
        with self._turn:
            draft = self._shelf.copy()
            yield MemoryTransaction(draft)
            self._shelf = draft


class MemoryTransaction:
    """The ports, looking at one draft."""

    def meanwhile(self, act: Callable[[], None]) -> None:
        """Nobody is waited for."""

    def __init__(self, shelf: Shelf) -> None:
        self.voters: Voters = MemoryVoters(shelf)
        self.directory: Directory = MemoryDirectory(shelf)
        self.roll: Roll = MemoryRoll(shelf)
        self.recoveries: Recoveries = MemoryRecoveries(shelf)
        self.phone_claims: PhoneClaims = MemoryPhoneClaims(shelf)
        self.reissues: Reissues = MemoryReissues(shelf)
        self.awaited_codes: AwaitedCodes = MemoryAwaitedCodes(shelf)
        self.registry: Registry = MemoryRegistry(shelf)
        self.links: Links = MemoryLinks(shelf)
        self.sessions: Sessions = MemorySessions(shelf)
        self.outbox: Outbox = MemoryOutbox(shelf)
        self.reports: Reports = MemoryReports(shelf)
        self.spending: Spending = MemorySpending(shelf)
        self.journal: Journal = MemoryJournal(shelf)
        self.chain: Chain = MemoryChain(shelf)
        self.leftovers: Leftovers = MemoryLeftovers(shelf)
        self.throttle: Throttle = MemoryThrottle(shelf)
        self.agents: Agents = MemoryAgents(shelf)

"""Transactions on a draft of the state."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from core.ports import (
    Agents,
    AwaitedCodes,
    CallBacks,
    Calls,
    CodeSendings,
    DailySmsCodeCounts,
    DeliveryReports,
    Durability,
    HandOvers,
    Incidents,
    Journal,
    JournalChain,
    Links,
    Outbox,
    PhoneClaims,
    Recoveries,
    Reissues,
    Retention,
    Roll,
    Sessions,
    SignatureRequests,
    Throttle,
    Transaction,
    VoterDirectory,
    Voters,
)
from core.ports.overview_counts import OverviewCounts
from core.ports.platform import EmbeddedPlatformTable
from tests.support.memory.administration import MemoryAgents, MemoryPlatformRegistry, MemoryRetention, MemoryThrottle
from tests.support.memory.calls import MemoryCallBacks, MemoryCalls, MemoryHandOvers, MemorySignatureRequests
from tests.support.memory.cases import (
    MemoryAwaitedCodes,
    MemoryCodeSendings,
    MemoryLinks,
    MemoryPhoneClaims,
    MemoryRecoveries,
    MemoryReissues,
    MemorySessions,
)
from tests.support.memory.figures import MemoryFigures
from tests.support.memory.incidents import MemoryIncidents
from tests.support.memory.journal import MemoryChain, MemoryJournal
from tests.support.memory.memory_state import MemoryState
from tests.support.memory.outbox import MemoryOutbox, MemoryReports, MemorySpending
from tests.support.memory.roll import MemoryDirectory, MemoryRoll, MemoryVoters


class MemoryStore:
    """Opens one transaction at a time, of which a failed one changes nothing."""

    def __init__(self) -> None:
        self._state = MemoryState()
        self._lock = threading.RLock()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        with self._lock:
            yield MemoryTransaction(self._state.copy())

    @contextmanager
    def write(self, durability: Durability = Durability.FULL) -> Iterator[Transaction]:  # noqa: ARG002  # memory has no durability
        with self._lock:
            draft = self._state.copy()
            yield MemoryTransaction(draft)
            self._state = draft


class MemoryTransaction:
    """The ports on one draft."""

    def __init__(self, state: MemoryState) -> None:
        self.voters: Voters = MemoryVoters(state)
        self.directory: VoterDirectory = MemoryDirectory(state)
        self.roll: Roll = MemoryRoll(state)
        self.recoveries: Recoveries = MemoryRecoveries(state)
        self.phone_claims: PhoneClaims = MemoryPhoneClaims(state)
        self.reissues: Reissues = MemoryReissues(state)
        self.awaited_codes: AwaitedCodes = MemoryAwaitedCodes(state)
        self.code_sendings: CodeSendings = MemoryCodeSendings(state)
        self.registry: EmbeddedPlatformTable = MemoryPlatformRegistry(state)
        self.links: Links = MemoryLinks(state)
        self.sessions: Sessions = MemorySessions(state)
        self.outbox: Outbox = MemoryOutbox(state)
        self.reports: DeliveryReports = MemoryReports(state)
        self.spending: DailySmsCodeCounts = MemorySpending(state)
        self.journal: Journal = MemoryJournal(state)
        self.chain: JournalChain = MemoryChain(state)
        self.retention: Retention = MemoryRetention(state)
        self.throttle: Throttle = MemoryThrottle(state)
        self.agents: Agents = MemoryAgents(state)
        self.incidents: Incidents = MemoryIncidents(state)
        self.figures: OverviewCounts = MemoryFigures(state)
        self.calls: Calls = MemoryCalls(state)
        self.call_backs: CallBacks = MemoryCallBacks(state)
        self.hand_overs: HandOvers = MemoryHandOvers(state)
        self.signature_requests: SignatureRequests = MemorySignatureRequests(state)

"""Transactions on a draft of the state."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from core.ports import (
    AgentAccountRepository,
    ApprovalRequestRepository,
    AwaitedCodeRepository,
    CallBackRepository,
    CallRecordRepository,
    CaseRepository,
    CodeSendingRepository,
    DailySmsCodeCounts,
    DeliveryReportRepository,
    Durability,
    EmailedLinkRepository,
    HandOverRepository,
    IncidentRepository,
    Journal,
    JournalChain,
    Outbox,
    PhoneClaimRepository,
    ReissueRepository,
    Retention,
    Roll,
    SignInSessionRepository,
    Throttle,
    Transaction,
    VoterAccountRepository,
    VoterDirectory,
)
from core.ports.overview_counts import OverviewCounts
from core.ports.platform import EmbeddedPlatformTable
from tests.support.memory.administration import MemoryAgents, MemoryPlatformRegistry, MemoryRetention, MemoryThrottle
from tests.support.memory.calls import MemoryApprovalRequests, MemoryCallBacks, MemoryCalls, MemoryHandOvers
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
        self.voters: VoterAccountRepository = MemoryVoters(state)
        self.directory: VoterDirectory = MemoryDirectory(state)
        self.roll: Roll = MemoryRoll(state)
        self.recoveries: CaseRepository = MemoryRecoveries(state)
        self.phone_claims: PhoneClaimRepository = MemoryPhoneClaims(state)
        self.reissues: ReissueRepository = MemoryReissues(state)
        self.awaited_codes: AwaitedCodeRepository = MemoryAwaitedCodes(state)
        self.code_sendings: CodeSendingRepository = MemoryCodeSendings(state)
        self.registry: EmbeddedPlatformTable = MemoryPlatformRegistry(state)
        self.links: EmailedLinkRepository = MemoryLinks(state)
        self.sessions: SignInSessionRepository = MemorySessions(state)
        self.outbox: Outbox = MemoryOutbox(state)
        self.reports: DeliveryReportRepository = MemoryReports(state)
        self.spending: DailySmsCodeCounts = MemorySpending(state)
        self.journal: Journal = MemoryJournal(state)
        self.chain: JournalChain = MemoryChain(state)
        self.retention: Retention = MemoryRetention(state)
        self.throttle: Throttle = MemoryThrottle(state)
        self.agents: AgentAccountRepository = MemoryAgents(state)
        self.incidents: IncidentRepository = MemoryIncidents(state)
        self.figures: OverviewCounts = MemoryFigures(state)
        self.calls: CallRecordRepository = MemoryCalls(state)
        self.call_backs: CallBackRepository = MemoryCallBacks(state)
        self.hand_overs: HandOverRepository = MemoryHandOvers(state)
        self.signature_requests: ApprovalRequestRepository = MemoryApprovalRequests(state)

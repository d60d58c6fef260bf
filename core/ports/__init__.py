"""Interfaces that the core uses for storage, email, SMS and other services.

Every method that changes a row may raise ConflictError.
"""

from contextlib import AbstractContextManager
from typing import Protocol

from core.ports.agents import *
from core.ports.calls import *
from core.ports.cases import *
from core.ports.clock import *
from core.ports.desk_counts import *
from core.ports.event_types import *
from core.ports.exceptions import *
from core.ports.forms import *
from core.ports.hashing import *
from core.ports.incidents import *
from core.ports.journal import *
from core.ports.keys import *
from core.ports.mails import *
from core.ports.measurements import *
from core.ports.outbox import *
from core.ports.reissues import *
from core.ports.retention import *
from core.ports.sms import *
from core.ports.throttles import *
from core.ports.voters import *
from core.ports.voting_platform import *


class Transaction(Protocol):
    """A database transaction. It commits when its `with` block ends without an exception."""

    voters: VoterAccountRepository
    directory: VoterDirectory
    recoveries: CaseRepository
    reissues: ReissueRepository
    awaited_codes: CasesAwaitingCodeRepository
    code_sendings: CodeSendingRepository
    registry: EmbeddedPlatformTable
    links: EmailedLinkRepository
    sessions: SignInSessionRepository
    outbox: Outbox
    reports: DeliveryReportRepository
    spending: DailyCodeCounts
    journal: Journal
    throttle: Throttle
    forms: AnsweredForms
    agents: AgentAccountRepository
    incidents: IncidentRepository
    figures: DeskOverviewCounts
    calls: CallRecordRepository
    call_backs: CallBackRepository
    hand_overs: HandOverRepository
    signature_requests: ApprovalRequestRepository

    @property
    def roll(self) -> Roll: ...

    @property
    def chain(self) -> JournalChain: ...

    @property
    def retention(self) -> Retention: ...


class Store(Protocol):
    """Opens database transactions. Raises StoreUnavailable."""

    def read(self) -> AbstractContextManager[Transaction]:
        """Open a read-only transaction that sees one consistent snapshot of the database."""

    def write(self) -> AbstractContextManager[Transaction]:
        """Open a read-write transaction. When the `with` block ends, all changes are on disk."""

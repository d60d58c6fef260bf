"""The store: transactions, and how durable they are."""

from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Protocol

from core.ports.agent_accounts import AgentAccountRepository
from core.ports.announced_incidents import IncidentRepository
from core.ports.approval_requests import ApprovalRequestRepository
from core.ports.calls_call_backs_and_hand_overs import CallBackRepository, CallRecordRepository, HandOverRepository
from core.ports.cases_links_and_sessions import CaseRepository, EmailedLinkRepository, SignInSessionRepository
from core.ports.desk_overview_counts import DeskOverviewCounts
from core.ports.journal import Journal
from core.ports.journal_chain import JournalChain
from core.ports.outbox import Outbox
from core.ports.reissues_phone_claims_and_awaited_codes import (
    AwaitedCodeRepository,
    ReissueRepository,
)
from core.ports.retention import Retention
from core.ports.sms_codes_budgets_and_reports import (
    CodeSendingRepository,
    DailySmsCodeCountsByScope,
    DeliveryReportRepository,
)
from core.ports.throttles import Throttle
from core.ports.voters_search_and_roll import Roll, VoterAccountRepository, VoterDirectory
from core.ports.voting_platform import EmbeddedPlatformTable


class Durability(StrEnum):
    """Loss that a power cut may cause: none (`FULL`), or the last instants (`RELAXED`; DESIGN section 7) without a standby."""

    FULL = "full"
    RELAXED = "relaxed"


class Transaction(Protocol):
    """The ports of one transaction, which commits when its `with` block ends without an exception."""

    voters: VoterAccountRepository
    directory: VoterDirectory
    recoveries: CaseRepository
    reissues: ReissueRepository
    awaited_codes: AwaitedCodeRepository
    code_sendings: CodeSendingRepository
    registry: EmbeddedPlatformTable
    links: EmailedLinkRepository
    sessions: SignInSessionRepository
    outbox: Outbox
    reports: DeliveryReportRepository
    spending: DailySmsCodeCountsByScope
    journal: Journal
    throttle: Throttle
    agents: AgentAccountRepository
    incidents: IncidentRepository
    figures: DeskOverviewCounts
    calls: CallRecordRepository
    call_backs: CallBackRepository
    hand_overs: HandOverRepository
    signature_requests: ApprovalRequestRepository
    roll: Roll
    chain: JournalChain
    retention: Retention


class Store(Protocol):
    """Opens transactions. Raises StoreUnavailable when the database cannot be used."""

    def read(self) -> AbstractContextManager[Transaction]:
        """Open a transaction that only reads, and sees the store at one instant."""

    def write(self, durability: Durability = Durability.FULL) -> AbstractContextManager[Transaction]:
        """Open a transaction that may write. Compare-and-swaps decide between concurrent ones."""

"""The store: transactions, and how durable they are."""

from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Protocol

from core.ports.agents import Agents
from core.ports.announced_incidents import Incidents
from core.ports.calls import CallBacks, Calls, HandOvers
from core.ports.cases import Links, Recoveries, Sessions
from core.ports.code_sendings import CodeSendings
from core.ports.daily_sms_code_counts import DailySmsCodeCounts
from core.ports.journal import Journal
from core.ports.journal_chain import JournalChain
from core.ports.outbox import Outbox
from core.ports.overview_counts import OverviewCounts
from core.ports.platform import EmbeddedPlatformTable
from core.ports.reissues import AwaitedCodes, PhoneClaims, Reissues
from core.ports.retention import Retention
from core.ports.signatures import SignatureRequests
from core.ports.sms_delivery_reports import DeliveryReports
from core.ports.throttles import Throttle
from core.ports.voters import Roll, VoterDirectory, Voters


class Durability(StrEnum):
    """Loss that a power cut may cause: none (`FULL`), or the last instants (`RELAXED`; DESIGN section 7) without a standby."""

    FULL = "full"
    RELAXED = "relaxed"


class Transaction(Protocol):
    """The ports of one transaction, which commits when its `with` block ends without an exception."""

    voters: Voters
    directory: VoterDirectory
    recoveries: Recoveries
    phone_claims: PhoneClaims
    reissues: Reissues
    awaited_codes: AwaitedCodes
    code_sendings: CodeSendings
    registry: EmbeddedPlatformTable
    links: Links
    sessions: Sessions
    outbox: Outbox
    reports: DeliveryReports
    spending: DailySmsCodeCounts
    journal: Journal
    throttle: Throttle
    agents: Agents
    incidents: Incidents
    figures: OverviewCounts
    calls: Calls
    call_backs: CallBacks
    hand_overs: HandOvers
    signature_requests: SignatureRequests
    roll: Roll
    chain: JournalChain
    retention: Retention


class Store(Protocol):
    """Opens transactions. Raises StoreUnavailable when the database cannot be used."""

    def read(self) -> AbstractContextManager[Transaction]:
        """Open a transaction that only reads, and sees the store at one instant."""

    def write(self, durability: Durability = Durability.FULL) -> AbstractContextManager[Transaction]:
        """Open a transaction that may write. Compare-and-swaps decide between concurrent ones."""

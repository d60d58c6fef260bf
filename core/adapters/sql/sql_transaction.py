"""The port Transaction on SQL: the ports of one transaction, all on its connection."""

from collections.abc import Callable
from typing import Generic, TypeVar

from sqlalchemy import Connection, Dialect

from core import ports
from core.adapters.sql.agents_and_approvals import SqlAgentAccounts, SqlApprovalRequests
from core.adapters.sql.announced_incidents import SqlIncidents
from core.adapters.sql.calls_call_backs_and_hand_overs import SqlCallBacks, SqlCallRecords, SqlHandOvers
from core.adapters.sql.cases import SqlCases
from core.adapters.sql.desk_overview_counts import SqlDeskOverviewCounts
from core.adapters.sql.driver_statement_executor import DriverStatementExecutor, StatementDriver
from core.adapters.sql.embedded_platform_table import SqlEmbeddedPlatformTable
from core.adapters.sql.engine import lift_statement_time_limit
from core.adapters.sql.forms import SqlAnsweredForms
from core.adapters.sql.journal import SqlJournal
from core.adapters.sql.journal_chain import SqlJournalChain
from core.adapters.sql.links_and_sessions import SqlEmailedLinks, SqlSignInSessions
from core.adapters.sql.outbox import SqlOutbox
from core.adapters.sql.reissues_phone_claims_and_awaited_codes import SqlAwaitedCodes, SqlReissues
from core.adapters.sql.retention import SqlRetention
from core.adapters.sql.roll import SqlRoll
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.sms_codes_and_reports import SqlCodeSendings, SqlDailySmsCodeCountsByScope, SqlDeliveryReports
from core.adapters.sql.sql_port_base import States, TransactionContext
from core.adapters.sql.throttle import SqlThrottle
from core.adapters.sql.voter_accounts import SqlVoterAccounts
from core.adapters.sql.voter_search import SqlVoterDirectory

T = TypeVar("T")


class LazyPort(Generic[T]):
    """A port of a transaction, made at each access: there are many, and a transaction needs two or three."""

    def __init__(self, make: "Callable[[SqlTransaction], T]") -> None:
        self._make = make

    def __get__(self, transaction: "SqlTransaction", _owner: object = None) -> T:
        return self._make(transaction)


class SqlTransaction(TransactionContext):
    """The ports of one transaction."""

    def __init__(
        self,
        connection: Connection,
        driver: StatementDriver,
        dialect: Dialect,
        states: States,
        rows: RowAuthenticator,
    ) -> None:
        super().__init__(DriverStatementExecutor(dialect, driver), states, rows)
        self._connection = connection
        self._driver = driver

    voters = LazyPort[ports.VoterAccountRepository](SqlVoterAccounts)
    directory = LazyPort[ports.VoterDirectory](SqlVoterDirectory)
    recoveries = LazyPort[ports.CaseRepository](SqlCases)
    reissues = LazyPort[ports.ReissueRepository](SqlReissues)
    awaited_codes = LazyPort[ports.CasesAwaitingCodeRepository](SqlAwaitedCodes)
    code_sendings = LazyPort[ports.CodeSendingRepository](SqlCodeSendings)
    registry = LazyPort[ports.EmbeddedPlatformTable](SqlEmbeddedPlatformTable)
    links = LazyPort[ports.EmailedLinkRepository](SqlEmailedLinks)
    sessions = LazyPort[ports.SignInSessionRepository](SqlSignInSessions)
    outbox = LazyPort[ports.Outbox](SqlOutbox)
    reports = LazyPort[ports.DeliveryReportRepository](SqlDeliveryReports)
    spending = LazyPort[ports.DailySmsCodeCountsByScope](SqlDailySmsCodeCountsByScope)
    journal = LazyPort[ports.Journal](SqlJournal)
    throttle = LazyPort[ports.Throttle](SqlThrottle)
    forms = LazyPort[ports.AnsweredForms](SqlAnsweredForms)
    agents = LazyPort[ports.AgentAccountRepository](SqlAgentAccounts)
    incidents = LazyPort[ports.IncidentRepository](SqlIncidents)
    figures = LazyPort[ports.DeskOverviewCounts](SqlDeskOverviewCounts)
    calls = LazyPort[ports.CallRecordRepository](SqlCallRecords)
    call_backs = LazyPort[ports.CallBackRepository](SqlCallBacks)
    hand_overs = LazyPort[ports.HandOverRepository](SqlHandOvers)
    signature_requests = LazyPort[ports.ApprovalRequestRepository](SqlApprovalRequests)
    roll = LazyPort[ports.Roll](lambda its: SqlRoll(its.connection(), its.rows))
    chain = LazyPort[ports.JournalChain](lambda its: SqlJournalChain(its.connection()))
    retention = LazyPort[ports.Retention](lambda its: SqlRetention(its.connection(), its.rows))

    def connection(self) -> Connection:
        """Send every queued statement, and return SQLAlchemy's connection, whose statements may take long."""
        self._driver.flush()
        lift_statement_time_limit(self._connection)
        return self._connection

from collections.abc import Mapping
from functools import cached_property

from sqlalchemy import Connection

from core import ports
from core.adapters.sql.agents import SqlAgentAccounts, SqlApprovalRequests
from core.adapters.sql.calls import SqlCallBacks, SqlCallRecords, SqlHandOvers
from core.adapters.sql.cases import SqlCases, States
from core.adapters.sql.desk_counts import SqlDeskOverviewCounts
from core.adapters.sql.embedded_platform_table import SqlEmbeddedPlatformTable
from core.adapters.sql.engine import lift_time_limits
from core.adapters.sql.forms import SqlAnsweredForms
from core.adapters.sql.incidents import SqlIncidents
from core.adapters.sql.journal import SqlJournal
from core.adapters.sql.journal_chain import SqlJournalChain
from core.adapters.sql.links import SqlEmailedLinks, SqlSignInSessions
from core.adapters.sql.outbox import SqlOutbox
from core.adapters.sql.reissues import SqlAwaitedCodes, SqlReissues
from core.adapters.sql.retention import SqlRetention
from core.adapters.sql.roll import SqlRoll
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.sms import SqlCodeSendings, SqlDailyCodeCounts, SqlDeliveryReports
from core.adapters.sql.throttle import SqlThrottle
from core.adapters.sql.voter_accounts import SqlVoterAccounts
from core.adapters.sql.voter_search import SqlVoterDirectory


class SqlTransaction:
    def __init__(self, connection: Connection, states: States, rows: RowAuthenticator) -> None:
        self.connection = connection
        self.written = list[Mapping[str, object]]()
        self._rows = rows
        self.voters: ports.VoterAccountRepository = SqlVoterAccounts(connection, rows)
        self.directory: ports.VoterDirectory = SqlVoterDirectory(connection)
        self.recoveries: ports.CaseRepository = SqlCases(connection, states)
        self.reissues: ports.ReissueRepository = SqlReissues(connection, rows, states)
        self.awaited_codes: ports.CasesAwaitingCodeRepository = SqlAwaitedCodes(connection)
        self.code_sendings: ports.CodeSendingRepository = SqlCodeSendings(connection)
        self.registry: ports.EmbeddedPlatformTable = SqlEmbeddedPlatformTable(connection)
        self.links: ports.EmailedLinkRepository = SqlEmailedLinks(connection, rows, states)
        self.sessions: ports.SignInSessionRepository = SqlSignInSessions(connection, rows)
        self.outbox: ports.Outbox = SqlOutbox(connection, rows)
        self.reports: ports.DeliveryReportRepository = SqlDeliveryReports(connection)
        self.spending: ports.DailyCodeCounts = SqlDailyCodeCounts(connection)
        self.journal: ports.Journal = SqlJournal(connection, rows, self.written)
        self.throttle: ports.Throttle = SqlThrottle(connection)
        self.forms: ports.AnsweredForms = SqlAnsweredForms(connection)
        self.agents: ports.AgentAccountRepository = SqlAgentAccounts(connection, rows)
        self.incidents: ports.IncidentRepository = SqlIncidents(connection, rows)
        self.figures: ports.DeskOverviewCounts = SqlDeskOverviewCounts(connection)
        self.calls: ports.CallRecordRepository = SqlCallRecords(connection)
        self.call_backs: ports.CallBackRepository = SqlCallBacks(connection)
        self.hand_overs: ports.HandOverRepository = SqlHandOvers(connection)
        self.signature_requests: ports.ApprovalRequestRepository = SqlApprovalRequests(connection, rows)

    # The statements of these repositories may take long.

    @cached_property
    def roll(self) -> SqlRoll:
        lift_time_limits(self.connection)
        return SqlRoll(self.connection, self._rows)

    @cached_property
    def chain(self) -> SqlJournalChain:
        lift_time_limits(self.connection)
        return SqlJournalChain(self.connection, self._rows)

    @cached_property
    def retention(self) -> SqlRetention:
        lift_time_limits(self.connection)
        return SqlRetention(self.connection, self._rows)

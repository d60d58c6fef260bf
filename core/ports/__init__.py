"""Protocols of what the core needs from outside, and the records that cross them.

A `Store` opens transactions; every port but those of the outside world (Clock, MailTransport, SmsTransport …) belongs to one.
Each move is a compare-and-swap: it raises `Conflict` when the row has changed since it was read, and nothing is done.
"""

from core.ports.agent_accounts import *
from core.ports.announced_incidents import *
from core.ports.approval_requests import *
from core.ports.calls_call_backs_and_hand_overs import *
from core.ports.cases_links_and_sessions import *
from core.ports.clock_randomness_and_keys import *
from core.ports.desk_overview_counts import *
from core.ports.event_types import *
from core.ports.exceptions import *
from core.ports.journal import *
from core.ports.journal_chain import *
from core.ports.mail_rendering_and_transports import *
from core.ports.outbox import *
from core.ports.reissues_phone_claims_and_awaited_codes import *
from core.ports.retention import *
from core.ports.sms_codes_budgets_and_reports import *
from core.ports.store import *
from core.ports.throttles import *
from core.ports.voters_search_and_roll import *
from core.ports.voting_platform import *

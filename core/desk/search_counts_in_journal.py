"""The trace that searches leave in the journal: their number by agent, now and then, so that who lists the roll is seen."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from core.desk.sessions_callers_and_approvals import AgentSession, Authorisation
from core.ports import EventType

INTERVAL = timedelta(minutes=10)
MOST_UNWRITTEN = 50
"""A terminal searches with each letter: some ten searches a call. Fewer than this are lost with the process that counts them."""


@dataclass(slots=True)
class _Count:
    written: datetime
    searches: int = 0


@dataclass(slots=True)
class AgentSearchCounter:
    """Counts the searches of each agent, and writes an event at the first, after `INTERVAL`, and after `MOST_UNWRITTEN`."""

    authorisation: Authorisation
    _counts: dict[int, _Count] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def count_search_for_journal(self, session: AgentSession) -> None:
        """Count a search; the reason of the event is the number of searches since the last one."""
        now = self.authorisation.dependencies.clock.now()
        with self._lock:
            count = self._counts.setdefault(session.agent, _Count(now - INTERVAL))
            count.searches += 1
            due = now - count.written >= INTERVAL or count.searches >= MOST_UNWRITTEN
            searches = count.searches
            if due:
                self._counts[session.agent] = _Count(now)
        if due:
            self.authorisation.record_agent_event(session, EventType.SEARCHED, reason=str(searches))

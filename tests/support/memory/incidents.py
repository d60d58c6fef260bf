"""The announced incidents."""

from datetime import datetime

import msgspec

from core.ports import Incident, IncidentScope
from tests.support.memory.memory_state import MemoryPort


class MemoryIncidents(MemoryPort):
    """The port Incidents."""

    def add(
        self,
        *,
        scope: IncidentScope,
        subject: str,
        sentence: str,
        minutes: int | None,
        began: datetime,
        until: datetime,
        author: str | None,
    ) -> int:
        added = Incident(
            id=len(self._state.incidents) + 1,
            scope=scope,
            subject=subject,
            sentence=sentence,
            minutes=minutes,
            began=began,
            until=until,
            author=author,
        )
        self._state.incidents[added.id] = added
        return added.id

    def end(self, incident: int, at: datetime) -> bool:
        present = self._state.incidents.get(incident)
        if present is None or present.over_since(at) is not None:
            return False
        self._state.incidents[incident] = msgspec.structs.replace(present, ended=at)
        return True

    def unended(self, since: datetime, limit: int) -> list[Incident]:
        late = [each for each in self._state.incidents.values() if (each.ended or each.until) > since]
        return sorted(late, key=lambda each: each.id, reverse=True)[:limit]

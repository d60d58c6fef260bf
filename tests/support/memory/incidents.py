"""The announced incidents."""

from datetime import datetime

import msgspec

from core.ports import Incident
from tests.support.memory.memory_state import MemoryPort


class MemoryIncidents(MemoryPort):
    """The port IncidentRepository."""

    def add(self, incident: Incident) -> int:
        added = msgspec.structs.replace(incident, id=len(self._state.incidents) + 1)
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

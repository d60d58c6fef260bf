"""Sessions."""

from core.adapters.memory.shelf import Port
from core.ports import HeldSession, SessionRecord


class MemorySessions(Port):
    """The port Sessions."""

    def open(self, session: SessionRecord) -> None:
        self._shelf.sessions[session.digest] = session

    def find(self, digest: bytes) -> HeldSession | None:
        record = self._shelf.sessions.get(digest)
        return None if record is None else HeldSession(record=record, voter=self._shelf.voters[record.voter])

    def close(self, digest: bytes) -> None:
        self._shelf.sessions.pop(digest, None)

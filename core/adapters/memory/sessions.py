"""Sessions."""

from core.adapters.memory.shelf import Port
from core.ports import SessionRecord


class MemorySessions(Port):
    """The port Sessions."""

    def open(self, session: SessionRecord) -> None:
        self._shelf.sessions[session.digest] = session

    def find(self, digest: bytes) -> SessionRecord | None:
        return self._shelf.sessions.get(digest)

    def close(self, digest: bytes) -> None:
        self._shelf.sessions.pop(digest, None)

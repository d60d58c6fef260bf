"""A store in memory for tests, which passes the same test suite as SQL."""

from tests.support.memory.memory_state import MemoryState
from tests.support.memory.store import MemoryStore

__all__ = ["MemoryState", "MemoryStore"]

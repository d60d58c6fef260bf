"""The store in memory: shipped, and held to the same suite as SQL. Tests and pictures use it; nothing outlives it."""

from core.adapters.memory.shelf import Shelf
from core.adapters.memory.store import MemoryStore

__all__ = ["MemoryStore", "Shelf"]

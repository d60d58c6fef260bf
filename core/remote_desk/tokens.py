"""Stores the daemon's sessions, verified callers and approvals under secret tokens."""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock

from core.desk.authorisation import HeldByDaemon, SupervisorApproval, VerifiedCaller
from core.forms import errors

MOST_HELD = 10_000
"""Maximum number of stored values. The least recently used are dropped."""
IDLE_SECONDS = 12 * 3600.0
"""Unused values are dropped after this number of seconds."""
REFUSAL_IF_LOST: Mapping[type[HeldByDaemon], type[errors.Refusal]] = {
    VerifiedCaller: errors.CallerNotVerified,
    SupervisorApproval: errors.SupervisorApprovalRefused,
}
"""For each type of value, the refusal if its token is unknown."""


@dataclass(slots=True)
class _StoredValue:
    value: HeldByDaemon
    account: int
    used: float
    active: float
    locked: bool = False


@dataclass(slots=True)
class HeldValues:
    """Stores values by token. Only the user account that received a token can use it."""

    seconds: Callable[[], float] = time.monotonic
    _held: OrderedDict[str, _StoredValue] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def keep(self, value: HeldByDaemon, account: int) -> None:
        now = self.seconds()
        with self._lock:
            while self._held:
                oldest = next(iter(self._held.values()))
                if now - oldest.used <= IDLE_SECONDS and len(self._held) < MOST_HELD:
                    break
                self._held.popitem(last=False)
            self._held.setdefault(value.token, _StoredValue(value, account, now, now))

    def find(self, token: str, kind: type[HeldByDaemon], account: int) -> HeldByDaemon:
        """Return the value with this token. Raises AgentSessionOver or a refusal from `REFUSAL_IF_LOST`."""
        now = self.seconds()
        with self._lock:
            stored = self._held.get(token)
            is_known = stored is not None and stored.account == account and isinstance(stored.value, kind)
            if stored is None or not is_known or now - stored.used > IDLE_SECONDS:
                raise REFUSAL_IF_LOST.get(kind, errors.AgentSessionOver)
            stored.used = now
            self._held.move_to_end(token)
            return stored.value

    def note_activity(self, token: str, *, unlocks: bool = False) -> None:
        """Record that the agent is active. If `unlocks`, also unlock the session."""
        with self._lock:
            stored = self._held.get(token)
            if stored is not None:
                stored.active, stored.locked = self.seconds(), stored.locked and not unlocks

    def lock(self, token: str) -> None:
        with self._lock:
            stored = self._held.get(token)
            if stored is not None:
                stored.locked = True

    def is_locked(self, token: str, idle_seconds: float) -> bool:
        """Return whether a session is locked. Sessions are locked after `idle_seconds` without activity."""
        with self._lock:
            stored = self._held.get(token)
            if stored is None:
                return False
            stored.locked = stored.locked or self.seconds() - stored.active >= idle_seconds
            return stored.locked

    def end_callers(self, agent: int) -> None:
        with self._lock:
            for token, stored in tuple(self._held.items()):
                if isinstance(stored.value, VerifiedCaller) and stored.value.agent == agent:
                    del self._held[token]

    def end(self, token: str) -> None:
        with self._lock:
            self._held.pop(token, None)

"""The sessions, verified callers and supervisors' approvals that the daemon holds, by their tokens."""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock

from core.desk.authorisation import HeldByDaemon, SupervisorApproval, VerifiedCaller
from core.forms import errors

MOST_HELD = 10_000
"""The least recently used is dropped first. A hundred agents with a day's callers fit."""
IDLE_SECONDS = 12 * 3600.0
"""How long an unused session is kept, locked, in seconds: an agent may unlock in the evening what was locked at noon."""
LOST: Mapping[type[HeldByDaemon], type[errors.Refusal]] = {
    VerifiedCaller: errors.CallerNotVerified,
    SupervisorApproval: errors.SupervisorApprovalRefused,
}
"""The refusals of an unknown token; for other kinds, the session is over."""


@dataclass(slots=True)
class _Held:
    value: HeldByDaemon
    account: int
    used: float
    active: float
    """When the agent last did something. A screen that updates by itself does not count."""
    locked: bool = False


@dataclass(slots=True)
class HeldValues:
    """Finds held values by token. A token is accepted from the machine account that it was given to, and from no other."""

    seconds: Callable[[], float] = time.monotonic
    _held: OrderedDict[str, _Held] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def keep(self, value: HeldByDaemon, account: int) -> None:
        """Keep a value that is returned to that account, unless it is kept already."""
        now = self.seconds()
        with self._lock:
            while self._held:
                oldest = next(iter(self._held.values()))
                if now - oldest.used <= IDLE_SECONDS and len(self._held) < MOST_HELD:
                    break
                self._held.popitem(last=False)
            self._held.setdefault(value.token, _Held(value, account, now, now))

    def find(self, token: str, kind: type[HeldByDaemon], account: int) -> HeldByDaemon:
        """Return the value of a token. Raises the refusal of its kind if there is none."""
        now = self.seconds()
        with self._lock:
            held = self._held.get(token)
            is_known = held is not None and held.account == account and isinstance(held.value, kind)
            if held is None or not is_known or now - held.used > IDLE_SECONDS:
                raise LOST.get(kind, errors.AgentSessionOver)
            held.used = now
            self._held.move_to_end(token)
            return held.value

    def note_activity(self, token: str, *, unlocks: bool = False) -> None:
        """Note that the agent of a session did something. `unlocks` opens a locked session."""
        with self._lock:
            held = self._held.get(token)
            if held is not None:
                held.active, held.locked = self.seconds(), held.locked and not unlocks

    def lock(self, token: str) -> None:
        with self._lock:
            held = self._held.get(token)
            if held is not None:
                held.locked = True

    def is_locked(self, token: str, idle_seconds: float) -> bool:
        """Return whether a session is locked, and lock it if its agent did nothing for so long."""
        with self._lock:
            held = self._held.get(token)
            if held is None:
                return False
            held.locked = held.locked or self.seconds() - held.active >= idle_seconds
            return held.locked

    def end_callers(self, agent: int) -> None:
        """Forget the callers whom an agent has verified, because their call is over."""
        with self._lock:
            for token, held in tuple(self._held.items()):
                if isinstance(held.value, VerifiedCaller) and held.value.agent == agent:
                    del self._held[token]

    def end(self, token: str) -> None:
        with self._lock:
            self._held.pop(token, None)

"""The sessions, verified callers and supervisors' approvals that a daemon holds: a terminal has only their tokens."""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock

from core.desk.sessions_callers_and_approvals import SupervisorApproval, UnforgeableValue, VerifiedCaller
from core.forms import errors

MOST_HELD = 10_000
"""The least used goes first: some hundred agents with a day's callers fit."""
IDLE_SECONDS = 12 * 3600.0
"""A terminal that was locked at noon is opened again; until then a session that nobody uses is locked here too."""
TOKEN_BYTES = 32
LOST: Mapping[type[UnforgeableValue], type[errors.Refusal]] = {
    VerifiedCaller: errors.CallerNotVerified,
    SupervisorApproval: errors.SupervisorApprovalRefused,
}
"""Refusals of an unknown token; of a session, that it is over."""


@dataclass(slots=True)
class _Held:
    value: UnforgeableValue
    account: int
    used: float
    active: float
    """The moment at which the agent last did something; a screen that updates by itself is nothing of theirs."""
    locked: bool = False


@dataclass(slots=True)
class SessionsAndCallersByToken:
    """Keeps each value under a token that serves the account of the machine to which it was given."""

    seconds: Callable[[], float] = time.monotonic
    _held: OrderedDict[str, _Held] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def keep(self, value: UnforgeableValue, account: int) -> str:
        """Return a new token of a value."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        with self._lock:
            self._drop_old()
            self._held[token] = _Held(value, account, self.seconds(), self.seconds())
        return token

    def find(self, token: str, kind: type[UnforgeableValue], account: int) -> UnforgeableValue:
        """Return the value of a token. Raises the refusal of its kind when there is none."""
        with self._lock:
            self._drop_old()
            held = self._held.get(token)
            if held is None or held.account != account or not isinstance(held.value, kind):
                raise LOST.get(kind, errors.AgentSessionOver)
            held.used = self.seconds()
            self._held.move_to_end(token)
            return held.value

    def note_activity(self, token: str, *, unlocks: bool = False) -> None:
        """Note that the agent of a session is there; with their password or a code, a locked one opens."""
        with self._lock:
            held = self._held.get(token)
            if held is not None:
                held.active, held.locked = self.seconds(), held.locked and not unlocks

    def lock(self, token: str) -> None:
        """Lock a session."""
        with self._lock:
            held = self._held.get(token)
            if held is not None:
                held.locked = True

    def is_locked(self, token: str, idle_seconds: float) -> bool:
        """Tell whether a session was locked, or its agent did nothing for so long; then it stays locked."""
        with self._lock:
            held = self._held.get(token)
            if held is None:
                return False
            held.locked = held.locked or self.seconds() - held.active >= idle_seconds
            return held.locked

    def end_callers(self, agent: int) -> None:
        """Forget the callers whom an agent has verified: their call is over."""
        with self._lock:
            for token, held in tuple(self._held.items()):
                if isinstance(held.value, VerifiedCaller) and held.value.agent == agent:
                    del self._held[token]

    def end(self, token: str) -> None:
        """Forget a value."""
        with self._lock:
            self._held.pop(token, None)

    def _drop_old(self) -> None:
        oldest_kept = self.seconds() - IDLE_SECONDS
        while self._held:
            token, held = next(iter(self._held.items()))
            if held.used >= oldest_kept and len(self._held) < MOST_HELD:
                return
            del self._held[token]

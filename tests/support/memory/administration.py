"""Agents, counters, the platform's registry, and the deletion after an election."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec

from core.ports import (
    NETWORK_MARK,
    Agent,
    Conflict,
    CounterValue,
    ErasableKind,
    LimitReached,
    Role,
    ThrottleVerdict,
    next_verdict,
)
from core.ports.platform import EmbeddedPlatformAccount, PlatformAccount
from tests.support.memory.memory_state import MemoryPort


class MemoryAgents(MemoryPort):
    """The port AgentAccountRepository."""

    def add(self, name: str, *, role: Role, password_hash: str, secret: bytes, at: datetime) -> bool:
        if self.by_name(name) is not None:
            return False
        agent = Agent(
            id=len(self._state.agents) + 1,
            name=name,
            role=role,
            password=password_hash,
            secret=secret,
            first=True,
            step=0,
            epoch=0,
            added=at,
        )
        self._state.agents[agent.id] = agent
        return True

    def by_name(self, name: str) -> Agent | None:
        return next((agent for agent in self._state.agents.values() if agent.name == name), None)

    def all(self) -> list[Agent]:
        return sorted(self._state.agents.values(), key=lambda agent: agent.name)

    def accept_totp_step(self, agent: int, step: int) -> bool:
        present = self._state.agents[agent]
        if present.step >= step:
            return False
        self._state.agents[agent] = msgspec.structs.replace(present, step=step)
        return True

    def set_password_hash(self, agent: int, password_hash: str, *, epoch: int) -> None:
        self._swap(agent, epoch, password=password_hash, first=False)

    def replace_password_hash(self, agent: int, password_hash: str, *, epoch: int) -> None:
        self._swap(agent, epoch, new_epoch=False, password=password_hash)

    def reseal(self, agent: int, secret: bytes, *, epoch: int) -> None:
        self._swap(agent, epoch, new_epoch=False, secret=secret)

    def reset_credentials(self, agent: int, *, role: Role, password_hash: str, secret: bytes, epoch: int) -> None:
        self._swap(agent, epoch, role=role, password=password_hash, secret=secret, first=True, step=0, removed=None)

    def remove(self, agent: int, *, epoch: int, at: datetime) -> None:
        self._swap(agent, epoch, removed=at)

    def _swap(self, agent: int, epoch: int, *, new_epoch: bool = True, **values: object) -> None:
        present = self._state.agents.get(agent)
        if present is None or present.epoch != epoch:
            raise Conflict
        self._state.agents[agent] = msgspec.structs.replace(present, epoch=epoch + int(new_epoch), **values)


class MemoryThrottle(MemoryPort):
    """The port Throttle."""

    def count_or_refuse(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> ThrottleVerdict:
        began, count = self._state.counters.get(bucket, (now, 0))
        if began <= now - window:
            began, count = now, 0
        self._state.counters[bucket] = (began, count + 1)
        return ThrottleVerdict(left=limit - count - 1, until=began + window)

    def count_or_raise(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> None:
        if not self.count_or_refuse(bucket, limit=limit, window=window, now=now).allowed:
            raise LimitReached

    def verdict_without_counting(
        self, bucket: bytes, *, limit: int, window: timedelta, now: datetime
    ) -> ThrottleVerdict:
        counted = self._state.counters.get(bucket)
        return next_verdict(None if counted is None else CounterValue(*counted), limit=limit, window=window, now=now)

    def give_back(self, bucket: bytes) -> None:
        if bucket in self._state.counters:
            began, count = self._state.counters[bucket]
            self._state.counters[bucket] = (began, max(0, count - 1))

    def reset(self, bucket: bytes) -> None:
        self._state.counters.pop(bucket, None)


class MemoryPlatformRegistry(MemoryPort):
    """The port EmbeddedPlatformTable."""

    def find(self, voter: str) -> EmbeddedPlatformAccount | None:
        return self._state.registered.get(voter)

    def save(self, registered: EmbeddedPlatformAccount) -> None:
        present = self._state.registered.get(registered.voter)
        if registered.version != (0 if present is None else present.version) + 1:
            raise Conflict
        self._state.registered[registered.voter] = registered

    def accounts(self) -> Iterator[PlatformAccount]:
        for record in sorted(self._state.registered.values(), key=lambda each: each.voter):
            yield PlatformAccount(voter=record.voter, generation=record.generation, frozen=record.frozen)


class MemoryRetention(MemoryPort):
    """The port Retention."""

    def count(self, kind: ErasableKind, now: datetime) -> int:
        return MemoryRetention(self._state.copy()).erase(kind, now)

    def erase(self, kind: ErasableKind, now: datetime) -> int:
        match kind:
            case ErasableKind.BODIES:
                return self._bodies(now)
            case ErasableKind.PHONES:
                kept = (self._state.phones, self._state.answers, self._state.code_sendings)
                return _emptied(*kept) + self._entries("phone_digest", "phone_ending")
            case ErasableKind.PASSWORDS:
                return self._passwords()
            case ErasableKind.COUNTERS:
                return _emptied(self._state.counters) + self._networks()
            case _:
                return _emptied(*self._wholly(kind))

    def _wholly(self, kind: ErasableKind) -> tuple[dict[Any, Any], ...]:
        state = self._state
        whole: dict[ErasableKind, tuple[dict[Any, Any], ...]] = {
            ErasableKind.SESSIONS: (state.sessions,),
            ErasableKind.LINKS: (state.links,),
            ErasableKind.AWAITED_CODES: (state.awaited,),
            ErasableKind.ADDRESSES: (state.reissues, state.recoveries),
            ErasableKind.CALLS: (
                state.calls,
                state.call_backs,
                state.hand_overs,
                state.signature_requests,
            ),
        }
        return whole[kind]

    def _networks(self) -> int:
        over = [key for key in self._state.spending if NETWORK_MARK in key[1]]
        for key in over:
            del self._state.spending[key]
        return len(over)

    def _bodies(self, now: datetime) -> int:
        over = [each for each in self._state.parcels.values() if each.sealed is not None and each.useful_until <= now]
        self._state.parcels.update({each.id: msgspec.structs.replace(each, sealed=None) for each in over})
        return len(over)

    def _entries(self, *names: str) -> int:
        known = [(n, each) for n, each in self._state.entries.items() if any(getattr(each, name) for name in names)]
        blank = dict.fromkeys(names)
        self._state.entries.update({n: msgspec.structs.replace(each, **blank) for n, each in known})
        return len(known)

    def _passwords(self) -> int:
        verified = {n for n, each in self._state.entries.items() if each.first_verifier is not None}
        chosen = {n for n, each in self._state.voters.items() if each.password is not None}
        self._entries("first_verifier")
        self._state.voters.update({n: msgspec.structs.replace(self._state.voters[n], password=None) for n in chosen})
        return len(verified | chosen)


def _emptied(*kept: dict[Any, Any]) -> int:
    count = sum(map(len, kept))
    for each in kept:
        each.clear()
    return count

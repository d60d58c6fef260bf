"""The store in memory: shipped, and held to the same suite as SQL. Tests and pictures use it; nothing outlives it."""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TypeVar

import msgspec

from core.journal import form
from core.ports import (
    CHECKPOINT_CASES,
    REASONED,
    Backlog,
    Chain,
    ChainEnd,
    Checkpoint,
    ClaimLost,
    Delivery,
    Duplicate,
    Durability,
    Entry,
    Event,
    Gap,
    Journal,
    Line,
    LinkRecord,
    Links,
    Moved,
    Outbox,
    Parcel,
    ParcelKind,
    ParcelState,
    Pending,
    Recoveries,
    Recovery,
    Reports,
    Roll,
    Seal,
    SessionRecord,
    Sessions,
    Spending,
    Spent,
    Tally,
    Throttle,
    Transaction,
    Verdict,
    Voter,
    Voters,
)

K = TypeVar("K")


@dataclass(slots=True)
class Shelf:
    """All that is kept: immutable records by key, so that a copy of the dictionaries is a snapshot."""

    voters: dict[int, Voter] = field(default_factory=dict)
    entries: dict[int, Entry] = field(default_factory=dict)
    recoveries: dict[bytes, Recovery] = field(default_factory=dict)
    links: dict[bytes, LinkRecord] = field(default_factory=dict)
    sessions: dict[bytes, SessionRecord] = field(default_factory=dict)
    parcels: dict[int, Parcel] = field(default_factory=dict)
    ends: dict[int, ParcelState] = field(default_factory=dict)
    reports: dict[tuple[int, Delivery], datetime] = field(default_factory=dict)
    answers: dict[bytes, datetime] = field(default_factory=dict)
    spending: dict[tuple[date, str], Spent] = field(default_factory=dict)
    events: dict[int, Event] = field(default_factory=dict)
    seals: dict[int, Seal] = field(default_factory=dict)
    gaps: dict[int, Gap] = field(default_factory=dict)
    checkpoints: dict[int, Checkpoint] = field(default_factory=dict)
    counters: dict[bytes, tuple[datetime, int]] = field(default_factory=dict)

    def copy(self) -> "Shelf":
        """A snapshot."""
        return replace(self, **{name: dict(getattr(self, name)) for name in self.__slots__})


class MemoryStore:
    """Opens one transaction at a time; one that fails leaves everything as it was."""

    def __init__(self) -> None:
        self._shelf = Shelf()
        self._turn = threading.RLock()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        with self._turn:
            yield MemoryTransaction(self._shelf.copy())

    @contextmanager
    def write(self, durability: Durability = Durability.FULL) -> Iterator[Transaction]:  # noqa: ARG002  # memory has one durability: none
        with self._turn:
            draft = self._shelf.copy()
            yield MemoryTransaction(draft)
            self._shelf = draft


class MemoryTransaction:
    """The ports, looking at one draft."""

    def __init__(self, shelf: Shelf) -> None:
        self.voters: Voters = MemoryVoters(shelf)
        self.roll: Roll = MemoryRoll(shelf)
        self.recoveries: Recoveries = MemoryRecoveries(shelf)
        self.links: Links = MemoryLinks(shelf)
        self.sessions: Sessions = MemorySessions(shelf)
        self.outbox: Outbox = MemoryOutbox(shelf)
        self.reports: Reports = MemoryReports(shelf)
        self.spending: Spending = MemorySpending(shelf)
        self.journal: Journal = MemoryJournal(shelf)
        self.chain: Chain = MemoryChain(shelf)
        self.throttle: Throttle = MemoryThrottle(shelf)


class _Port:
    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf


class MemoryVoters(_Port):
    """The port Voters."""

    def by_address(self, key: str) -> Voter | None:
        present = (voter for voter in self._shelf.voters.values() if voter.removed is None)
        return next((voter for voter in present if voter.email == key), None)

    def by_id(self, voter: int) -> Voter | None:
        return self._shelf.voters.get(voter)

    def lock(self, voter: int) -> None:
        """One transaction at a time: nothing to wait for."""

    def choose_password(self, voter: int, password: str, *, epoch: int, at: datetime) -> None:
        self._swap(voter, epoch, password=password, password_set=at)

    def rehash(self, voter: int, password: str, *, epoch: int) -> None:
        self._swap(voter, epoch, new_epoch=False, password=password)

    def freeze(self, voter: int, *, epoch: int, at: datetime) -> None:
        self._swap(voter, epoch, frozen=at)

    def _swap(self, voter: int, epoch: int, *, new_epoch: bool = True, **values: object) -> None:
        present = self._shelf.voters.get(voter)
        if present is None or present.epoch != epoch:
            raise Moved
        self._shelf.voters[voter] = msgspec.structs.replace(present, epoch=epoch + int(new_epoch), **values)


class MemoryRoll(_Port):
    """The port Roll."""

    def entries(self) -> Iterator[tuple[int, Entry]]:
        present = self._shelf.voters
        return iter([pair for pair in self._shelf.entries.items() if present[pair[0]].removed is None])

    def add(self, entries: Sequence[Entry]) -> None:
        taken = self._taken()
        for entry in entries:
            voter = len(self._shelf.voters) + 1
            _take(taken, entry)
            self._shelf.entries[voter] = entry
            self._shelf.voters[voter] = Voter(
                id=voter,
                email=entry.email,
                last_name=entry.last_name,
                first_name=entry.first_name,
                language=entry.language,
                epoch=0,
            )

    def correct(self, corrections: Sequence[tuple[int, Entry]]) -> None:
        taken = self._taken()
        for voter, entry in corrections:
            present = self._shelf.voters[voter]
            taken -= _marks(self._shelf.entries[voter])
            _take(taken, entry)
            self._shelf.entries[voter] = entry
            self._shelf.voters[voter] = msgspec.structs.replace(
                present,
                email=entry.email,
                last_name=entry.last_name,
                first_name=entry.first_name,
                language=entry.language,
                epoch=present.epoch + int(entry.email != present.email),
            )

    def remove(self, voters: Sequence[int], at: datetime) -> None:
        for voter in voters:
            present = self._shelf.voters[voter]
            self._shelf.voters[voter] = msgspec.structs.replace(present, removed=at, epoch=present.epoch + 1)

    def _taken(self) -> set[str | bytes]:
        return {mark for _, entry in self.entries() for mark in _marks(entry)}


def _marks(entry: Entry) -> frozenset[str | bytes]:
    """What only one person of the present roll has."""
    return frozenset({entry.email, entry.numen_digest})


def _take(taken: set[str | bytes], entry: Entry) -> None:
    if taken & _marks(entry):
        raise Duplicate
    taken |= _marks(entry)


class MemoryRecoveries(_Port):
    """The port Recoveries."""

    def add(self, recovery: Recovery) -> bool:
        if self.by_number(recovery.number) is not None:
            return False
        self._shelf.recoveries[recovery.handle] = recovery
        return True

    def by_handle(self, handle: bytes) -> Recovery | None:
        return self._shelf.recoveries.get(handle)

    def by_number(self, number: str) -> Recovery | None:
        return next((case for case in self._shelf.recoveries.values() if case.number == number), None)

    def move(self, recovery: Recovery, state: object, *, voter: int | None = None) -> None:  # noqa: ARG002  # an index that SQL keeps
        if self._shelf.recoveries[recovery.handle].version != recovery.version:
            raise Moved
        moved = msgspec.structs.replace(recovery, state=state, version=recovery.version + 1)
        self._shelf.recoveries[recovery.handle] = moved


class MemoryLinks(_Port):
    """The port Links."""

    def add(self, link: LinkRecord) -> None:
        self._shelf.links[link.digest] = link

    def find(self, digest: bytes) -> LinkRecord | None:
        return self._shelf.links.get(digest)

    def alive(self, voter: int, *, epoch: int, now: datetime) -> int:
        links = self._shelf.links.values()
        return sum(link.voter == voter and link.epoch == epoch and link.expires > now for link in links)

    def observe(self, digest: bytes, at: datetime) -> bool:
        link = self._shelf.links.get(digest)
        if link is None or link.opened is not None:
            return False
        self._shelf.links[digest] = msgspec.structs.replace(link, opened=at)
        return True

    def use(self, digest: bytes, at: datetime) -> None:
        self._shelf.links[digest] = msgspec.structs.replace(self._shelf.links[digest], used=at)


class MemorySessions(_Port):
    """The port Sessions."""

    def open(self, session: SessionRecord) -> None:
        self._shelf.sessions[session.digest] = session

    def find(self, digest: bytes) -> SessionRecord | None:
        return self._shelf.sessions.get(digest)

    def close(self, digest: bytes) -> None:
        self._shelf.sessions.pop(digest, None)


class MemoryOutbox(_Port):
    """The port Outbox."""

    def put(
        self,
        *,
        kind: ParcelKind,
        case: str,
        at: datetime,
        useful_until: datetime,
        voter: int | None = None,
        sealed: bytes | None = None,
    ) -> int:
        number = len(self._shelf.parcels) + 1
        self._shelf.ends[number] = ParcelState.WAITING
        self._shelf.parcels[number] = Parcel(
            id=number,
            kind=kind,
            case=case,
            voter=voter,
            sealed=sealed,
            created=at,
            due=at,
            useful_until=useful_until,
        )
        return number

    def find(self, parcel: int) -> Parcel | None:
        return self._shelf.parcels.get(parcel)

    def claim(self, *, now: datetime, lease: timedelta, limit: int) -> list[Parcel]:
        due = sorted((p for p in self._waiting() if p.due <= now), key=lambda p: (p.due, p.id))[:limit]
        claimed = [msgspec.structs.replace(parcel, due=now + lease) for parcel in due]
        self._shelf.parcels.update({parcel.id: parcel for parcel in claimed})
        return sorted(claimed, key=lambda parcel: parcel.id)

    def seal(self, parcel: Parcel, *, kind: ParcelKind, sealed: bytes, voter: int | None) -> None:
        self._change(parcel, kind=kind, sealed=sealed, voter=voter)

    def finish(self, parcel: Parcel, state: ParcelState, *, at: datetime, reason: str | None = None) -> None:  # noqa: ARG002  # for the desk's eyes
        self._change(parcel, **({} if state is ParcelState.PARKED else {"sealed": None}))
        self._shelf.ends[parcel.id] = state

    def retry(self, parcel: Parcel, *, due: datetime, reason: str, counted: bool) -> None:  # noqa: ARG002  # for the desk's eyes
        self._change(parcel, due=due, attempts=self._shelf.parcels[parcel.id].attempts + int(counted))

    def delay(self, now: datetime) -> timedelta:
        asked = [parcel.created for parcel in self._waiting() if parcel.kind is ParcelKind.ASK]
        return max(now - min(asked), timedelta(0)) if asked else timedelta(0)

    def counts(self) -> dict[ParcelState, int]:
        ends = list(self._shelf.ends.values())
        return {state: ends.count(state) for state in ParcelState if state in ends}

    def backlog(self) -> Backlog:
        waiting = [parcel.created for parcel in self._waiting()]
        return Backlog(len(waiting), min(waiting, default=None))

    def _waiting(self) -> Iterator[Parcel]:
        ends = self._shelf.ends
        return (parcel for parcel in self._shelf.parcels.values() if ends[parcel.id] is ParcelState.WAITING)

    def _change(self, parcel: Parcel, **values: object) -> None:
        present = self._shelf.parcels[parcel.id]
        if self._shelf.ends[parcel.id] is not ParcelState.WAITING or present.due != parcel.due:
            raise ClaimLost
        self._shelf.parcels[parcel.id] = msgspec.structs.replace(present, **values)


class MemoryReports(_Port):
    """The port Reports."""

    def note(self, parcel: int, delivery: Delivery, at: datetime) -> bool:
        return self._once(self._shelf.reports, (parcel, delivery), at)

    def of_parcel(self, parcel: int) -> Mapping[Delivery, datetime]:
        return {delivery: at for (known, delivery), at in self._shelf.reports.items() if known == parcel}

    def hear(self, answer: bytes, at: datetime) -> bool:
        return self._once(self._shelf.answers, answer, at)

    def forget(self, answer: bytes) -> None:
        self._shelf.answers.pop(answer, None)

    @staticmethod
    def _once(kept: dict[K, datetime], key: K, at: datetime) -> bool:
        new = key not in kept
        kept.setdefault(key, at)
        return new


class MemorySpending(_Port):
    """The port Spending."""

    def add(self, day: date, scope: str, spent: Spent) -> Spent:
        former = self._shelf.spending.get((day, scope), Spent())
        present = Spent(former.sent + spent.sent, former.verified + spent.verified)
        self._shelf.spending[day, scope] = present
        return present

    def of_day(self, day: date) -> Mapping[str, Spent]:
        return {scope: spent for (known, scope), spent in self._shelf.spending.items() if known == day}


class MemoryJournal(_Port):
    """The port Journal."""

    def write(self, event: Event) -> None:
        self._shelf.events[len(self._shelf.events) + 1] = event

    def of_case(self, number: str) -> list[Event]:
        return [event for event in self._shelf.events.values() if event.case == number]

    def tally(self, *, after: int, recent: datetime) -> Tally:
        new = {line: event for line, event in self._shelf.events.items() if line > after}
        first_recent = min((line for line, event in new.items() if event.at >= recent), default=None)
        line = first_recent - 1 if first_recent is not None else max(new, default=after)
        return Tally(
            line=line,
            settled=Counter(_kind(event) for number, event in new.items() if number <= line),
            fresh=Counter(_kind(event) for number, event in new.items() if number > line),
        )


def _kind(event: Event) -> tuple[str, str | None]:
    return event.act.value, event.reason if event.act in REASONED else None


class MemoryChain(_Port):
    """The port Chain."""

    def end(self) -> ChainEnd:
        last = self._shelf.seals.get(max(self._shelf.seals, default=0))
        position, digest = (0, form.GENESIS) if last is None else (last.position, last.digest)
        return ChainEnd(position, digest, self._reached(), tuple(self._shelf.gaps.values()))

    def unsealed(self, end: ChainEnd, *, limit: int) -> list[Line]:
        return [_line(each) for each in self._waiting(end.reached)][:limit]

    def seal(self, end: ChainEnd, seals: Sequence[Seal], gaps: Sequence[Gap]) -> None:
        if end.position != max(self._shelf.seals, default=0):
            raise Moved
        self._shelf.seals.update({seal.position: seal for seal in seals})
        self._shelf.gaps = {gap.first: gap for gap in gaps}

    def seals(self, *, after: int = 0) -> Iterator[tuple[Seal, Line | None]]:
        for position, seal in sorted(self._shelf.seals.items()):
            if position > after:
                event = self._shelf.events.get(seal.line)
                yield seal, None if event is None else _line((seal.line, event))

    def strays(self) -> Iterator[Line]:
        waiting = dict(self._waiting(self._reached()))
        sealed = {seal.line for seal in self._shelf.seals.values()}
        return (_line(each) for each in self._shelf.events.items() if each[0] not in waiting.keys() | sealed)

    def tail(self) -> Pending:
        return _pending(event for _, event in self._waiting(self._reached()))

    def unattested(self, *, after: int) -> Pending:
        lines = (seal.line for position, seal in self._shelf.seals.items() if position > after)
        events = (self._shelf.events[line] for line in lines if line in self._shelf.events)
        return _pending(event for event in events if not (event.case or "").startswith(CHECKPOINT_CASES))

    def attest(self, checkpoint: Checkpoint) -> None:
        if checkpoint.number in self._shelf.checkpoints:
            raise Moved
        self._shelf.checkpoints[checkpoint.number] = checkpoint

    def checkpoint(self, number: int | None = None) -> Checkpoint | None:
        wanted = max(self._shelf.checkpoints, default=0) if number is None else number
        return self._shelf.checkpoints.get(wanted)

    def checkpoints(self) -> list[Checkpoint]:
        return [checkpoint for _, checkpoint in sorted(self._shelf.checkpoints.items())]

    def _reached(self) -> int:
        return max((seal.line for seal in self._shelf.seals.values()), default=0)

    def _waiting(self, reached: int) -> list[tuple[int, Event]]:
        sealed = {seal.line for seal in self._shelf.seals.values()}
        gaps = self._shelf.gaps.values()

        def waits(line: int) -> bool:
            return line > reached or (line not in sealed and any(gap.first <= line <= gap.last for gap in gaps))

        return [(line, event) for line, event in sorted(self._shelf.events.items()) if waits(line)]


def _line(numbered: tuple[int, Event]) -> Line:
    number, event = numbered
    return Line(number, msgspec.structs.asdict(event))


def _pending(events: Iterable[Event]) -> Pending:
    moments = [event.at for event in events]
    return Pending(len(moments), min(moments, default=None))


class MemoryThrottle(_Port):
    """The port Throttle."""

    def take(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> Verdict:
        began, count = self._shelf.counters.get(bucket, (now, 0))
        if began <= now - window:
            began, count = now, 0
        self._shelf.counters[bucket] = (began, count + 1)
        return Verdict(left=limit - count - 1, until=began + window)

    def peek(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> Verdict:
        began, count = self._shelf.counters.get(bucket, (now, 0))
        if began <= now - window:
            began, count = now, 0
        return Verdict(left=limit - count - 1, until=began + window)

    def give_back(self, bucket: bytes) -> None:
        if bucket in self._shelf.counters:
            began, count = self._shelf.counters[bucket]
            self._shelf.counters[bucket] = (began, max(0, count - 1))

    def forget(self, bucket: bytes) -> None:
        self._shelf.counters.pop(bucket, None)

"""The store in memory: shipped, and held to the same suite as SQL. Tests and pictures use it; nothing outlives it."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from hmac import compare_digest
from typing import Any, TypeVar

import msgspec

from core.journal import form
from core.names import folded
from core.platform import Registered, Registry, Standing
from core.ports import (
    CHECKPOINT_CASES,
    REASONED,
    Act,
    Agent,
    Agents,
    AwaitedCodes,
    Backlog,
    Chain,
    ChainEnd,
    Checkpoint,
    ClaimLost,
    Delivery,
    Directory,
    Duplicate,
    Durability,
    Entry,
    Event,
    Gap,
    Journal,
    Leftovers,
    Line,
    LinkRecord,
    Links,
    Listed,
    Moved,
    Outbox,
    Parcel,
    ParcelKind,
    ParcelState,
    Pending,
    PhoneClaims,
    Recoveries,
    Recovery,
    ReissueRecord,
    Reissues,
    Remains,
    Reports,
    Role,
    Roll,
    Seal,
    SessionRecord,
    Sessions,
    Sought,
    Spending,
    Spent,
    Stranded,
    Tally,
    Throttle,
    Transaction,
    Verdict,
    Voter,
    Voters,
    Written,
)

K = TypeVar("K")


@dataclass(slots=True)
class Shelf:
    """All that is kept: immutable records by key, so that a copy of the dictionaries is a snapshot."""

    voters: dict[int, Voter] = field(default_factory=dict)
    entries: dict[int, Entry] = field(default_factory=dict)
    recoveries: dict[bytes, Recovery] = field(default_factory=dict)
    links: dict[bytes, LinkRecord] = field(default_factory=dict)
    phones: dict[bytes, int] = field(default_factory=dict)
    reissues: dict[str, ReissueRecord] = field(default_factory=dict)
    awaited: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)
    registered: dict[str, Registered] = field(default_factory=dict)
    sessions: dict[bytes, SessionRecord] = field(default_factory=dict)
    parcels: dict[int, Parcel] = field(default_factory=dict)
    ends: dict[int, ParcelState] = field(default_factory=dict)
    ended: dict[int, datetime] = field(default_factory=dict)
    reasons: dict[int, str | None] = field(default_factory=dict)
    reports: dict[tuple[int, Delivery], datetime] = field(default_factory=dict)
    answers: dict[bytes, datetime] = field(default_factory=dict)
    spending: dict[tuple[date, str], Spent] = field(default_factory=dict)
    events: dict[int, Event] = field(default_factory=dict)
    seals: dict[int, Seal] = field(default_factory=dict)
    gaps: dict[int, Gap] = field(default_factory=dict)
    checkpoints: dict[int, Checkpoint] = field(default_factory=dict)
    counters: dict[bytes, tuple[datetime, int]] = field(default_factory=dict)
    agents: dict[int, Agent] = field(default_factory=dict)
    whose: dict[str, int] = field(default_factory=dict)
    """Whose each case is, by its number."""

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
        self.directory: Directory = MemoryDirectory(shelf)
        self.roll: Roll = MemoryRoll(shelf)
        self.recoveries: Recoveries = MemoryRecoveries(shelf)
        self.phone_claims: PhoneClaims = MemoryPhoneClaims(shelf)
        self.reissues: Reissues = MemoryReissues(shelf)
        self.awaited_codes: AwaitedCodes = MemoryAwaitedCodes(shelf)
        self.registry: Registry = MemoryRegistry(shelf)
        self.links: Links = MemoryLinks(shelf)
        self.sessions: Sessions = MemorySessions(shelf)
        self.outbox: Outbox = MemoryOutbox(shelf)
        self.reports: Reports = MemoryReports(shelf)
        self.spending: Spending = MemorySpending(shelf)
        self.journal: Journal = MemoryJournal(shelf)
        self.chain: Chain = MemoryChain(shelf)
        self.leftovers: Leftovers = MemoryLeftovers(shelf)
        self.throttle: Throttle = MemoryThrottle(shelf)
        self.agents: Agents = MemoryAgents(shelf)


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

    def unfreeze(self, voter: int, *, epoch: int) -> None:
        self._swap(voter, epoch, frozen=None, password=None, password_set=None)

    def frozen(self, limit: int) -> list[Listed]:
        present = (voter for voter in self._shelf.voters.values() if voter.removed is None)
        frozen = [_listed(voter, self._shelf.entries[voter.id]) for voter in present if voter.frozen is not None]
        return sorted(frozen, key=lambda listed: (listed.frozen, listed.voter), reverse=True)[:limit]

    def matches(self, voter: int, *, birth_date: bytes, numen: bytes) -> bool:
        entry = self._shelf.entries.get(voter)
        if entry is None:
            return False
        return compare_digest(entry.birth_date_digest, birth_date) & compare_digest(entry.numen_digest, numen)

    def first_verifier(self, voter: int) -> str | None:
        entry = self._shelf.entries.get(voter)
        return None if entry is None else entry.first_verifier

    def _swap(self, voter: int, epoch: int, *, new_epoch: bool = True, **values: object) -> None:
        present = self._shelf.voters.get(voter)
        if present is None or present.epoch != epoch:
            raise Moved
        self._shelf.voters[voter] = msgspec.structs.replace(present, epoch=epoch + int(new_epoch), **values)


class MemoryDirectory(_Port):
    """The port Directory."""

    def listed(self, voter: int) -> Listed | None:
        return next((listed for listed in self._present() if listed.voter == voter), None)

    def named(self, beginnings: Sequence[str], *, limit: int) -> Sought:
        def words(listed: Listed) -> str:
            return folded(listed.last_name, listed.first_name)

        fitting = [one for one in self._present() if all(f" {each}" in words(one) for each in beginnings)]
        exact = sorted(fitting, key=lambda one: -sum(f" {each} " in words(one) for each in beginnings))
        return Sought(tuple(exact[:limit]), more=len(exact) > limit)

    def addressed(self, beginning: str, *, limit: int) -> Sought:
        fitting = [listed for listed in self._present() if listed.email.startswith(beginning)]
        ordered = sorted(fitting, key=lambda listed: listed.email)
        return Sought(tuple(ordered[:limit]), more=len(ordered) > limit)

    def _present(self) -> Iterator[Listed]:
        present = (voter for voter in self._shelf.voters.values() if voter.removed is None)
        return (_listed(voter, self._shelf.entries[voter.id]) for voter in present)


def _listed(voter: Voter, entry: Entry) -> Listed:
    return Listed(
        voter=voter.id,
        email=voter.email,
        last_name=voter.last_name,
        first_name=voter.first_name,
        academie=entry.academie,
        phone_ending=entry.phone_ending,
        frozen=voter.frozen,
    )


class MemoryRoll(_Port):
    """The port Roll."""

    def entries(self) -> Iterator[tuple[int, Entry]]:
        present = self._shelf.voters
        return iter([pair for pair in self._shelf.entries.items() if present[pair[0]].removed is None])

    def add(self, entries: Iterable[Entry]) -> None:
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

    def add(self, recovery: Recovery, *, voter: int | None = None) -> bool:
        if self.by_number(recovery.number) is not None:
            return False
        self._shelf.recoveries[recovery.handle] = recovery
        self._own(recovery.number, voter)
        return True

    def by_handle(self, handle: bytes) -> Recovery | None:
        return self._shelf.recoveries.get(handle)

    def by_number(self, number: str) -> Recovery | None:
        return next((case for case in self._shelf.recoveries.values() if case.number == number), None)

    def latest(self, voter: int, flow: str) -> Recovery | None:
        whose = self._shelf.whose
        theirs = [
            case for case in self._shelf.recoveries.values() if case.flow == flow and whose.get(case.number) == voter
        ]
        return max(theirs, key=lambda case: (case.began, case.number), default=None)

    def of_voter(self, voter: int, limit: int) -> list[Recovery]:
        cases = [case for case in self._shelf.recoveries.values() if self._shelf.whose.get(case.number) == voter]
        return sorted(cases, key=lambda case: (case.began, case.number), reverse=True)[:limit]

    def in_flow(self, flow: str) -> Iterator[Recovery]:
        cases = (case for case in self._shelf.recoveries.values() if case.flow == flow)
        return iter(sorted(cases, key=lambda case: case.number))

    def voter_of(self, number: str) -> int | None:
        return self._shelf.whose.get(number)

    def move(self, recovery: Recovery, state: object, *, voter: int | None = None) -> None:
        if self._shelf.recoveries[recovery.handle].version != recovery.version:
            raise Moved
        moved = msgspec.structs.replace(recovery, state=state, version=recovery.version + 1)
        self._shelf.recoveries[recovery.handle] = moved
        self._own(recovery.number, voter)

    def _own(self, number: str, voter: int | None) -> None:
        if voter is not None:
            self._shelf.whose[number] = voter


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


class MemoryPhoneClaims(_Port):
    """The port PhoneClaims."""

    def claim(self, phone: bytes, voter: int, at: datetime) -> bool:  # noqa: ARG002  # for the board's eyes
        return self._shelf.phones.setdefault(phone, voter) == voter


class MemoryReissues(_Port):
    """The port Reissues."""

    def reserve(self, case: str, voter: int, *, slot: int, at: datetime) -> None:
        if any(each.slot == slot or each.ended is None for each in self.of_voter(voter)):
            raise Moved
        self._shelf.reissues[case] = ReissueRecord(case=case, voter=voter, slot=slot, began=at)

    def of_voter(self, voter: int) -> list[ReissueRecord]:
        theirs = [each for each in self._shelf.reissues.values() if each.voter == voter]
        return sorted(theirs, key=lambda each: (each.began, each.case))

    def put_in_force(self, case: str, generation: int) -> None:
        self._change(case, generation=generation)

    def end(self, case: str, at: datetime) -> None:
        if self._shelf.reissues[case].ended is None:
            self._change(case, ended=at)

    def recount(self, case: str, slot: int | None) -> None:
        self._change(case, slot=slot)

    def generations(self) -> Iterator[tuple[Voter, int]]:
        for voter in self._shelf.voters.values():
            last = max((each.generation or 0 for each in self.of_voter(voter.id)), default=0)
            if last or voter.frozen is not None:
                yield voter, last

    def _change(self, case: str, **values: object) -> None:
        self._shelf.reissues[case] = msgspec.structs.replace(self._shelf.reissues[case], **values)


class MemoryAwaitedCodes(_Port):
    """The port AwaitedCodes."""

    def expect(self, phone: bytes, case: str, until: datetime) -> None:
        self._shelf.awaited[case] = (phone, until)

    def of_phone(self, phone: bytes, now: datetime) -> list[str]:
        waiting = [(until, case) for case, (at, until) in self._shelf.awaited.items() if at == phone and until > now]
        return [case for _, case in sorted(waiting, key=lambda each: (-each[0].timestamp(), each[1]))]

    def forget(self, case: str) -> None:
        self._shelf.awaited.pop(case, None)


class MemoryRegistry(_Port):
    """The port Registry."""

    def find(self, voter: str) -> Registered | None:
        return self._shelf.registered.get(voter)

    def keep(self, registered: Registered) -> None:
        present = self._shelf.registered.get(registered.voter)
        if registered.version != (0 if present is None else present.version) + 1:
            raise Moved
        self._shelf.registered[registered.voter] = registered

    def standings(self) -> Iterator[Standing]:
        for record in sorted(self._shelf.registered.values(), key=lambda each: each.voter):
            yield Standing(voter=record.voter, generation=record.generation, frozen=record.frozen)


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

    def finish(self, parcel: Parcel, state: ParcelState, *, at: datetime, reason: str | None = None) -> None:
        self._change(parcel, **({} if state is ParcelState.PARKED else {"sealed": None}))
        self._shelf.ends[parcel.id] = state
        self._shelf.ended[parcel.id], self._shelf.reasons[parcel.id] = at, reason

    def retry(self, parcel: Parcel, *, due: datetime, reason: str, counted: bool) -> None:
        self._change(parcel, due=due, attempts=self._shelf.parcels[parcel.id].attempts + int(counted))
        self._shelf.reasons[parcel.id] = reason

    def delay(self, now: datetime) -> timedelta:
        asked = [parcel.created for parcel in self._waiting() if parcel.kind is ParcelKind.ASK]
        return max(now - min(asked), timedelta(0)) if asked else timedelta(0)

    def counts(self) -> dict[ParcelState, int]:
        ends = list(self._shelf.ends.values())
        return {state: ends.count(state) for state in ParcelState if state in ends}

    def backlog(self) -> Backlog:
        waiting = [parcel.created for parcel in self._waiting()]
        return Backlog(len(waiting), min(waiting, default=None))

    def parked(self, limit: int) -> list[Stranded]:
        ended = self._shelf.ended
        parked = [each for each, state in self._shelf.ends.items() if state is ParcelState.PARKED]
        latest = sorted(parked, key=lambda each: (ended[each], each), reverse=True)[:limit]
        return [self._stranded(self._shelf.parcels[each], ended[each]) for each in latest]

    def late(self, before: datetime, limit: int) -> list[Stranded]:
        late = [parcel for parcel in self._waiting() if parcel.created < before]
        oldest = sorted(late, key=lambda parcel: (parcel.created, parcel.id))[:limit]
        return [self._stranded(parcel, parcel.created) for parcel in oldest]

    def _stranded(self, parcel: Parcel, since: datetime) -> Stranded:
        reason = self._shelf.reasons.get(parcel.id)
        return Stranded(
            parcel=parcel.id, kind=parcel.kind, case=parcel.case, voter=parcel.voter, since=since, reason=reason
        )

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

    def case_history(self, number: str, limit: int) -> list[Written]:
        return self._last(limit, lambda event: event.case == number)

    def voter_history(self, voter: int, limit: int) -> list[Written]:
        cases = {number for number, whose in self._shelf.whose.items() if whose == voter}
        return self._last(limit, lambda event: event.voter == voter or event.case in cases)

    def bounced(self, limit: int) -> list[Written]:
        return self._last(limit, lambda event: event.act is Act.MAIL_BOUNCED)[::-1]

    def line_at(self, moment: datetime) -> int:
        return max((line for line, event in self._shelf.events.items() if event.at < moment), default=0)

    def _last(self, limit: int, wanted: Callable[[Event], bool]) -> list[Written]:
        found = [Written(line, event) for line, event in self._shelf.events.items() if wanted(event)]
        return found[-limit:]

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


class MemoryLeftovers(_Port):
    """The port Leftovers."""

    def count(self, kind: Remains, now: datetime) -> int:
        return MemoryLeftovers(self._shelf.copy()).erase(kind, now)

    def erase(self, kind: Remains, now: datetime) -> int:
        match kind:
            case Remains.BODIES:
                return self._bodies(now)
            case Remains.PHONES:
                return _emptied(self._shelf.phones, self._shelf.answers) + self._entries("phone_digest", "phone_ending")
            case Remains.PASSWORDS:
                return self._passwords()
            case _:
                return _emptied(*self._wholly(kind))

    def _wholly(self, kind: Remains) -> tuple[dict[Any, Any], ...]:
        shelf = self._shelf
        whole: dict[Remains, tuple[dict[Any, Any], ...]] = {
            Remains.SESSIONS: (shelf.sessions,),
            Remains.LINKS: (shelf.links,),
            Remains.AWAITED_CODES: (shelf.awaited,),
            Remains.ADDRESSES: (shelf.reissues, shelf.recoveries),
            Remains.COUNTERS: (shelf.counters,),
        }
        return whole[kind]

    def _bodies(self, now: datetime) -> int:
        over = [each for each in self._shelf.parcels.values() if each.sealed is not None and each.useful_until <= now]
        self._shelf.parcels.update({each.id: msgspec.structs.replace(each, sealed=None) for each in over})
        return len(over)

    def _entries(self, *names: str) -> int:
        known = [(n, each) for n, each in self._shelf.entries.items() if any(getattr(each, name) for name in names)]
        blank = dict.fromkeys(names)
        self._shelf.entries.update({n: msgspec.structs.replace(each, **blank) for n, each in known})
        return len(known)

    def _passwords(self) -> int:
        verified = {n for n, each in self._shelf.entries.items() if each.first_verifier is not None}
        chosen = {n for n, each in self._shelf.voters.items() if each.password is not None}
        self._entries("first_verifier")
        self._shelf.voters.update({n: msgspec.structs.replace(self._shelf.voters[n], password=None) for n in chosen})
        return len(verified | chosen)


def _emptied(*kept: dict[Any, Any]) -> int:
    count = sum(map(len, kept))
    for each in kept:
        each.clear()
    return count


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


class MemoryAgents(_Port):
    """The port Agents."""

    def add(self, name: str, *, role: Role, password: str, secret: bytes, at: datetime) -> bool:
        if self.by_name(name) is not None:
            return False
        agent = Agent(
            id=len(self._shelf.agents) + 1,
            name=name,
            role=role,
            password=password,
            secret=secret,
            first=True,
            step=0,
            epoch=0,
            added=at,
        )
        self._shelf.agents[agent.id] = agent
        return True

    def by_name(self, name: str) -> Agent | None:
        return next((agent for agent in self._shelf.agents.values() if agent.name == name), None)

    def all(self) -> list[Agent]:
        return sorted(self._shelf.agents.values(), key=lambda agent: agent.name)

    def accept(self, agent: int, step: int) -> bool:
        present = self._shelf.agents[agent]
        if present.step >= step:
            return False
        self._shelf.agents[agent] = msgspec.structs.replace(present, step=step)
        return True

    def choose_password(self, agent: int, password: str, *, epoch: int) -> None:
        self._swap(agent, epoch, password=password, first=False)

    def rehash(self, agent: int, password: str, *, epoch: int) -> None:
        self._swap(agent, epoch, new_epoch=False, password=password)

    def reseal(self, agent: int, secret: bytes, *, epoch: int) -> None:
        self._swap(agent, epoch, new_epoch=False, secret=secret)

    def renew(self, agent: int, *, role: Role, password: str, secret: bytes, epoch: int) -> None:
        self._swap(agent, epoch, role=role, password=password, secret=secret, first=True, step=0, removed=None)

    def remove(self, agent: int, *, epoch: int, at: datetime) -> None:
        self._swap(agent, epoch, removed=at)

    def _swap(self, agent: int, epoch: int, *, new_epoch: bool = True, **values: object) -> None:
        present = self._shelf.agents.get(agent)
        if present is None or present.epoch != epoch:
            raise Moved
        self._shelf.agents[agent] = msgspec.structs.replace(present, epoch=epoch + int(new_epoch), **values)

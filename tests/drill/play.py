"""Plays a drill: voters come while faults happen. Afterwards it waits until all work has ended."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from threading import Event, Thread
from types import MappingProxyType

from tests.drill.faults import Fault
from tests.drill.probes import Probe, running, static_probe, write_probe
from tests.drill.record import Record
from tests.drill.service import WHOLE, Service, Size, service
from tests.drill.voters import DrilledVoter
from tests.support.product import SECONDS_OF_A_CLAIM, e164, eventually

SHARED = 10
"""One in this many voters uses the telephone of the voter before."""
REST_SECONDS, PAUSE_SECONDS = 5.0, 0.2
LONGEST_SECONDS = 120.0
SECONDS_TO_SETTLE = 300
WAITING = "SELECT count(*) FROM outbox WHERE state = 'waiting'"
UNSEALED = "SELECT count(*) FROM events WHERE id NOT IN (SELECT line FROM seals)"


@dataclass(frozen=True)
class Played:
    """A fault that was played, with the seconds until each host accepted writes again."""

    fault: Fault
    began: float
    ended: float
    outages: list[float]


@dataclass
class Drill:
    """The result of a drill. Its service is still running, and no work is left to do."""

    service: Service
    record: Record
    seed: int
    people: list[DrilledVoter] = field(default_factory=list)
    played: list[Played] = field(default_factory=list)
    writes: list[Probe] = field(default_factory=list)
    static: list[Probe] = field(default_factory=list)
    restarted: bool = False


@contextmanager
def drill(
    folder: Path, faults: Sequence[Fault], seconds: float | None, seed: int, size: Size = WHOLE
) -> Iterator[Drill]:
    """Play faults in random order, again and again, until a fault ends after the given time.

    Without a time, play each fault once, in the given order. Each fault then ends as soon as writes succeed.
    """
    with service(folder, size) as around:
        made = Drill(around, Record(folder / "told.jsonl"), seed)
        _prepare_probes(made)
        with running([*made.writes, *made.static]):
            with coming_voters(made, size.people):
                _play_faults(made, faults, seconds)
            made.restarted = around.processes() != around.parts
        settle(around)
        yield made


def _prepare_probes(made: Drill) -> None:
    first, *_ = made.service.hosts
    voters = [first.take_unused_voter() for _ in made.service.sites]
    sessions = made.service.insist(lambda: made.service.inside.signed_in(voters))
    for site, voter, session in zip(made.service.sites, voters, sessions, strict=True):
        made.writes.append(write_probe(site, voter, session, made.record))
        made.static.append(static_probe(site))


@contextmanager
def coming_voters(
    made: Drill, people: int, sessions: Mapping[str, str] = MappingProxyType({}), *, answers_by_sms: bool = False
) -> Iterator[list[BaseException]]:
    """Let a given number of voters come at the same time, until the end of the block.

    Voters with a session want only an identifier. Yields the errors so far. After the first error, no more voters come.
    """
    over, troubles = Event(), list[BaseException]()
    waiting = list(enumerate(made.service.hosts[0].voters))[len(made.service.sites) * 2 :]
    numbers = count()

    def queue() -> None:
        while not over.is_set() and waiting and not troubles:
            number, voter = waiting.pop(0)
            owner = made.service.hosts[0].voters[number - (number % SHARED == 1)]
            person = DrilledVoter(
                voter=voter,
                number=e164(owner.phone),
                sites=made.service.sites,
                product=made.service.hosts[0],
                vault=made.service.inside.vault,
                record=made.record,
                chance=Random(made.seed + next(numbers)),  # noqa: S311  # instants, not secrets
                over=over,
                session=sessions.get(voter.email),
                answers_by_sms=answers_by_sms,
            )
            made.people.append(person)
            try:
                person.live()
            except BaseException as trouble:  # noqa: BLE001  # a thread cannot fail a test by itself
                troubles.append(trouble)

    threads = [Thread(target=queue) for _ in range(people)]
    for thread in threads:
        thread.start()
    try:
        yield troubles
    finally:
        over.set()
        for thread in threads:
            thread.join()
    if troubles:
        raise troubles[0]


def _play_faults(made: Drill, faults: Sequence[Fault], seconds: float | None) -> None:
    chance = Random(made.seed)  # noqa: S311  # instants, not secrets
    end, hand = time.monotonic() + (seconds or 0), list(reversed(faults)) if seconds is None else list[Fault]()
    while not made.played or (hand if seconds is None else time.monotonic() < end):
        hand = hand or chance.sample(faults, len(faults))
        time.sleep(REST_SECONDS)
        fault = hand.pop()
        began, ended = _cause(made, fault, chance, held=seconds is not None)
        made.service.wait_until_whole()
        outages = [probe.longest_gap(began, ended, made.record.done_at(probe.site)) for probe in _spared(made, fault)]
        made.played.append(Played(fault, began, time.monotonic(), outages))


def _cause(made: Drill, fault: Fault, chance: Random, *, held: bool) -> tuple[float, float]:
    """Cause a fault and end it. Returns the interval in which the service must accept writes again."""
    began, hold = time.monotonic(), fault.hold if held else REST_SECONDS
    end = fault.begin(made.service, chance)
    if fault.needs_operator:
        time.sleep(hold)
        began = time.monotonic()
        end()
        return began, _last(made, fault, began, hold=0)
    try:
        return began, _last(made, fault, began, hold=hold)
    finally:
        end()


def _last(made: Drill, fault: Fault, began: float, *, hold: float) -> float:
    """Wait until the fault has lasted long enough, and all hosts with a database have written. Returns the time."""
    while (lasted := time.monotonic() - began) < hold or (lasted < LONGEST_SECONDS and not _write(made, fault, began)):
        time.sleep(PAUSE_SECONDS)
    return time.monotonic()


def _write(made: Drill, fault: Fault, began: float) -> bool:
    """Return whether each host that can reach the database has written after the fault began."""
    return all(probe.good[-1:] > [began + REST_SECONDS] for probe in _spared(made, fault))


def _spared(made: Drill, fault: Fault) -> list[Probe]:
    """Return the probes of the hosts that can reach the database during the fault."""
    return [probe for host, probe in enumerate(made.writes) if host not in fault.cut_off]


def settle(around: Service) -> None:
    """Wait until no message is waiting.

    The couriers run with a clock that is ahead, so they take over the messages that killed couriers had claimed.
    """
    for host in around.hosts:
        host.stop("courier")
    for host in around.hosts:
        host.start("courier", RETROUVE_CLOCK_OFFSET_SECONDS=str(SECONDS_OF_A_CLAIM))
    wait_until_nothing_waits(around)
    around.wait_until_whole()


def wait_until_nothing_waits(around: Service) -> None:
    """Wait until every message was sent or dropped, and every event is sealed."""
    for query in (WAITING, UNSEALED):
        eventually(lambda: around.rows(query) == [(0,)], f"nothing left of {query}", SECONDS_TO_SETTLE)  # noqa: B023  # run now

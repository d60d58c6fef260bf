"""The connections of a courier to one relay, and the pauses before what failed is tried again."""

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Condition, Thread, current_thread, local
from typing import Any

import pytest

from core.delivery.courier import BATCH
from core.delivery.retry_backoff import RetryBackoff
from core.delivery.sender_pool import LONGEST_LIMIT_SECONDS, SLOW_SECONDS, SenderPool
from core.ports import SendResult, StoreUnavailable
from tests.support.post import ACCEPTS, POSTPONES, REFUSES, UNREACHABLE
from tests.support.product import eventually

MOST = 6
SLOW = SLOW_SECONDS * 1.5
PATIENCE_SECONDS = 180


@dataclass
class RelayDouble:
    """A relay with a given speed that counts the messages it is working on."""

    seconds: float = SLOW
    says: SendResult = ACCEPTS
    now: float = 0.0
    open: bool = True
    """False to answer on the first connection only."""
    answers: int = 100
    """Number of connections that it admits."""
    connections: list["Connection"] = field(default_factory=list)
    in_hand: int = 0
    taken: list[str] = field(default_factory=list)
    changed: Condition = field(default_factory=Condition)

    spent: local = field(default_factory=local)

    def clock(self) -> float:
        """Return the time in seconds, which passes only for the thread that sends."""
        return self.now + getattr(self.spent, "seconds", 0.0)

    def take(self) -> None:
        """Let the time pass that it needs for a message."""
        self.spent.seconds = getattr(self.spent, "seconds", 0.0) + self.seconds

    def connect(self) -> "Connection":
        """Open a connection."""
        self.connections.append(Connection(self, len(self.connections)))
        return self.connections[-1]

    def pool(self) -> SenderPool[str]:
        """The connections of a courier."""
        return SenderPool(self.connect(), self.connect, connections=MOST, clock=self.clock)

    def holds(self, number: int) -> bool:
        """Wait until it is working on so many messages."""
        with self.changed:
            return self.changed.wait_for(lambda: self.in_hand == number, PATIENCE_SECONDS)

    def answer(self) -> None:
        """Answer all messages."""
        with self.changed:
            self.open = True
            self.changed.notify_all()


@dataclass
class Connection:
    """A connection to the relay."""

    relay: RelayDouble
    number: int
    closed: bool = False

    def send(self, message: str) -> SendResult:
        """Send it when the relay answers."""
        if self.number >= self.relay.answers:
            return UNREACHABLE
        self.relay.take()
        with self.relay.changed:
            self.relay.in_hand += 1
            self.relay.changed.notify_all()
            assert self.number == 0 or self.relay.changed.wait_for(lambda: self.relay.open, PATIENCE_SECONDS)
            self.relay.in_hand -= 1
            self.relay.taken.append(message)
        return self.relay.says

    def reachable(self) -> bool:
        """Return whether the relay admits this connection."""
        return self.number < self.relay.answers

    def close(self) -> None:
        """Note that the connection was closed."""
        self.closed = True


def _wait_for_all(pool: SenderPool[Any]) -> None:
    while pool.busy:
        pool.wait_for_answer()


@dataclass
class PoolSender:
    """A courier that notes the answers, and in which thread it got them."""

    relay: RelayDouble
    pool: SenderPool[str]
    answers: dict[str, SendResult] = field(default_factory=dict)
    threads: set[str] = field(default_factory=set)

    def send(self, *messages: str) -> None:
        """Send these messages, one after the other."""
        for message in messages:
            self.pool.submit(message, lambda result, message=message: self._note(message, result.result()))  # type: ignore[misc]

    def _note(self, message: str, answer: SendResult) -> None:
        self.answers[message] = answer
        self.threads.add(current_thread().name)

    def widen(self) -> None:
        """Send a few messages, so that the pool learns how slow the relay is."""
        for number in range(MOST * 2):
            self.send(f"warm {number}")
        _wait_for_all(self.pool)


@pytest.fixture
def relay() -> Iterator[RelayDouble]:
    """A slow relay."""
    relay = RelayDouble()
    yield relay
    relay.answer()


@pytest.fixture
def sender(relay: RelayDouble) -> Iterator[PoolSender]:
    """A courier that sends to it."""
    sender = PoolSender(relay, relay.pool())
    yield sender
    relay.answer()
    _wait_for_all(sender.pool)
    sender.pool.close()


def test_a_prompt_relay_gets_one_message_at_a_time(relay: RelayDouble, sender: PoolSender) -> None:
    """Messages go on one connection, and each answer is reported before the next message is sent."""
    relay.seconds = SLOW_SECONDS / 2

    for number in range(BATCH):
        sender.send(f"{number}")
        assert list(sender.answers) == relay.taken == [f"{n}" for n in range(number + 1)]

    assert len(relay.connections) == 1


def test_a_slow_relay_gets_a_message_on_each_connection_but_the_first(relay: RelayDouble, sender: PoolSender) -> None:
    """One slow answer widens the pool to its limit; all answers are reported in the courier's thread."""
    sender.send("slow")
    relay.open = False
    sender.send(*map(str, range(MOST - 1)))
    assert relay.holds(MOST - 1)
    waits: list[None] = []

    def answer_at_last() -> None:
        waits.append(None)
        relay.answer()

    sender.pool.submit("one more", lambda result: sender.answers.update(more=result.result()), answer_at_last)
    _wait_for_all(sender.pool)

    assert len(waits) == 1

    assert len(sender.answers) == len(relay.taken) == MOST + 1
    assert len(relay.connections) == MOST
    assert sender.threads == {current_thread().name}


def test_a_relay_that_is_prompt_again_gets_one_at_a_time(relay: RelayDouble, sender: PoolSender) -> None:
    """The first prompt answer narrows the pool again."""
    sender.widen()
    relay.seconds = 0

    sender.widen()
    before = len(relay.taken)
    sender.send("alone")

    assert relay.taken[before:] == ["alone"]
    assert sender.answers["alone"] == ACCEPTS


def test_a_slow_refusal_counts_too(relay: RelayDouble, sender: PoolSender) -> None:
    """A slow refusal widens the pool too: a relay may examine a message for long before it refuses it."""
    relay.says = REFUSES
    sender.widen()

    assert len(relay.connections) > 1
    assert set(sender.answers.values()) == {REFUSES}


@pytest.mark.parametrize("says", [POSTPONES, UNREACHABLE])
def test_a_relay_that_takes_nothing_gets_one_at_a_time(
    relay: RelayDouble, sender: PoolSender, says: SendResult
) -> None:
    """The relay gets one message at a time, however slowly it answers: many messages at once may be the reason."""
    sender.widen()
    relay.says = says
    sender.widen()

    before = len(relay.taken)
    sender.send("alone")

    assert relay.taken[before:] == ["alone"]
    assert sender.answers["alone"] == says


def test_a_relay_that_admits_few_connections_gets_every_message(relay: RelayDouble, sender: PoolSender) -> None:
    """Each message goes on a connection that stands, no failure is reported, and no further connection is tried for a while."""
    relay.answers = 3
    sender.send("slow")
    relay.open = False
    sender.send("a", "b", "one too many")
    eventually(sender.pool.report_answers, "the refused connection")
    relay.answer()
    sender.widen()

    assert set(sender.answers.values()) == {ACCEPTS}
    assert sorted(relay.taken) == sorted(sender.answers)
    assert len(relay.connections) == 4
    sender.pool.close()
    eventually(lambda: all(each.closed for each in relay.connections), "the end of the connections")


def test_more_connections_are_tried_again_after_a_while(relay: RelayDouble, sender: PoolSender) -> None:
    """More connections are tried after a while, since the relay may have room then."""
    relay.answers = 1
    sender.send("slow", "one too many")
    _wait_for_all(sender.pool)
    relay.answers = 100
    sender.widen()
    assert len(relay.connections) == 2
    relay.now += LONGEST_LIMIT_SECONDS

    sender.widen()
    relay.open = False
    sender.send(*map(str, range(MOST - 1)))

    assert relay.holds(MOST - 1)


def test_idle_connections_are_closed_when_the_first_reaches_nobody(relay: RelayDouble, sender: PoolSender) -> None:
    """Idle connections are closed, since they may be what keeps the first one out."""
    sender.widen()
    relay.says = UNREACHABLE
    sender.send("tried")
    _wait_for_all(sender.pool)

    assert sender.answers["tried"] == UNREACHABLE
    eventually(lambda: all(each.closed for each in relay.connections[1:]), "the end of the others")
    assert not relay.connections[0].closed


def test_without_a_thread_each_message_is_sent_once(
    relay: RelayDouble, sender: PoolSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each message is sent once even if the system gives no more threads."""

    def none(_thread: Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Thread, "start", none)
    sender.widen()

    assert set(sender.answers.values()) == {ACCEPTS}
    assert sorted(relay.taken) == sorted(sender.answers)


def test_an_exception_while_sending_is_raised_where_the_result_is_asked_for(relay: RelayDouble) -> None:
    """The connection of a sending that raised is not used again."""

    class Broken(Connection):
        def send(self, _message: str) -> SendResult:
            raise ZeroDivisionError

    broken = Broken(relay, 99)
    pool = SenderPool[str](relay.connect(), lambda: broken, connections=3, clock=relay.clock)
    results: list[Future[SendResult]] = []

    pool.submit("slow", results.append)
    pool.submit("broken", results.append)
    _wait_for_all(pool)
    pool.close()

    assert results[0].result() == ACCEPTS
    with pytest.raises(ZeroDivisionError):
        results[1].result()
    eventually(lambda: broken.closed, "its end")


def test_a_result_that_cannot_be_written_loses_no_other(relay: RelayDouble, sender: PoolSender) -> None:
    """A result that the store could not take is reported at the next call, and the others at once."""
    sender.widen()
    relay.open = False
    told = []

    def unwritable(_result: object) -> None:
        raise StoreUnavailable("gone")

    sender.pool.submit("lost", unwritable)
    for name in "ab":
        sender.pool.submit(name, lambda _, name=name: told.append(name))  # type: ignore[misc]
    assert relay.holds(3)
    relay.answer()
    with pytest.raises(StoreUnavailable):
        _wait_for_all(sender.pool)
    _wait_for_all(sender.pool)

    assert sorted(told) == ["a", "b"]


@pytest.mark.parametrize("under_way", [False, True])
def test_all_connections_are_closed(relay: RelayDouble, sender: PoolSender, *, under_way: bool) -> None:
    """The first connection, the idle ones, and each that is still sending, once it has its answer, are closed."""
    sender.widen()
    if under_way:
        relay.open = False
        sender.send("last")
        assert relay.holds(1)
    sender.pool.close()
    relay.answer()

    eventually(lambda: all(each.closed for each in relay.connections), "the end of the connections")


LONGEST = 60.0


def test_a_success_makes_the_next_pause_short() -> None:
    """Failures during one pause count once."""
    now = 0.0
    cool_down = RetryBackoff(LONGEST, lambda: now)
    assert not cool_down.active
    for pause in (5, 10):
        cool_down.failed()
        cool_down.failed()
        now += pause - 1
        assert cool_down.active
        now += 1
        assert not cool_down.active
    cool_down.succeeded()
    cool_down.failed()
    now += 5

    assert not cool_down.active

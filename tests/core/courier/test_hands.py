"""How many messages are on their way at once. Time stands still, or passes where a test says so."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Condition, Thread, current_thread, local
from typing import Any

import pytest

from core.courier.hand import Answer
from core.courier.hands import CROWDED_SECONDS, PROMPT_SECONDS, TURNED_AWAY_SECONDS, Hands
from core.courier.worker import BATCH
from core.ports import Sent, Unready
from tests.support.post import ACCEPTS, POSTPONES, REFUSES, UNREACHABLE
from tests.support.product import eventually

MOST = 6
SLOW = PROMPT_SECONDS * 1.5
PATIENCE_SECONDS = 20


@dataclass
class Relay:
    """What all connections lead to: how slow it is, and how many messages it has in hand."""

    seconds: float = SLOW
    says: Answer = ACCEPTS
    greets_in: float = 0.0
    """Seconds before it says that it is there, or that it is not."""
    now: float = 0.0
    open: bool = True
    """Whether it answers; else messages wait, but for those on the first connection."""
    answers: int = 100
    """How many connections it answers on."""
    connections: list["Connection"] = field(default_factory=list)
    in_hand: int = 0
    taken: list[str] = field(default_factory=list)
    changed: Condition = field(default_factory=Condition)

    spent: local = field(default_factory=local)

    def clock(self) -> float:
        """Seconds. They pass for the thread that sends."""
        return self.now + getattr(self.spent, "seconds", 0.0)

    def take(self, seconds: float | None = None) -> None:
        """So long, or as long as it takes over a message."""
        self.spent.seconds = getattr(self.spent, "seconds", 0.0) + (self.seconds if seconds is None else seconds)

    def connect(self) -> "Connection":
        """One more."""
        self.connections.append(Connection(self, len(self.connections)))
        return self.connections[-1]

    def hands(self) -> Hands[str]:
        """Those of a courier."""
        return Hands(self.connect(), self.connect, most=MOST, clock=self.clock)

    def holds(self, number: int) -> bool:
        """Waits until it has so many in hand."""
        with self.changed:
            return self.changed.wait_for(lambda: self.in_hand == number, PATIENCE_SECONDS)

    def answer(self) -> None:
        """All that it has in hand, and what comes."""
        with self.changed:
            self.open = True
            self.changed.notify_all()


@dataclass
class Connection:
    """A taker of messages."""

    relay: Relay
    number: int
    closed: bool = False

    def send(self, message: str) -> Answer:
        """Takes it when the relay answers."""
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
        """It greets, where it answers at all."""
        self.relay.take(self.relay.greets_in)
        return self.number < self.relay.answers

    def close(self) -> None:
        """Notes it."""
        self.closed = True


def _hear_all(hands: Hands[Any]) -> None:
    while hands.busy:
        hands.hear()


@dataclass
class Sender:
    """A courier that notes what it is told, and by which thread."""

    relay: Relay
    hands: Hands[str]
    told: dict[str, Answer] = field(default_factory=dict)
    threads: set[str] = field(default_factory=set)

    def send(self, *messages: str) -> None:
        """One after the other, as the hands take them."""
        for message in messages:
            self.hands.carry(message, lambda answer, message=message: self._hear(message, answer()))  # type: ignore[misc]

    def _hear(self, message: str, answer: Answer) -> None:
        self.told[message] = answer
        self.threads.add(current_thread().name)

    def widen(self) -> None:
        """Until as many are on their way as may be."""
        for number in range(MOST * 2):
            self.send(f"warm {number}")
        _hear_all(self.hands)


@pytest.fixture
def relay() -> Iterator[Relay]:
    """A slow one."""
    relay = Relay()
    yield relay
    relay.answer()


@pytest.fixture
def sender(relay: Relay) -> Iterator[Sender]:
    """Whoever sends to it."""
    sender = Sender(relay, relay.hands())
    yield sender
    relay.answer()
    _hear_all(sender.hands)
    sender.hands.close()


def test_a_prompt_relay_has_one_message_in_hand(relay: Relay, sender: Sender) -> None:
    """On one connection, and each answer is told before the next message goes."""
    relay.seconds = PROMPT_SECONDS / 2

    for number in range(BATCH):
        sender.send(f"{number}")
        assert list(sender.told) == relay.taken == [f"{n}" for n in range(number + 1)]

    assert len(relay.connections) == 1


def test_a_slow_relay_has_more_and_more_in_hand_up_to_the_most(relay: Relay, sender: Sender) -> None:
    """Each slow answer lets one more be on its way: one, two, four, and then one on each connection but the first."""
    counts = []
    for width in (1, 2, 4, MOST - 1, MOST - 1):
        relay.open = width == 1
        sender.send(*(f"{len(counts)}.{n}" for n in range(width)))
        if width > 1:
            assert relay.holds(width)
        relay.answer()
        _hear_all(sender.hands)
        counts.append(width)

    assert len(sender.told) == len(relay.taken) == sum(counts)
    assert len(relay.connections) == MOST
    assert sender.threads == {current_thread().name}


def test_no_more_than_the_most_are_on_their_way(relay: Relay, sender: Sender) -> None:
    """The next one waits for an answer."""
    sender.widen()
    relay.open = False
    sender.send(*map(str, range(MOST - 1)))
    assert relay.holds(MOST - 1)

    waits = [len(sender.told)]
    relay.answer()
    sender.send("one more")
    waits.append(len(sender.told))

    assert waits[1] > waits[0]


def test_a_relay_that_is_prompt_again_gets_one_at_a_time(relay: Relay, sender: Sender) -> None:
    """After as many prompt answers as had been slow."""
    sender.widen()
    relay.seconds = 0

    sender.widen()
    before = len(relay.taken)
    sender.send("alone")

    assert relay.taken[before:] == ["alone"]
    assert sender.told["alone"] == ACCEPTS


def test_a_slow_refusal_counts_too(relay: Relay, sender: Sender) -> None:
    """A relay that looks long at a message before it refuses it."""
    relay.says = REFUSES
    sender.widen()

    assert len(relay.connections) > 1
    assert set(sender.told.values()) == {REFUSES}


def test_a_relay_that_puts_messages_off_has_fewer_and_fewer_in_hand(relay: Relay, sender: Sender) -> None:
    """However slowly: that there are many may be its reason (too many at once from us), and each try counts."""
    sender.widen()
    relay.says = POSTPONES
    sender.widen()

    before = len(relay.taken)
    sender.send("alone")

    assert relay.taken[before:] == ["alone"]
    assert sender.told["alone"] == POSTPONES


def test_a_relay_that_cannot_be_reached_is_tried_one_at_a_time(relay: Relay, sender: Sender) -> None:
    """However long it was waited for: it is no reason to try more at once."""
    relay.says = UNREACHABLE
    sender.widen()

    assert len(relay.connections) == 1
    assert set(sender.told.values()) == {UNREACHABLE}


def test_a_relay_that_takes_no_more_connections_is_no_trouble(relay: Relay, sender: Sender) -> None:
    """Each message is taken on a connection that stands, nobody hears of it, and no other is tried for a while."""
    relay.answers = 3

    sender.widen()
    connections = len(relay.connections)
    sender.widen()

    assert set(sender.told.values()) == {ACCEPTS}
    assert len(relay.connections) == connections > 3
    sender.hands.close()
    assert all(each.closed for each in relay.connections)


def test_a_relay_that_has_fallen_silent_is_not_waited_for_twice(relay: Relay, sender: Sender) -> None:
    """It does not greet for as long as it is waited for: the first connection would learn no more."""
    relay.answers, relay.greets_in = 1, TURNED_AWAY_SECONDS * 2
    sender.send("slow", "silent")
    _hear_all(sender.hands)

    assert sender.told == {"slow": ACCEPTS, "silent": UNREACHABLE}


def test_a_relay_that_greets_slowly_is_no_slow_relay(relay: Relay, sender: Sender) -> None:
    """What is told by how long a message takes is not told by its connection."""
    sender.send("slow")
    relay.seconds, relay.greets_in = 0.0, SLOW
    sender.send("greeted", "again")
    _hear_all(sender.hands)
    before = len(relay.connections)
    sender.widen()

    assert len(relay.connections) == before


def test_the_next_relay_is_no_place_for_what_the_first_has_no_room_for(relay: Relay) -> None:
    """Relays are an order: whoever was taken by another than the first connection's is not given more."""
    other = Sent("other.example")

    class Second(Connection):
        def send(self, message: str) -> Answer:
            answer = super().send(message)
            return other if answer == ACCEPTS else answer

    hands = Hands(relay.connect(), lambda: Second(relay, 1), most=MOST, clock=relay.clock)
    told: list[Answer] = []
    for number in range(MOST * 4):
        hands.carry(str(number), lambda answer: told.append(answer()))
    _hear_all(hands)
    hands.close()

    assert told.count(other) <= 2
    assert told.count(ACCEPTS) == len(told) - told.count(other)


def test_connections_that_wait_are_let_go_when_nobody_answers(relay: Relay, sender: Sender) -> None:
    """They may be what keeps the first one out."""
    sender.widen()
    relay.says = UNREACHABLE
    sender.send("tried")
    _hear_all(sender.hands)

    assert sender.told["tried"] == UNREACHABLE
    assert sender.hands.carry("alone", lambda answer: sender.told.update(alone=answer())) is None
    eventually(lambda: all(each.closed for each in relay.connections[1:]), "the end of the others")


def test_connections_that_are_not_needed_are_let_go_after_a_while(relay: Relay, sender: Sender) -> None:
    """All but the first, when the relay is prompt again."""
    sender.widen()
    sender.hands.look()
    kept = [each.closed for each in relay.connections]
    relay.now += CROWDED_SECONDS * 2
    sender.hands.look()

    assert not any(kept)
    eventually(lambda: all(each.closed for each in relay.connections[1:]), "the end of the others")
    assert not relay.connections[0].closed


def test_without_a_thread_messages_go_on_one_at_a_time(
    relay: Relay, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that has no more to give: each is sent once."""

    def none(_thread: Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Thread, "start", none)
    sender.widen()

    assert set(sender.told.values()) == {ACCEPTS}
    assert sorted(relay.taken) == sorted(sender.told)


def test_after_a_while_more_connections_are_tried_again(relay: Relay, sender: Sender) -> None:
    """The relay may have let somebody else go."""
    relay.answers = 3
    sender.widen()
    relay.answers = 100
    relay.now += CROWDED_SECONDS

    sender.widen()
    relay.open = False
    sender.send(*map(str, range(MOST - 1)))

    assert relay.holds(MOST - 1)


def test_a_defect_on_the_way_is_told_where_its_answer_is_asked_for(relay: Relay, sender: Sender) -> None:
    """And its connection is not used again."""
    sender.widen()

    class Broken(Connection):
        def send(self, _message: str) -> Answer:
            raise ZeroDivisionError

    broken = Broken(relay, 99)
    hands = Hands(relay.connect(), lambda: broken, most=3, clock=relay.clock)
    failed: list[bool] = []

    def told(answer: object) -> None:
        with pytest.raises(ZeroDivisionError):
            answer()  # type: ignore[operator]
        failed.append(True)

    hands.carry("slow", lambda answer: failed.append(answer() != ACCEPTS))
    hands.carry("broken", told)
    _hear_all(hands)
    hands.close()

    assert failed == [False, True]
    eventually(lambda: broken.closed, "its end")


def test_who_cannot_write_an_answer_loses_no_other(relay: Relay, sender: Sender) -> None:
    """The store is gone for one; the others are told at the next look."""
    sender.widen()
    relay.open = False
    told = []

    def gone(_answer: object) -> None:
        raise Unready("gone")

    sender.hands.carry("lost", gone)
    for name in "ab":
        sender.hands.carry(name, lambda _, name=name: told.append(name))  # type: ignore[misc]
    assert relay.holds(3)
    relay.answer()
    with pytest.raises(Unready):
        _hear_all(sender.hands)
    _hear_all(sender.hands)

    assert sorted(told) == ["a", "b"]


def test_all_connections_are_let_go(relay: Relay, sender: Sender) -> None:
    """Those that wait for a message, and the first."""
    sender.widen()
    sender.hands.close()

    assert [each.closed for each in relay.connections] == [True] * len(relay.connections)

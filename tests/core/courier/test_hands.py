"""How many messages are on their way at once. Time stands still, or passes where a test says so."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from dataclasses import replace as changed
from threading import Condition, current_thread, local
from threading import Event as Signal

import pytest

from core.courier.hands import PROMPT_SECONDS, TURNED_AWAY_SECONDS, Answer, Hands
from core.courier.settlement import Settlement
from core.courier.worker import BATCH, LEASE
from core.ports import Envelope, ParcelState, Unready
from tests.support.election import entry
from tests.support.post import ACCEPTS, POSTPONES, REFUSES, UNREACHABLE, Post
from tests.support.worlds import World

MOST = 6
SLOW = PROMPT_SECONDS * 1.5
PATIENCE_SECONDS = 20


@dataclass
class Relay:
    """What all connections lead to: how slow it is, and how many messages it has in hand."""

    seconds: float = SLOW
    says: Answer = ACCEPTS
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

    def take(self) -> None:
        """As long as it takes over a message."""
        self.spent.seconds = getattr(self.spent, "seconds", 0.0) + self.seconds

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
        """It greets."""
        return True

    def close(self) -> None:
        """Notes it."""
        self.closed = True


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
        self.hands.finish()


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
    sender.hands.finish()
    sender.hands.close()


def test_a_prompt_relay_has_one_message_in_hand(relay: Relay, sender: Sender) -> None:
    """On one connection, and each answer is told before the next message goes."""
    relay.seconds = PROMPT_SECONDS / 2

    for number in range(BATCH):
        sender.send(f"{number}")
        assert list(sender.told) == relay.taken == [f"{n}" for n in range(number + 1)]

    assert len(relay.connections) == 1


def test_a_slow_relay_has_more_and_more_in_hand_up_to_the_most(relay: Relay, sender: Sender) -> None:
    """Each slow answer lets one more be on its way: one, two, four, and then as many as are allowed."""
    counts = []
    for width in (1, 2, 4, MOST, MOST):
        relay.open = width == 1
        sender.send(*(f"{len(counts)}.{n}" for n in range(width)))
        if width > 1:
            assert relay.holds(width)
        relay.answer()
        sender.hands.finish()
        counts.append(width)

    assert len(sender.told) == len(relay.taken) == sum(counts)
    assert len(relay.connections) == MOST + 1
    assert sender.threads == {current_thread().name}


def test_no_more_than_the_most_are_on_their_way(relay: Relay, sender: Sender) -> None:
    """The next one waits for an answer."""
    sender.widen()
    relay.open = False
    sender.send(*map(str, range(MOST)))
    assert relay.holds(MOST)

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


@pytest.mark.parametrize("says", [POSTPONES, REFUSES])
def test_other_slow_answers_count_too(relay: Relay, sender: Sender, says: Answer) -> None:
    """A relay that looks long at a message before it refuses it."""
    relay.says = says
    sender.widen()

    assert len(relay.connections) > 1
    assert set(sender.told.values()) == {says}


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
    assert len(relay.connections) == connections
    assert [each.closed for each in relay.connections[3:]] == [True] * (connections - 3)


def test_after_a_while_more_connections_are_tried_again(relay: Relay, sender: Sender) -> None:
    """The relay may have let somebody else go."""
    relay.answers = 3
    sender.widen()
    relay.answers = 100
    relay.now += TURNED_AWAY_SECONDS

    sender.widen()
    relay.open = False
    sender.send(*map(str, range(MOST)))

    assert relay.holds(MOST)


def test_a_defect_on_the_way_is_told_where_its_answer_is_asked_for(relay: Relay, sender: Sender) -> None:
    """And its connection is not used again."""
    sender.widen()

    class Broken(Connection):
        def send(self, _message: str) -> Answer:
            raise ZeroDivisionError

    broken = Broken(relay, 99)
    hands = Hands(relay.connect(), lambda: broken, most=2, clock=relay.clock)
    failed: list[bool] = []

    def told(answer: object) -> None:
        with pytest.raises(ZeroDivisionError):
            answer()  # type: ignore[operator]
        failed.append(True)

    hands.carry("slow", lambda answer: failed.append(answer() != ACCEPTS))
    hands.carry("broken", told)
    hands.finish()
    hands.close()

    assert failed == [False, True]
    assert broken.closed


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
        sender.hands.finish()
    sender.hands.finish()

    assert sorted(told) == ["a", "b"]


def test_all_connections_are_let_go(relay: Relay, sender: Sender) -> None:
    """Those that wait for a message, and the first."""
    sender.widen()
    sender.hands.close()

    assert [each.closed for each in relay.connections] == [True] * len(relay.connections)


# ── The courier behind a slow relay ──────────────────────────────────────────────────────────────────────


@dataclass
class Slow(Post):
    """A connection to a relay that takes long over each message, and answers a second one only when it has a third."""

    relay: Relay = field(default_factory=Relay)
    first: bool = True

    def send(self, envelope: Envelope) -> Answer:
        """After a while."""
        self.relay.take()
        if not self.first:
            self._wait()
        return super().send(envelope)

    def _wait(self) -> None:
        with self.relay.changed:
            self.relay.in_hand += 1
            self.relay.changed.notify_all()
            assert self.relay.changed.wait_for(lambda: self.relay.in_hand > 1, PATIENCE_SECONDS)

    def hands(self) -> Hands[Envelope]:
        """All its connections fill one mailbox."""
        return Hands(self, lambda: changed(self, first=False), most=BATCH, clock=self.relay.clock)


def _asked(world: World, number: int) -> list[str]:
    people = [entry(f"voter{n}@ac-lumiere.example") for n in range(number)]
    world.add(*people)
    for each in people:
        world.ask(each.email)
    return [each.email for each in people]


def test_mails_are_with_a_slow_relay_together(any_world: World) -> None:
    """Each is sent once and has ended, and the round ends with the last of them."""
    people, post = _asked(any_world, 8), Slow()
    courier = changed(any_world.courier(), mails=post.hands())

    assert courier.round() == 8
    courier.close()

    assert sorted(mail.envelope.recipient for mail in post.taken) == people
    assert any_world.counts() == {ParcelState.SENT: 8}


def test_a_courier_that_dies_sends_what_was_on_its_way_once_more(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same bytes under the same Message-ID."""
    people, post = _asked(any_world, 6), Slow()
    dies = changed(any_world.courier(), mails=post.hands())
    with monkeypatch.context() as dead:
        dead.setattr(Settlement, "answered", lambda *_: None)
        dies.round()
        dies.close()
    any_world.clock.move(seconds=LEASE.total_seconds())

    any_world.courier(post).round()

    sent: dict[str, list[bytes]] = {}
    for mail in post.taken:
        sent.setdefault(mail.envelope.recipient, []).append(mail.envelope.content)
    assert sorted(sent) == people
    assert [(len(each), len(set(each))) for each in sent.values()] == [(2, 1)] * len(people)
    assert any_world.counts() == {ParcelState.SENT: 6}


def test_a_courier_told_to_stop_finishes_what_is_on_its_way(any_world: World) -> None:
    """And gives back the rest, though more waits than it had begun with."""
    asked = _asked(any_world, BATCH + 3)
    stopping = Signal()

    @dataclass
    class Stopping(Slow):
        def send(self, envelope: Envelope) -> Answer:
            answer = super().send(envelope)
            if not self.first:
                stopping.set()
            return answer

    post = Stopping()
    changed(any_world.courier(), mails=post.hands(), stopping=stopping).run()

    counts = any_world.counts()
    assert counts[ParcelState.SENT] == len(post.taken) >= 3
    assert sum(counts.values()) == len(asked)


def test_a_mail_postponed_on_its_way_is_tried_again_later(any_world: World) -> None:
    """As one that is handed on alone is."""
    _asked(any_world, 4)
    post = Slow(says=POSTPONES)
    courier = changed(any_world.courier(), mails=post.hands())

    courier.round()
    courier.close()

    assert len(post.tried) == 4
    assert any_world.counts() == {ParcelState.WAITING: 4}
    any_world.clock.move(minutes=1)
    any_world.courier().round()
    assert any_world.counts() == {ParcelState.SENT: 4}

"""The courier with a slow relay: several messages are under way at once, and none is lost or doubled by that."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Condition, Thread
from time import sleep
from typing import Any

import pytest

from core.delivery.batched_message_completions import MessageCompletion
from core.delivery.courier import BATCH, LEASE, Courier
from core.delivery.journal_sealer import JournalSealer
from core.delivery.send_result_recorder import SendResultRecorder
from core.delivery.sender_pool import SenderPool
from core.ports import (
    ComposedMail,
    ConflictError,
    EventType,
    MessageKind,
    MessageState,
    OutboxMessage,
    SendResult,
    Sms,
    Store,
    StoreUnavailable,
    Transaction,
)
from tests.support.air import Air
from tests.support.election import dependencies, entry
from tests.support.post import POSTPONES, Post
from tests.support.product import eventually
from tests.support.stores import KeptStore, reading, writing
from tests.support.worlds import World

BOARD = "bureau@ac-lumiere.example"
PATIENCE_SECONDS = 180
Ticks = Iterator[float]


@dataclass
class SlowRelay:
    """The relay of a courier's connections. It answers on the first one at once, and on the others when it is told to."""

    answers: bool = True
    in_hand: int = 0
    taken: list[str] = field(default_factory=list)
    changed: Condition = field(default_factory=Condition)

    def think(self, *, first: bool, about: str) -> None:
        """Wait until the relay answers."""
        with self.changed:
            self.in_hand += 1
            self.changed.notify_all()
            assert first or self.changed.wait_for(lambda: self.answers or about in self.taken, PATIENCE_SECONDS)
            self.in_hand -= 1
            self.changed.notify_all()

    def answer(self, *about: str) -> None:
        """Answer these messages, or whatever is on its way."""
        with self.changed:
            self.taken += about
            self.answers = not about
            self.changed.notify_all()

    def has(self, number: int) -> None:
        """Wait until the relay has so many messages in hand."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.in_hand == number, PATIENCE_SECONDS)


def slow_clock() -> Callable[[], float]:
    """Return a clock that goes one second further at each look, so that every answer counts as slow and none as lost."""
    ticks = iter(range(10**9))
    return lambda: float(next(ticks))


@dataclass
class SlowTransport(Post):
    """A connection to it."""

    relay: SlowRelay = field(default_factory=SlowRelay)
    first: bool = True

    def send(self, envelope: ComposedMail) -> SendResult:
        """Return when the relay answers."""
        self.relay.think(first=self.first, about=envelope.recipient)
        return super().send(envelope)

    def pool(self) -> SenderPool[ComposedMail]:
        """Connections that all fill one mailbox."""
        return SenderPool(self, lambda: replace(self, first=False), connections=BATCH, clock=slow_clock())

    @property
    def twice(self) -> int:
        """The number of mailboxes that got more than one mail."""
        there = [mail.envelope.recipient for mail in self.taken]
        return sum(there.count(each) > 1 for each in set(there))


@dataclass
class SlowAir(Air):
    """A connection to a slow gateway."""

    relay: SlowRelay = field(default_factory=SlowRelay)
    first: bool = True

    def send(self, sms: Sms) -> SendResult:
        """Send the SMS and return when the gateway answers."""
        self.relay.think(first=self.first, about=sms.recipient)
        return super().send(sms)


class Leaving:
    """A store that can be away."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.away = False

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever a store has
        if self.away and name in {"read", "write", "look"}:
            raise StoreUnavailable("away")
        return getattr(self._store, name)


@pytest.fixture
def post() -> Iterator[SlowTransport]:
    """A slow relay, which answers at the latest when the test ends."""
    post = SlowTransport()
    yield post
    post.relay.answer()


def slow_pool(post: SlowTransport, number: int, *, clock: Callable[[], float]) -> SenderPool[ComposedMail]:
    """A pool that has so many messages under way at once from the beginning."""
    pool = SenderPool[ComposedMail](post, lambda: replace(post, first=False), connections=number + 1, clock=clock)
    pool._slow = True  # as after a slow answer
    return pool


def asked(world: World, number: int) -> list[str]:
    """Return so many voters, and the addresses they asked for."""
    people = [entry(f"voter{n:02}@ac-lumiere.example") for n in range(number)]
    world.add(*people)
    for each in people:
        world.ask(each.email)
    return [each.email for each in people]


def widened(world: World, post: SlowTransport) -> Courier:
    """A courier that has met a slow answer, so that it uses all connections."""
    courier = replace(world.courier(), mails=post.pool())
    slow = ComposedMail(sender="", recipient="", message_id="", content=b"")
    courier.mails.submit(slow, lambda _: None)
    post.taken.clear()
    return courier


@contextmanager
def working(courier: Courier, work: Callable[[], object]) -> Iterator[None]:
    """Run the work in a thread of its own during the block."""
    thread = Thread(target=work)
    thread.start()
    yield
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()
    courier.close()


def test_mails_are_with_a_slow_relay_together(any_world: World, post: SlowTransport) -> None:
    """All mails of a batch are sent at the same time, each once, and the round ends with the last of them."""
    courier, people = widened(any_world, post), asked(any_world, 8)
    post.relay.answers = False

    with working(courier, courier.run_once):
        post.relay.has(8)
        post.relay.answer()

    assert sorted(mail.envelope.recipient for mail in post.taken) == people
    assert any_world.counts() == {MessageState.SENT: 8}


def test_a_gateway_that_takes_long_keeps_no_mails_end_waiting(world: World, post: SlowTransport) -> None:
    """Results of both channels are written while either has a message on its way, and the round ends with the last of both."""
    air = SlowAir()
    air.relay.answers = False
    texts = SenderPool[Sms](air, lambda: replace(air, first=False), connections=BATCH, clock=slow_clock())
    courier = replace(widened(world, post), texts=texts)
    sms = Sms(recipient="+33600000000", text="a", message_id="code.7F3K-92QD.1", useful_until=world.clock.at)
    told: list[SendResult] = []
    for _ in range(3):
        texts.submit(sms, lambda result: told.append(result.result()))
    asked(world, 3)
    post.relay.answers = False

    with working(courier, courier.run_once):
        air.relay.has(2)
        post.relay.has(3)
        post.relay.answer()
        eventually(lambda: world.counts().get(MessageState.SENT) == 3, "the ends of the mails")
        assert len(told) == 1
        air.relay.answer()

    assert len(told) == len(air.taken) == 3


def test_each_end_is_written_when_its_answer_comes(world: World, post: SlowTransport) -> None:
    """One slow message delays no other's result, so that a courier killed meanwhile sends none of those again."""
    courier, people = widened(world, post), asked(world, 6)
    post.relay.answers = False

    with working(courier, courier.run_once):
        post.relay.has(6)
        post.relay.answer(*people[1:])
        eventually(lambda: world.counts().get(MessageState.SENT) == 5, "the ends of the others")
        post.relay.answer()

    assert world.counts() == {MessageState.SENT: 6}


def test_ends_are_written_while_room_is_waited_for(world: World, post: SlowTransport) -> None:
    """Results are written while a relay that is prompt again still works on a slow message."""
    people = asked(world, BATCH)
    courier = replace(world.courier(), mails=slow_pool(post, BATCH - 1, clock=lambda: 0.0))
    post.relay.answers = False

    with working(courier, lambda: [courier.run_once(), courier.run_once()]):
        post.relay.has(BATCH - 1)
        post.relay.answer(*people[1:])
        eventually(lambda: world.counts().get(MessageState.SENT) == BATCH - 2, "the ends of what was answered")
        post.relay.answer()

    assert world.counts() == {MessageState.SENT: BATCH}


def test_a_courier_that_dies_sends_what_was_on_its_way_once_more(
    world: World, post: SlowTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next courier sends the same bytes under the same Message-ID."""
    dies, people = widened(world, post), asked(world, 6)
    with monkeypatch.context() as dead:
        dead.setattr(SendResultRecorder, "record", lambda *_: None)
        dies.run_once()
        dies.close()
    world.clock.move(seconds=LEASE.total_seconds())

    world.courier(post).run_once()

    sent: dict[str, list[bytes]] = {}
    for mail in post.taken:
        sent.setdefault(mail.envelope.recipient, []).append(mail.envelope.content)
    assert sorted(sent) == people
    assert [(len(each), len(set(each))) for each in sent.values()] == [(2, 1)] * len(people)
    assert world.counts() == {MessageState.SENT: 6}


@pytest.mark.parametrize("tried_before", [False, True], ids=["first tries", "second tries"])
def test_a_store_that_is_away_for_long_doubles_nothing(
    kept: KeptStore, post: SlowTransport, *, tried_before: bool
) -> None:
    """Answers given while the store was away are written when it is back, before anything is claimed again."""
    store: Any = Leaving(kept.store)
    world = World(kept, dependencies(store))
    courier, people = widened(world, post), asked(world, 8)
    if tried_before:
        world.courier(Post(says=POSTPONES)).run_once()
        world.clock.move(minutes=1)
    post.relay.answers = False

    def until_it_goes() -> None:
        with pytest.raises(StoreUnavailable):
            courier.run_once()

    thread = Thread(target=until_it_goes)
    thread.start()
    post.relay.has(8)
    store.away = True
    post.relay.answer()
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()
    eventually(lambda: all(each.future.done() for each in courier.mails._under_way), "all answers")  # not told
    for _ in range(3):
        world.clock.move(seconds=LEASE.total_seconds())
        with pytest.raises(StoreUnavailable):
            courier.run_once()
    store.away = False
    while courier.run_once():
        pass
    courier.close()

    assert sorted(mail.envelope.recipient for mail in post.taken) == people
    assert world.counts() == {MessageState.SENT: 8}


def test_nothing_is_claimed_while_a_message_is_on_its_way_for_long(world: World, post: SlowTransport) -> None:
    """The courier waits for messages that take half of their claim's time, instead of sending them a second time."""
    asked(world, 2 * BATCH)
    passed = [0.0]
    courier = replace(world.courier(), mails=slow_pool(post, BATCH, clock=lambda: passed[0]))
    post.relay.answers = False
    courier.run_once()
    post.relay.has(BATCH)
    world.clock.move(seconds=LEASE.total_seconds())
    passed[0] += LEASE.total_seconds()

    with working(courier, courier.run_once):
        sleep(0.3)  # a courier that does not wait claims now
        post.relay.answer()

    assert len(post.taken) == 2 * BATCH
    assert post.twice == 0


def test_what_is_not_handed_on_in_half_of_its_claim_lapses(world: World) -> None:
    """The rest of a batch is left to others when a relay is so slow that another courier might claim it."""

    class Tarpit(Post):
        def send(self, envelope: ComposedMail) -> SendResult:
            world.clock.move(seconds=LEASE.total_seconds() / 4)
            return super().send(envelope)

    asked(world, 6)
    post = Tarpit()

    assert world.courier(post).run_once() == 6
    assert len(post.taken) == 2
    world.clock.move(seconds=LEASE.total_seconds() / 2)
    world.courier(world.post).run_once()
    assert len(world.post.taken) == 4


def test_a_courier_told_to_stop_finishes_what_is_on_its_way(any_world: World, post: SlowTransport) -> None:
    """A courier that stops finishes what is on its way, and gives back the rest at once."""
    courier = widened(any_world, post)
    asked(any_world, BATCH)
    post.relay.answers = False

    def stop() -> None:
        courier.stopping.set()
        post.relay.answer()

    Thread(target=lambda: (post.relay.has(BATCH - 1), stop())).start()
    courier.run()

    counts = any_world.counts()
    assert counts[MessageState.SENT] == len(post.taken) >= BATCH - 1
    assert any_world.courier().run_once() == BATCH - counts[MessageState.SENT]


def test_a_checkpoint_is_heard_of_when_a_courier_stops(world: World, post: SlowTransport) -> None:
    """The checkpoint is reported though the batch that it was in is full."""
    courier = widened(world, post)
    courier = replace(courier, sealer=JournalSealer(dependencies=world.dependencies, board=BOARD))
    object.__setattr__(courier.preparation.writer, "board_address", BOARD)
    for number in range(BATCH - 1):
        world.ask(f"nobody{number}@ac-lumiere.example")
    courier.stopping.set()

    courier.run()

    waiting = reading(world.store).outbox.waiting_since(world.clock.at.replace(year=2200), 2 * BATCH)
    assert [mail.envelope.recipient for mail in post.taken] == [BOARD]
    assert MessageKind.CHECKPOINT not in {each.kind for each in waiting}


def test_a_mail_postponed_on_its_way_is_tried_again_later(world: World, post: SlowTransport) -> None:
    """A mail postponed on its way is tried again later, like one that is handed on alone."""
    courier = widened(world, post)
    asked(world, 4)
    courier = replace(courier, mails=replace(post, says=POSTPONES).pool())

    courier.run_once()
    courier.close()

    assert world.counts() == {MessageState.WAITING: 4}
    world.clock.move(minutes=1)
    world.courier().run_once()
    assert world.counts() == {MessageState.SENT: 4}


# ── Several ends that wait ───────────────────────────────────────────────────────────────────────────────


def with_ends(world: World, number: int) -> Courier:
    """A courier that still has so many ends to write."""
    asked(world, number)
    parcels = writing(world.store).outbox.claim(now=world.clock.at, lease=LEASE, limit=number)
    courier = world.courier()
    for parcel in parcels:
        completion = MessageCompletion(parcel, MessageState.SENT, EventType.MAIL_ACCEPTED, "", world.clock.at)
        courier.completions.postpone(completion)
    return courier


def test_a_mail_that_is_anothers_by_now_keeps_no_end_back(world: World) -> None:
    """The ends of all others are written."""
    courier = with_ends(world, 5)
    for end in courier.completions._waiting[1::2]:  # those
        writing(world.store).outbox.retry(end.message, due=world.clock.at, reason="", counted=False)

    courier.completions.write_now()

    assert world.counts() == {MessageState.SENT: 3, MessageState.WAITING: 2}


def test_an_end_that_others_move_again_and_again_keeps_no_other_back(world: World) -> None:
    """An end that others move waits, and the store counts as unready meanwhile."""
    courier = with_ends(world, 4)

    def moved(_transaction: Transaction, message: OutboxMessage, *_: object) -> None:
        if message == courier.completions._waiting[0].message:
            raise ConflictError

    courier.completions.on_end = moved
    with pytest.raises(StoreUnavailable):
        courier.completions.write_now()

    assert world.counts() == {MessageState.SENT: 3, MessageState.WAITING: 1}

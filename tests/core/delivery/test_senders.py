"""The courier sends several messages at the same time, and none is lost or sent twice because of this."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Any

import pytest

from core.delivery.courier import Courier
from core.delivery.journal_sealer import JournalSealer
from core.delivery.lease import LEASE
from core.delivery.results import ResultRecorder
from core.ports import ComposedMail, MessageKind, MessageState, SendResult, Store, StoreUnavailable
from tests.support.election import dependencies, entry
from tests.support.post import POSTPONES, Post
from tests.support.product import eventually
from tests.support.reissues import reissuer
from tests.support.stores import KeptStore, reading
from tests.support.worlds import World

BOARD = "bureau@ac-lumiere.example"
CONNECTIONS = 6
PATIENCE_SECONDS = 180


@dataclass
class SlowPost(Post):
    """A mail server that accepts a message only when the test says so."""

    answers: bool = False
    in_hand: int = 0
    answered: set[str] = field(default_factory=set)
    changed: Condition = field(default_factory=Condition)

    def send(self, envelope: ComposedMail) -> SendResult:
        to = envelope.recipient
        with self.changed:
            self.in_hand += 1
            self.changed.notify_all()
            assert self.changed.wait_for(lambda: self.answers or to in self.answered, PATIENCE_SECONDS)
            self.in_hand -= 1
            return super().send(envelope)

    def answer(self, *about: str) -> None:
        """Accept the messages to these recipients, or all messages from now on."""
        with self.changed:
            self.answered |= set(about)
            self.answers = not about
            self.changed.notify_all()

    def has(self, number: int) -> None:
        """Wait until the mail server is working on this number of messages."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.in_hand == number, PATIENCE_SECONDS)


class Leaving:
    """A store that can be made unavailable."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.away = False

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever a store has
        if self.away and name in {"read", "write", "look"}:
            raise StoreUnavailable("away")
        return getattr(self._store, name)


@pytest.fixture
def post() -> Iterator[SlowPost]:
    """A slow mail server, which accepts all messages at the latest when the test ends."""
    post = SlowPost()
    yield post
    post.answer()


@contextmanager
def sending(world: World, post: Post) -> Iterator[Courier]:
    """Yield a courier with threads. It has ended when the block ends."""
    courier = world.courier(post, threads=ThreadPoolExecutor)
    for senders in courier.senders:
        senders.number = CONNECTIONS
    yield courier
    courier.close()


def asked(world: World, number: int) -> list[str]:
    """Let a number of voters request a link. Returns their addresses."""
    people = [entry(f"voter{n:02}@ac-lumiere.example") for n in range(number)]
    world.add(*people)
    for each in people:
        world.ask(each.email)
    return [each.email for each in people]


def recipients(post: Post) -> list[str]:
    """Return the recipients of the accepted mails."""
    return sorted(mail.envelope.recipient for mail in post.taken)


def test_as_many_mails_are_under_way_as_there_are_connections(any_world: World, post: SlowPost) -> None:
    """A courier claims a message only if one of its senders is free."""
    people = asked(any_world, CONNECTIONS + 2)

    with sending(any_world, post) as courier:
        assert courier.run_once() == CONNECTIONS
        post.has(CONNECTIONS)
        assert courier.run_once() == 0
        post.answer(people[0])
        eventually(lambda: any_world.counts().get(MessageState.SENT) == 1, "the end of the first mail")
        eventually(courier.run_once, "a free sender")
        post.answer()

    assert any_world.courier(post).run_once() == 1
    assert recipients(post) == people
    assert any_world.counts() == {MessageState.SENT: CONNECTIONS + 2}


def test_a_code_does_not_wait_behind_mails(world: World, post: SlowPost) -> None:
    """An SMS is sent at once even if all senders of mails wait for a slow mail server."""
    camille = reissuer(world)
    asked(world, CONNECTIONS)

    with sending(world, post) as courier:
        courier.run_once()
        post.has(CONNECTIONS)
        camille.asked()
        courier.run_once()
        eventually(lambda: world.air.taken, "the code")
        post.answer()


def test_each_end_is_recorded_when_its_answer_comes(world: World, post: SlowPost) -> None:
    """Each mail is recorded as sent as soon as it was accepted, without waiting for a slow one."""
    people = asked(world, CONNECTIONS)

    with sending(world, post) as courier:
        courier.run_once()
        post.has(CONNECTIONS)
        post.answer(*people[1:])
        eventually(lambda: world.counts().get(MessageState.SENT) == CONNECTIONS - 1, "the ends of the others")
        post.answer()

    assert world.counts() == {MessageState.SENT: CONNECTIONS}


def test_what_a_dead_courier_had_in_hand_is_sent_once_more(
    world: World, post: SlowPost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a courier dies before it records its mails as sent, the next courier sends them again with the same bytes."""
    people = asked(world, CONNECTIONS)
    post.answer()
    with monkeypatch.context() as dead:
        dead.setattr(ResultRecorder, "record", lambda *_: None)
        with sending(world, post) as dies:
            dies.run_once()
    world.clock.move(seconds=LEASE.total_seconds())

    world.courier(post).run_once()

    sent: dict[str, list[bytes]] = {}
    for mail in post.taken:
        sent.setdefault(mail.envelope.recipient, []).append(mail.envelope.content)
    assert sorted(sent) == people
    assert [(len(each), len(set(each))) for each in sent.values()] == [(2, 1)] * len(people)
    assert world.counts() == {MessageState.SENT: CONNECTIONS}


def test_a_store_that_is_away_for_long_doubles_nothing(kept: KeptStore, post: SlowPost) -> None:
    """Mails that are sent while the database is unavailable are recorded afterwards, and none is sent twice."""
    store: Any = Leaving(kept.store)
    world = World(kept, dependencies(store))
    people = asked(world, CONNECTIONS)

    with sending(world, post) as courier:
        courier.run_once()
        post.has(CONNECTIONS)
        store.away = True
        post.answer()
        eventually(lambda: len(courier.unrecorded) == CONNECTIONS, "all answers")
        for _ in range(3):
            world.clock.move(seconds=LEASE.total_seconds())
            with pytest.raises(StoreUnavailable):
                courier.run_once()
        store.away = False
        while courier.run_once():
            pass

    assert recipients(post) == people
    assert world.counts() == {MessageState.SENT: CONNECTIONS}


def test_nothing_is_claimed_while_a_message_is_under_way_for_long(world: World, post: SlowPost) -> None:
    """A courier does not claim a message again that it is still sending, even after the claim has expired."""
    asked(world, CONNECTIONS - 1)

    with sending(world, post) as courier:
        courier.run_once()
        post.has(CONNECTIONS - 1)
        world.clock.move(seconds=LEASE.total_seconds())
        assert courier.run_once() == 0
        post.answer()

    assert len(post.taken) == len(set(recipients(post))) == CONNECTIONS - 1


def test_what_is_not_handed_over_in_half_of_its_claim_lapses(world: World) -> None:
    """A courier does not send a message if half of its claim has passed, because another courier may soon claim it."""

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


def test_a_courier_told_to_stop_finishes_what_is_under_way(any_world: World, post: SlowPost) -> None:
    """A courier that is stopped finishes the messages that it is sending, and releases the others."""
    people = asked(any_world, CONNECTIONS + 2)

    def stop(courier: Courier) -> None:
        post.has(CONNECTIONS)
        courier.stopping.set()
        post.answer()

    with sending(any_world, post) as courier:
        Thread(target=stop, args=[courier]).start()
        courier.run()

    assert any_world.counts() == {MessageState.SENT: CONNECTIONS, MessageState.WAITING: 2}
    assert any_world.courier(post).run_once() == 2
    assert recipients(post) == people


def test_a_stopping_courier_sends_the_checkpoint_alone(world: World, post: SlowPost) -> None:
    """A courier that is stopped still mails the last checkpoint to the board, but no other message."""
    post.answer()
    for number in range(CONNECTIONS):
        world.ask(f"nobody{number}@ac-lumiere.example")

    with sending(world, post) as courier:
        courier.sealer = JournalSealer(dependencies=world.dependencies, board=BOARD)
        object.__setattr__(courier.preparation.writer, "board_address", BOARD)
        courier.stopping.set()
        courier.run()

    waiting = reading(world.store).outbox.waiting_since(world.clock.at.replace(year=2200), 2 * CONNECTIONS)
    assert recipients(post) == [BOARD]
    assert {each.kind for each in waiting} == {MessageKind.ASK}


def test_a_mail_postponed_in_a_thread_is_tried_again_later(world: World) -> None:
    """A mail that a sender thread could not send because it was postponed is tried again after a pause."""
    asked(world, 4)

    with sending(world, Post(says=POSTPONES)) as courier:
        courier.run_once()

    assert world.counts() == {MessageState.WAITING: 4}
    world.clock.move(minutes=1)
    world.courier().run_once()
    assert world.counts() == {MessageState.SENT: 4}


def test_the_loop_delivers_what_is_asked_for_while_it_runs(any_world: World) -> None:
    """A running courier also sends the mails that are requested later, each once."""
    people = asked(any_world, 3)

    with sending(any_world, any_world.post) as courier:
        loop = Thread(target=courier.run)
        loop.start()
        eventually(lambda: len(any_world.post.taken) == 3, "the first mails")
        for email in people:
            any_world.ask(email, network="198.51.100.7")
        eventually(lambda: any_world.counts().get(MessageState.SENT) == 6, "the mails asked for later")
        courier.stopping.set()
        loop.join(PATIENCE_SECONDS)

    assert recipients(any_world.post) == sorted(people * 2)

"""If one message fails, the courier still sends the others. A courier that is stopped loses no message."""

from collections.abc import Callable, MutableMapping
from dataclasses import replace
from threading import Event as Signal
from typing import Any

import pytest

from core.delivery.courier import IDLE_SECONDS, TROUBLE_SECONDS
from core.delivery.lease import LEASE
from core.ports import ComposedMail, MessageState, SendAccepted, SendPostponed, SendRefused, StoreUnavailable
from tests.support.election import CAMILLE, entry
from tests.support.post import Post, poison_first_mail
from tests.support.worlds import World, sample_settings

Logged = list[MutableMapping[str, Any]]
pytestmark = pytest.mark.usefixtures("logged")


class Poisoned(Post):
    """A mail server that fails for one recipient with an unexpected error."""

    def send(self, envelope: ComposedMail) -> SendAccepted | SendRefused | SendPostponed:
        if envelope.recipient == CAMILLE:
            raise ZeroDivisionError
        return super().send(envelope)


def test_a_message_that_cannot_be_handled_does_not_stop_the_others(world: World, logged: Logged) -> None:
    """A message that causes an unexpected error is tried again and finally cancelled.

    The log names it, and all other messages are sent.
    """
    others = [entry(f"voter{n}@ac-lumiere.example") for n in range(3)]
    world.add(entry(), *others)
    handle = world.ask()
    for each in others:
        world.ask(each.email)
    post = Poisoned()

    for _ in range(3):
        world.courier(post).run_once()
        world.clock.move(minutes=1)

    assert [mail.envelope.recipient for mail in post.taken] == [each.email for each in others]
    assert world.counts() == {MessageState.SENT: 3, MessageState.WAITING: 1}
    assert world.acts(world.number(handle)) == ["asked", "link-decided", "mail-postponed"]
    failures = [line for line in logged if line["event"] == "parcel-failed"]
    assert [line["parcel"] for line in failures] == [1] * 3
    assert CAMILLE not in str(failures)
    world.clock.move(hours=4)
    world.courier(post).run_once()
    assert world.counts() == {MessageState.SENT: 3, MessageState.CANCELLED: 1}


def test_an_ask_that_cannot_be_decided_does_not_stop_the_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a mail cannot be composed because of an error, the other requested mails are still sent."""
    world.add(entry(), entry("other@ac-lumiere.example"))
    courier = world.courier()
    poison_first_mail(monkeypatch)
    world.ask()
    world.ask("other@ac-lumiere.example")
    courier.run_once()

    assert [mail.envelope.recipient for mail in world.post.taken] == ["other@ac-lumiere.example"]


def test_a_courier_claims_as_many_messages_as_it_has_senders(world: World) -> None:
    """In each round, a courier claims at most as many messages as it has senders."""
    senders = sample_settings().mail.connections
    for n in range(senders + 3):
        world.ask(f"nobody{n}@ac-lumiere.example")

    assert [world.courier().run_once() for _ in range(3)] == [senders, 3, 0]


# ── Stopping ─────────────────────────────────────────────────────────────────────────────────────────────


class Stopping(Post):
    """A mail server that stops the courier during its first message."""

    def __init__(self, stopping: Signal) -> None:
        super().__init__()
        self._stopping = stopping

    def send(self, envelope: ComposedMail) -> SendAccepted | SendRefused | SendPostponed:
        self._stopping.set()
        return super().send(envelope)


def test_a_courier_told_to_stop_gives_back_what_it_has_not_begun(world: World) -> None:
    """A courier that is stopped finishes its current message and releases the others at once for the next courier."""
    others = [entry(f"voter{n}@ac-lumiere.example") for n in range(3)]
    world.add(*others)
    for each in others:
        world.ask(each.email)
    stopping = Signal()
    post = Stopping(stopping)

    replace(world.courier(post), stopping=stopping).run()
    next_courier = world.courier().run_once()

    assert len(post.taken) == 1
    assert post.closed
    assert next_courier == 2
    assert len(world.post.taken) == 2


class Waiting(Signal):
    """A stop signal that records each wait without waiting, and stops after some waits."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.waits: list[float | None] = []
        self._times = times

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout)
        if len(self.waits) >= self._times:
            self.set()
        return self.is_set()


def test_a_courier_waits_when_idle_and_longer_when_the_store_is_unready(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The courier pauses when it has nothing to do, and pauses longer when the database is unavailable."""
    world.add()
    world.ask()
    idle = Waiting(2)
    courier = replace(world.courier(), stopping=idle)
    answers: list[Callable[[], int]] = [courier.run_once, courier.run_once, _unready, courier.run_once]
    monkeypatch.setattr(type(courier), "run_once", lambda _: answers.pop(0)() if answers else 0)

    courier.run()

    assert len(world.post.taken) == 1
    assert idle.waits == [IDLE_SECONDS, TROUBLE_SECONDS]


def _unready() -> int:
    raise StoreUnavailable("locked")


def test_a_store_that_fails_puts_the_message_off_until_its_claim_ends(world: World) -> None:
    """If the database fails during a message, the message is tried again after its claim has expired."""
    world.add()
    world.ask()

    class Full(Post):
        def send(self, envelope: ComposedMail) -> SendAccepted | SendRefused | SendPostponed:
            raise StoreUnavailable(envelope.recipient[:0] + "full")

    world.courier(Full()).run_once()
    assert world.courier().run_once() == 0
    world.clock.move(seconds=LEASE.total_seconds())
    world.courier().run_once()

    assert len(world.post.taken) == 1

"""What goes wrong with one parcel does not stop the others; what stops the courier loses nothing."""

from collections.abc import Callable, MutableMapping
from dataclasses import replace
from threading import Event as Signal
from typing import Any

import pytest

from core.courier.decisions import Decisions
from core.courier.worker import BATCH, LEASE
from core.courier.writing import Writer
from core.ports import Envelope, Parcel, ParcelState, Postponed, Refused, Sent, Unready, Voter
from tests.support.election import CAMILLE, entry
from tests.support.post import Post
from tests.support.worlds import World

Logged = list[MutableMapping[str, Any]]
pytestmark = pytest.mark.usefixtures("logged")


class Poisoned(Post):
    """Fails on one mailbox, as a defect of ours would."""

    def send(self, envelope: Envelope) -> Sent | Refused | Postponed:
        """A defect, or what a relay says."""
        if envelope.recipient == CAMILLE:
            raise ZeroDivisionError
        return super().send(envelope)


def test_a_parcel_that_cannot_be_handled_does_not_stop_the_others(any_world: World, logged: Logged) -> None:
    """It comes back later with a longer and longer pause, then is cancelled; the log has the reason."""
    others = [entry(f"voter{n}@ac-lumiere.example") for n in range(3)]
    any_world.add(entry(), *others)
    handle = any_world.ask()
    for each in others:
        any_world.ask(each.email)
    post = Poisoned()

    for _ in range(3):
        any_world.courier(post).round()
        any_world.clock.move(minutes=1)

    assert [mail.envelope.recipient for mail in post.taken] == [each.email for each in others]
    assert any_world.counts() == {ParcelState.SENT: 3, ParcelState.WAITING: 1}
    assert any_world.acts(any_world.number(handle)) == ["asked", "link-decided", "mail-postponed"]
    failures = [line for line in logged if line["event"] == "parcel-failed"]
    assert [line["parcel"] for line in failures] == [1] * 3
    assert CAMILLE not in str(failures)
    any_world.clock.move(hours=4)
    any_world.courier(post).round()
    assert any_world.counts() == {ParcelState.SENT: 3, ParcelState.CANCELLED: 1}


def test_a_link_that_cannot_be_composed_ahead_fails_in_its_own_turn(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mail before it leaves, whose commit it would have been composed in."""
    poisoned = "poisoned@ac-lumiere.example"
    any_world.add(entry(), entry(poisoned), entry("other@ac-lumiere.example"))
    link = Writer.link

    def composed(writer: Writer, parcel: Parcel, voter: Voter, *rest: Any) -> Envelope:  # noqa: ANN401  # as they are
        if voter.email == poisoned:
            raise ZeroDivisionError
        return link(writer, parcel, voter, *rest)

    monkeypatch.setattr(Writer, "link", composed)
    for email in (CAMILLE, poisoned, "other@ac-lumiere.example"):
        any_world.ask(email)
    any_world.courier().round()

    assert [mail.envelope.recipient for mail in any_world.post.taken] == [CAMILLE, "other@ac-lumiere.example"]
    assert any_world.counts() == {ParcelState.SENT: 2, ParcelState.WAITING: 1}


def test_an_ask_that_cannot_be_decided_does_not_stop_the_others(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Likewise, and nothing half decided stays."""
    any_world.add(entry(), entry("other@ac-lumiere.example"))
    courier = any_world.courier()
    ready = Decisions.ready

    def poisoned(decisions: Decisions, parcel: Parcel) -> Envelope | None:
        if parcel.id == 1:
            raise ZeroDivisionError
        return ready(decisions, parcel)

    monkeypatch.setattr(Decisions, "ready", poisoned)
    any_world.ask()
    any_world.ask("other@ac-lumiere.example")
    courier.round()

    assert [mail.envelope.recipient for mail in any_world.post.taken] == ["other@ac-lumiere.example"]


def test_one_round_takes_one_batch(any_world: World) -> None:
    """The rest is for the next, or for another courier."""
    for n in range(BATCH + 3):
        any_world.ask(f"nobody{n}@ac-lumiere.example")

    assert [any_world.courier().round() for _ in range(3)] == [BATCH, 3, 0]


# ── Stopping ─────────────────────────────────────────────────────────────────────────────────────────────


class Stopping(Post):
    """Is told to stop while the first message is in hand."""

    def __init__(self, stopping: Signal) -> None:
        super().__init__()
        self._stopping = stopping

    def send(self, envelope: Envelope) -> Sent | Refused | Postponed:
        """The stop comes, and the message in hand is finished."""
        self._stopping.set()
        return super().send(envelope)


def test_case_47_a_courier_told_to_stop_gives_back_what_it_has_not_begun(any_world: World) -> None:
    """At once and uncounted, so that the next courier need not wait for the lease; connections are let go."""
    others = [entry(f"voter{n}@ac-lumiere.example") for n in range(3)]
    any_world.add(*others)
    for each in others:
        any_world.ask(each.email)
    stopping = Signal()
    post = Stopping(stopping)

    replace(any_world.courier(post), stopping=stopping).run()
    next_courier = any_world.courier().round()

    assert len(post.taken) == 1
    assert post.closed
    assert next_courier == 2
    assert len(any_world.post.taken) == 2


class Waiting(Signal):
    """Notes how long one would wait, waits not at all, and stops after a few times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.waits: list[float | None] = []
        self._times = times

    def wait(self, timeout: float | None = None) -> bool:
        """Not at all."""
        self.waits.append(timeout)
        if len(self.waits) >= self._times:
            self.set()
        return self.is_set()


def test_a_courier_waits_a_little_when_idle_and_longer_when_the_store_is_unready(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And goes on by itself when it is ready again."""
    any_world.add()
    any_world.ask()
    idle = Waiting(2)
    courier = replace(any_world.courier(), stopping=idle)
    answers: list[Callable[[], int]] = [courier.round, courier.round, _unready, courier.round]
    monkeypatch.setattr(type(courier), "round", lambda _: answers.pop(0)() if answers else 0)

    courier.run()

    assert len(any_world.post.taken) == 1
    assert idle.waits[0] is not None
    assert idle.waits[1] is not None
    assert idle.waits[0] < idle.waits[1]


def _unready() -> int:
    raise Unready("locked")


def test_a_store_that_fails_in_the_middle_of_a_batch_is_told(any_world: World) -> None:
    """It is no defect of the parcel: nothing is counted, and the lease lets go of it."""
    any_world.add()
    any_world.ask()

    class Full(Post):
        def send(self, envelope: Envelope) -> Sent | Refused | Postponed:
            raise Unready(envelope.recipient[:0] + "full")

    with pytest.raises(Unready):
        any_world.courier(Full()).round()
    any_world.clock.move(seconds=LEASE.total_seconds())
    any_world.courier().round()

    assert len(any_world.post.taken) == 1

"""If mail servers are slow or gone, requests are not slower, and MP-4 shows the delay.

The tests count database statements instead of measuring time. How the courier skips a dead server is tested in
tests/core/adapters/test_smtp_mail_transport.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Thread

import pytest

from core.forms.flow_model import ShownStep
from core.ports import ComposedMail, EventType, SendAccepted, SendPostponed, SendRefused
from core.text.text import Text
from tests.support.election import CAMILLE, NOON, STRANGER, entry, facts_of
from tests.support.post import ACCEPTS, UNREACHABLE, Post
from tests.support.stores import statements
from tests.support.worlds import World

OTHER = "oliver.obrien@ac-lumiere.example"
MINUTES_OF_USE = 230
"""A link is valid for four hours, and is not sent during the last ten minutes."""


@dataclass
class SlowServer(Post):
    """A mail server that accepts a message only when the test says so."""

    asked: Event = field(default_factory=Event)
    answer: Event = field(default_factory=Event)

    def send(self, envelope: ComposedMail) -> SendAccepted | SendRefused | SendPostponed:
        self.asked.set()
        assert self.answer.wait(180)
        return super().send(envelope)


@pytest.fixture
def slow() -> Iterator[SlowServer]:
    """A slow mail server, which accepts the message at the latest when the test ends."""
    relay = SlowServer()
    yield relay
    relay.answer.set()


def work_of_an_ask(world: World, address: str) -> list[str]:
    """Return every database statement of a request, from MP-1 to MP-4."""
    with statements(world.kept.engine) as sent:
        world.ask(address)
    return sent


def test_a_slow_relay_slows_no_ask(world: World, slow: SlowServer) -> None:
    """A request executes the usual database statements while the courier waits for a slow mail server.

    This holds for known and unknown addresses.
    """
    world.add(entry(), entry(OTHER))
    usual = work_of_an_ask(world, CAMILLE)
    courier = Thread(target=world.courier(slow).run_once)
    courier.start()
    assert slow.asked.wait(180)

    meanwhile = [work_of_an_ask(world, address) for address in (OTHER, STRANGER)]

    assert meanwhile == [usual, usual]
    assert slow.taken == []
    slow.answer.set()
    courier.join(180)
    assert len(slow.to(CAMILLE)) == 1


def test_without_a_relay_messages_wait_as_long_as_they_serve(world: World) -> None:
    """Without a mail server, a mail is tried until it is no longer useful and is then cancelled.

    A new request is sent when the server is back.
    """
    world.add()
    handle = world.ask()
    number = world.number(handle)
    world.post.says = UNREACHABLE

    for _ in range(MINUTES_OF_USE - 1):
        world.clock.move(minutes=1)
        world.courier().run_once()
    assert world.waiting_parcels() == 1
    world.clock.move(minutes=1)
    world.courier().run_once()

    assert world.waiting_parcels() == 0
    assert world.journal(number)[-1].act == EventType.MAIL_CANCELLED
    world.post.says = ACCEPTS
    assert world.courier().run_once() == 0
    assert world.link()


def test_the_delay_shown_is_the_truth_and_the_same_for_everyone(world: World) -> None:
    """MP-4 shows everybody the waiting time of the oldest request, and five minutes once mails are sent again."""
    world.add()
    known, unknown = world.ask(CAMILLE), world.ask(STRANGER)
    world.post.says = UNREACHABLE

    for minutes in (1, 6, 30, 120):
        world.clock.at = NOON + timedelta(minutes=minutes)
        world.courier().run_once()
        shown = [world.waiting(handle) for handle in (known, unknown)]
        assert facts_of(shown[0]) == facts_of(shown[1])
        assert [delay_of(each) for each in shown] == [max(minutes, 5)] * 2

    world.post.says = ACCEPTS
    world.clock.move(seconds=10)
    world.courier().run_once()
    assert [delay_of(world.waiting(handle)) for handle in (known, unknown)] == [5, 5]


def delay_of(shown: ShownStep) -> object:
    """Return the number of minutes that MP-4 shows."""
    sentence = shown.facts["queue_delay"]
    assert isinstance(sentence, Text)
    return sentence.params["count"]

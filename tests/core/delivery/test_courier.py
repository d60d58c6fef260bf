"""The courier decides which messages it tries again, when it tries them, and which it gives up."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from core.delivery.lease import LEASE
from core.delivery.results import LONGEST_PAUSE_SECONDS
from core.delivery.retry_backoff import FIRST_SECONDS, pause_seconds
from core.ports import ComposedMail, EventType, MessageState, SendAccepted, SendPostponed, SendRefused, SendResult
from core.ports.voting_platform import (
    GenerationConflict,
    OrderCarriedOut,
    OrderDenied,
    PlatformOutcomeUnknown,
    ReissueOrder,
)
from tests.support.election import CAMILLE, NOON, STRANGER, entry
from tests.support.post import ACCEPTS, POSTPONES, REFUSES, UNREACHABLE, Fickle, Post
from tests.support.reissues import IDENTIFIER_SMS, PlayedPlatform, reissuer
from tests.support.worlds import World

INSTANT = timedelta(microseconds=1)


# ── Pauses ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_message_a_relay_puts_off_is_tried_again_after_longer_and_longer(world: World) -> None:
    """A postponed message is tried again after growing pauses. The timeline says only once that it was postponed."""
    world.add()
    handle = world.ask()
    world.post.says = POSTPONES
    moments = []
    for _ in range(5):
        world.courier().run_once()
        moments.append(world.clock.at)
        world.clock.move(seconds=pause_seconds(len(moments), LONGEST_PAUSE_SECONDS))
        world.clock.at -= INSTANT
        assert world.courier().run_once() == 0
        world.clock.at += INSTANT

    assert len(world.post.tried) == 5
    assert world.acts(world.number(handle)).count("mail-postponed") == 1


def test_pauses_are_spread_over_their_upper_half(world: World) -> None:
    """The pause before the next attempt is random, between half of the nominal pause and all of it."""
    world.add()
    world.ask()
    world.post.says = POSTPONES
    world.courier(jitter=lambda: 0.0).run_once()
    world.clock.move(seconds=FIRST_SECONDS / 2)
    world.clock.at -= INSTANT
    assert world.courier().run_once() == 0
    world.clock.at += INSTANT

    assert world.courier().run_once() == 1


def test_a_message_nobody_could_be_asked_about_is_tried_again_soon_and_for_ever(world: World) -> None:
    """While no mail server can be reached, a message is tried again after short pauses that do not grow."""
    world.add()
    handle = world.ask()
    world.post.says = POSTPONES
    world.courier().run_once()
    world.post.says = UNREACHABLE

    for _ in range(20):
        world.clock.move(seconds=FIRST_SECONDS)
        assert world.courier().run_once() == 1
    world.post.says = ACCEPTS
    world.clock.move(seconds=FIRST_SECONDS)
    world.courier().run_once()

    assert len(world.post.tried) == 22
    assert world.acts(world.number(handle)) == ["asked", "link-decided", "mail-postponed", "mail-accepted"]


def test_after_a_relay_that_answers_but_takes_nothing_asks_wait_too(world: World) -> None:
    """While the mail server accepts no mail, requests wait undecided, for known and unknown addresses alike.

    They are decided once the server accepts mails.
    """
    world.add(entry("first@ac-lumiere.example"), entry())
    world.ask("first@ac-lumiere.example")
    relay = Fickle(UNREACHABLE)
    courier = world.courier(relay)
    courier.run_once()
    numbers = [world.number(world.ask(email)) for email in (CAMILLE, STRANGER)]

    for _ in range(5):
        courier.run_once()
        world.clock.move(seconds=FIRST_SECONDS)
    assert [world.acts(number) for number in numbers] == [["asked"]] * 2
    relay.says = ACCEPTS
    courier.run_once()
    assert min(len(world.acts(number)) for number in numbers) > 1


@dataclass
class Silent(Post):
    """A mail server that cannot be reached, and that counts the attempts."""

    says: SendAccepted | SendRefused | SendPostponed = UNREACHABLE
    asked: int = 0

    def reachable(self) -> bool:
        self.asked += 1
        return super().reachable()


def test_a_silent_relay_is_tried_once_for_all_asks(world: World) -> None:
    """In one round, an unreachable mail server is tried only once, although three requests wait for it."""
    emails = [f"voter{number}@ac-lumiere.example" for number in range(3)]
    world.add(*map(entry, emails))
    for email in emails:
        world.ask(email)
    silent, greets = Silent(), Fickle(UNREACHABLE)

    assert world.courier(silent).run_once() == 3
    world.clock.move(seconds=FIRST_SECONDS)
    assert world.courier(greets).run_once() == 3
    world.clock.move(seconds=FIRST_SECONDS)
    world.courier().run_once()

    assert silent.asked == 1
    assert len(greets.tried) == 1, "the others are not sent to a relay that takes nothing"
    assert [mail.envelope.recipient for mail in world.post.taken] == emails


def test_an_ask_does_not_wait_for_the_identifiers_asked_for_after_it(world: World) -> None:
    """A slow voting platform does not delay a mail that was requested before the identifier."""

    class Slow(PlayedPlatform):
        def reissue(
            self, reissue: ReissueOrder
        ) -> OrderCarriedOut | GenerationConflict | OrderDenied | PlatformOutcomeUnknown:
            world.clock.move(seconds=LEASE.total_seconds() / 4)
            return super().reissue(reissue)

    world.services.__dict__["platform"] = Slow(world.services.platform)
    camille = reissuer(world).asked()
    world.add(entry("second@ac-lumiere.example"))
    code = camille.code()
    world.ask("second@ac-lumiere.example")
    camille.type(code)

    world.courier().run_once()

    assert len(world.post.links("second@ac-lumiere.example")) == 1
    assert camille.sms(IDENTIFIER_SMS)


# ── Ended messages ───────────────────────────────────────────────────────────────────────────────────────


def test_a_message_refused_for_good_is_parked_and_not_tried_again(world: World) -> None:
    """A permanently refused message is not tried again.

    The timeline quotes the mail server, and the voter's page does not change.
    """
    world.add()
    handle = world.ask()
    before = world.waiting(handle)
    world.post.says = REFUSES

    world.courier().run_once()
    assert world.waiting(handle) == before
    world.clock.move(minutes=0.5)
    world.courier().run_once()

    assert len(world.post.tried) == 1
    assert world.counts() == {MessageState.PARKED: 1}
    last = world.journal(world.number(handle))[-1]
    assert (last.act, last.reason) == (EventType.MAIL_REFUSED, REFUSES.reason)


def test_case_38_a_link_mail_past_its_usefulness_is_cancelled(world: World) -> None:
    """CASE 38: a link mail that was not sent ten minutes before its link expires is cancelled."""
    emails = ("tried@ac-lumiere.example", "untried@ac-lumiere.example", "later@ac-lumiere.example")
    world.add(*map(entry, emails))
    tried = world.number(world.ask(emails[0]))
    world.post.says = POSTPONES
    world.courier().run_once()
    untried = world.number(world.ask(emails[1]))
    world.clock.at = NOON + INSTANT
    world.ask(emails[2])
    world.clock.at = NOON + timedelta(hours=4) - timedelta(minutes=10)
    world.post.says = ACCEPTS

    world.courier().run_once()

    assert [mail.envelope.recipient for mail in world.post.taken] == [emails[2]]
    assert world.counts() == {MessageState.CANCELLED: 2, MessageState.SENT: 1}
    assert set(world.kept.bodies().values()) == {None}
    assert world.acts(tried) == ["asked", "link-decided", "mail-postponed", "mail-cancelled"]
    assert world.acts(untried) == ["asked", "mail-cancelled"]


def test_a_notice_stays_useful_for_days(world: World) -> None:
    """A notice of a changed password is still sent after two days."""
    world.add()
    world.with_password()
    world.clock.move(days=2)

    world.courier().run_once()

    assert world.post.to(CAMILLE)[-1].stop is not None


def test_every_event_after_the_decision_says_whose_message_it_was(world: World) -> None:
    """Every journal entry about a mail, after the request itself, names the voter."""
    (camille,) = world.add()
    handle = world.ask()

    world.courier().run_once()

    owners = {event.act: event.voter for event in world.journal(world.number(handle))}
    assert owners == {EventType.ASKED: None, EventType.LINK_DECIDED: camille.id, EventType.MAIL_ACCEPTED: camille.id}


# ── Crashes ──────────────────────────────────────────────────────────────────────────────────────────────


def ends_before_each_mail(world: World) -> list[int]:
    """Run the courier once. Returns, for each mail, how many mails were recorded as sent before it."""
    ended: list[int] = []

    class Watching(Post):
        def send(self, envelope: ComposedMail) -> SendResult:
            ended.append(world.counts().get(MessageState.SENT, 0))
            return super().send(envelope)

    world.courier(Watching()).run_once()
    return ended


@pytest.mark.parametrize("postponed", [False, True])
def test_the_end_of_a_mail_is_written_before_the_next_mail_leaves(world: World, *, postponed: bool) -> None:
    """The courier records each mail as sent before it sends the next, so a crash repeats at most one mail."""
    people = [f"{name}@ac-lumiere.example" for name in ("anne", "boris", "chloe")]
    world.add(*map(entry, people))
    for email in (*people, "nobody@ac-lumiere.example"):
        world.ask(email)
    if postponed:
        world.post.says = POSTPONES
        world.courier().run_once()
        world.clock.move(minutes=1)

    ended = ends_before_each_mail(world)

    assert ended == [0, 1, 2]
    assert world.counts() == {MessageState.SENT: 3, MessageState.DROPPED: 1}

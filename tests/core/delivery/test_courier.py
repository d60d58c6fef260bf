"""Tests of the courier's loop: which messages are tried again and when, and which are given up."""

from dataclasses import dataclass
from datetime import timedelta

from core.delivery.courier import LEASE
from core.delivery.results import LONGEST_PAUSE_SECONDS
from core.delivery.retry_backoff import FIRST_SECONDS, pause_seconds
from core.ports import (
    ComposedMail,
    EventType,
    MessageState,
    SendAccepted,
    SendPostponed,
    SendRefused,
    SendResult,
)
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
    """The try of a message that was put off counts, and the timeline says so once."""
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
    """Messages that failed together are not tried again together."""
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
    """A relay that is down is no reason to wait longer for this message when it is up; such tries do not count."""
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
    """An ask waits while the relay takes nothing, whoever made it, and is decided once the relay accepts."""
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
    """A relay that cannot be spoken with, and counts how often that was tried."""

    says: SendAccepted | SendRefused | SendPostponed = UNREACHABLE
    asked: int = 0

    def reachable(self) -> bool:
        """Count the try."""
        self.asked += 1
        return super().reachable()


def test_a_silent_relay_is_tried_once_for_all_asks(world: World) -> None:
    """A relay that says nothing costs seconds at each try. Undecided or decided, an ask waits for the relay and not for its claim."""
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
    """A voting platform that takes long holds up what is younger only."""

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


# ── Ends ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_message_refused_for_good_is_parked_and_not_tried_again(world: World) -> None:
    """The timeline has the relay's words; the asker sees nothing of it."""
    world.add()
    handle = world.ask()
    before = world.waiting(handle)
    world.post.says = REFUSES

    world.courier().run_once()
    world.clock.move(minutes=0.5)
    world.courier().run_once()

    assert len(world.post.tried) == 1
    assert world.counts() == {MessageState.PARKED: 1}
    last = world.journal(world.number(handle))[-1]
    assert (last.act, last.reason) == (EventType.MAIL_REFUSED, REFUSES.reason)
    assert world.waiting(handle) == before


def test_case_38_a_link_mail_past_its_usefulness_is_cancelled(world: World) -> None:
    """The mail is cancelled ten minutes before its link ends and not sooner, whether it waited for courier or relay."""
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
    """The reader of a notice must hear of the change, late or not."""
    world.add()
    world.with_password()
    world.clock.move(days=2)

    world.courier().run_once()

    assert world.post.to(CAMILLE)[-1].stop is not None


def test_every_event_after_the_decision_says_whose_message_it_was(world: World) -> None:
    """The events of sending name the voter, also those of a notice, so that the desk finds them."""
    (camille,) = world.add()
    handle = world.ask()

    world.courier().run_once()

    owners = {event.act: event.voter for event in world.journal(world.number(handle))}
    assert owners == {EventType.ASKED: None, EventType.LINK_DECIDED: camille.id, EventType.MAIL_ACCEPTED: camille.id}


# ── What a crash may cost ────────────────────────────────────────────────────────────────────────────────


def ends_before_each_mail(world: World) -> list[int]:
    """Run the courier once. Returns how many ends were written before each mail."""
    ended: list[int] = []

    class Watching(Post):
        def send(self, envelope: ComposedMail) -> SendResult:
            ended.append(world.counts().get(MessageState.SENT, 0))
            return super().send(envelope)

    world.courier(Watching()).run_once()
    return ended


def test_the_end_of_a_mail_is_written_before_the_next_mail_leaves(world: World) -> None:
    """Each end is written before the next mail leaves, so one may double."""
    people = [f"{name}@ac-lumiere.example" for name in ("anne", "boris", "chloe")]
    world.add(*map(entry, people))
    for email in (*people, "nobody@ac-lumiere.example"):
        world.ask(email)

    ended = ends_before_each_mail(world)

    assert ended == [0, 1, 2]
    assert world.counts() == {MessageState.SENT: 3, MessageState.DROPPED: 1}


def test_the_end_of_a_postponed_mail_is_written_before_the_next_mail_leaves(world: World) -> None:
    """The same holds for mails that were put off once."""
    people = [f"{name}@ac-lumiere.example" for name in ("anne", "boris", "chloe")]
    world.add(*map(entry, people))
    for email in people:
        world.ask(email)
    world.post.says = POSTPONES
    world.courier().run_once()
    world.clock.move(minutes=1)

    ended = ends_before_each_mail(world)

    assert ended == [0, 1, 2]
    assert world.counts() == {MessageState.SENT: 3}

"""Tests of the courier's loop: which messages are tried again and when, and which are given up."""

from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from core.delivery.cool_down import FIRST_SECONDS, pause_seconds
from core.delivery.send_result_recorder import LONGEST_PAUSE_SECONDS
from core.ports import ComposedMail, Durability, EventType, MessageState, SendResult, Transaction
from tests.support.election import CAMILLE, NOON, STRANGER, entry
from tests.support.post import ACCEPTS, POSTPONES, REFUSES, UNREACHABLE, Fickle, Post
from tests.support.worlds import World

INSTANT = timedelta(microseconds=1)


# ── Pauses ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_message_a_relay_puts_off_is_tried_again_after_longer_and_longer(sql_world: World) -> None:
    """The try of a message that was put off counts, and the timeline says so once."""
    sql_world.add()
    handle = sql_world.ask()
    sql_world.post.says = POSTPONES
    moments = []
    for _ in range(5):
        sql_world.courier().run_once()
        moments.append(sql_world.clock.at)
        sql_world.clock.move(seconds=pause_seconds(len(moments), LONGEST_PAUSE_SECONDS))
        sql_world.clock.at -= INSTANT
        assert sql_world.courier().run_once() == 0
        sql_world.clock.at += INSTANT

    assert len(sql_world.post.tried) == 5
    assert sql_world.acts(sql_world.number(handle)).count("mail-postponed") == 1


def test_pauses_are_spread_over_their_upper_half(sql_world: World) -> None:
    """Messages that failed together are not tried again together."""
    sql_world.add()
    sql_world.ask()
    sql_world.post.says = POSTPONES
    sql_world.courier(jitter=lambda: 0.0).run_once()
    sql_world.clock.move(seconds=FIRST_SECONDS / 2)
    sql_world.clock.at -= INSTANT
    assert sql_world.courier().run_once() == 0
    sql_world.clock.at += INSTANT

    assert sql_world.courier().run_once() == 1


def test_a_message_nobody_could_be_asked_about_is_tried_again_soon_and_for_ever(sql_world: World) -> None:
    """A relay that is down is no reason to wait longer for this message when it is up; such tries do not count."""
    sql_world.add()
    handle = sql_world.ask()
    sql_world.post.says = POSTPONES
    sql_world.courier().run_once()
    sql_world.post.says = UNREACHABLE

    for _ in range(20):
        sql_world.clock.move(seconds=FIRST_SECONDS)
        assert sql_world.courier().run_once() == 1
    sql_world.post.says = ACCEPTS
    sql_world.clock.move(seconds=FIRST_SECONDS)
    sql_world.courier().run_once()

    assert len(sql_world.post.tried) == 22
    assert sql_world.acts(sql_world.number(handle)) == ["asked", "link-decided", "mail-postponed", "mail-accepted"]


@pytest.mark.parametrize("email", [CAMILLE, STRANGER])
def test_after_a_relay_that_answers_but_takes_nothing_asks_wait_too(sql_world: World, email: str) -> None:
    """An ask waits while the relay takes nothing, whoever made it, and is decided once the relay accepts."""
    sql_world.add(entry("first@ac-lumiere.example"), entry())
    sql_world.ask("first@ac-lumiere.example")
    relay = Fickle(UNREACHABLE)
    courier = sql_world.courier(relay)
    courier.run_once()
    handle = sql_world.ask(email)

    for _ in range(5):
        courier.run_once()
        sql_world.clock.move(seconds=FIRST_SECONDS)
    waits = sql_world.acts(sql_world.number(handle))
    relay.says = ACCEPTS
    courier.run_once()

    assert waits == ["asked"]
    assert len(sql_world.acts(sql_world.number(handle))) > 1


# ── Ends ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_case_37_a_message_refused_for_good_is_parked_and_not_tried_again(sql_world: World) -> None:
    """The timeline has the relay's words; the asker sees nothing of it."""
    sql_world.add()
    handle = sql_world.ask()
    before = sql_world.waiting(handle)
    sql_world.post.says = REFUSES

    sql_world.courier().run_once()
    sql_world.clock.move(minutes=0.5)
    sql_world.courier().run_once()

    assert len(sql_world.post.tried) == 1
    assert sql_world.counts() == {MessageState.PARKED: 1}
    last = sql_world.journal(sql_world.number(handle))[-1]
    assert (last.act, last.reason) == (EventType.MAIL_REFUSED, REFUSES.reason)
    assert sql_world.waiting(handle) == before


@pytest.mark.parametrize("tried", [0, 1])
def test_case_38_a_link_mail_past_its_usefulness_is_cancelled(sql_world: World, tried: int) -> None:
    """The mail is cancelled ten minutes before its link ends, whether it waited for the courier or for a relay."""
    sql_world.add()
    handle = sql_world.ask()
    sql_world.post.says = POSTPONES
    for _ in range(tried):
        sql_world.courier().run_once()
    sql_world.clock.at = NOON + timedelta(hours=4) - timedelta(minutes=10)
    sql_world.post.says = ACCEPTS

    sql_world.courier().run_once()

    assert sql_world.post.taken == []
    assert sql_world.counts() == {MessageState.CANCELLED: 1}
    assert sql_world.kept.bodies() == {1: None}
    assert sql_world.acts(sql_world.number(handle)) == [
        "asked",
        *["link-decided", "mail-postponed"] * tried,
        "mail-cancelled",
    ]


def test_case_38_it_is_still_sent_just_before(sql_world: World) -> None:
    """The mail is sent with ten minutes and an instant of its link left."""
    sql_world.add()
    sql_world.ask()
    sql_world.clock.at = NOON + timedelta(hours=4) - timedelta(minutes=10) - INSTANT

    sql_world.courier().run_once()

    assert len(sql_world.post.taken) == 1


def test_a_notice_stays_useful_for_days(sql_world: World) -> None:
    """The reader of a notice must hear of the change, late or not."""
    sql_world.add()
    sql_world.with_password()
    sql_world.clock.move(days=2)

    sql_world.courier().run_once()

    assert sql_world.post.to(CAMILLE)[-1].stop is not None


def test_every_event_after_the_decision_says_whose_message_it_was(sql_world: World) -> None:
    """The events of sending name the voter, also those of a notice, so that the desk finds them."""
    (camille,) = sql_world.add()
    handle = sql_world.ask()

    sql_world.courier().run_once()

    owners = {event.act: event.voter for event in sql_world.journal(sql_world.number(handle))}
    assert owners == {EventType.ASKED: None, EventType.LINK_DECIDED: camille.id, EventType.MAIL_ACCEPTED: camille.id}


# ── What a crash may cost ────────────────────────────────────────────────────────────────────────────────


def written(world: World, monkeypatch: pytest.MonkeyPatch) -> list[Durability]:
    """Return the list to which the durability of each later write is added."""
    kept: list[Durability] = []
    write = world.store.write

    def recorded(durability: Durability = Durability.FULL) -> AbstractContextManager[Transaction]:
        kept.append(durability)
        return write(durability)

    monkeypatch.setattr(world.store, "write", recorded)
    return kept


def test_35_a_batch_is_decided_for_good_before_its_first_mail_leaves(
    sql_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CASE 35: all asks of a batch wait for the disk once; each end is written before the next mail leaves, so one may double."""
    people = [f"{name}@ac-lumiere.example" for name in ("anne", "boris", "chloe")]
    sql_world.add(*map(entry, people))
    for email in (*people, "nobody@ac-lumiere.example"):
        sql_world.ask(email)
    kept = written(sql_world, monkeypatch)
    ended: list[tuple[int, int]] = []

    class Watching(Post):
        def send(self, envelope: ComposedMail) -> SendResult:
            ended.append((kept.count(Durability.FULL), sql_world.counts().get(MessageState.SENT, 0)))
            return super().send(envelope)

    sql_world.courier(Watching()).run_once()

    assert ended == [(1, 0), (1, 1), (1, 2)]
    assert kept.count(Durability.FULL) == 1
    assert sql_world.counts() == {MessageState.SENT: 3, MessageState.DROPPED: 1}


def test_35_the_end_of_a_mail_decided_earlier_is_written_for_good(
    sql_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CASE 35: nothing follows it that would be."""
    sql_world.add()
    sql_world.ask()
    sql_world.post.says = POSTPONES
    sql_world.courier().run_once()
    sql_world.post.says = ACCEPTS
    sql_world.clock.move(minutes=1)
    courier, kept = sql_world.courier(), written(sql_world, monkeypatch)

    courier.run_once()

    assert sql_world.counts()[MessageState.SENT] == 1
    assert kept.count(Durability.FULL) == 1

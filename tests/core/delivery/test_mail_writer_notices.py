"""The courier writes the mails that notify voters of a change."""

from collections.abc import MutableMapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from core.adapters.sql.tables import recoveries
from core.ports import MessageKind, MessageState, Voter
from tests.support.election import NOON, entry
from tests.support.post import ACCEPTS, POSTPONES, poison_first_mail
from tests.support.stores import writing
from tests.support.worlds import World

LIFE = timedelta(hours=1)
Logged = list[MutableMapping[str, Any]]


def tell(world: World, *told: Voter, life: timedelta = LIFE) -> None:
    """Queue the notice of a changed password for each of these voters."""
    for voter in told:
        writing(world.store).outbox.put(
            kind=MessageKind.CHANGED, case="7F3K-92QD", voter=voter.id, at=NOON, useful_until=NOON + life
        )


def three_voters(world: World) -> list[Voter]:
    return list(world.add(entry(), entry("second@ac-lumiere.example"), entry("third@ac-lumiere.example")))


def test_each_notice_is_sent(world: World) -> None:
    """The notice of each of three voters is sent."""
    told = three_voters(world)
    tell(world, *told)

    world.courier().run_once()

    assert [mail.envelope.recipient for mail in world.post.taken] == [voter.email for voter in told]


def test_a_notice_that_cannot_be_written_keeps_no_other_waiting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """If one notice cannot be composed, it is tried again later and the other notices are sent."""
    tell(world, *three_voters(world))
    poison_first_mail(monkeypatch)
    world.courier().run_once()

    assert len(world.post.taken) == 2
    assert world.counts() == {MessageState.SENT: 2, MessageState.WAITING: 1}


def test_a_case_that_cannot_be_read_keeps_no_other_notice_waiting(world: World, logged: Logged) -> None:
    """If the state of a case was written by a later version and cannot be read, only the notice of this case waits."""
    told = three_voters(world)
    tell(world, *told[1:])
    unknown = world.number(world.ask())
    with world.kept.engine.begin() as connection:
        later = update(recoveries).where(recoveries.c.number == unknown).values(state='{"type":"of-a-later-version"}')
        connection.execute(later)
    writing(world.store).outbox.put(
        kind=MessageKind.CHANGED, case=unknown, voter=told[0].id, at=NOON, useful_until=NOON + LIFE
    )

    world.courier().run_once()

    assert [mail.envelope.recipient for mail in world.post.taken] == [voter.email for voter in told[1:]]
    assert "parcel-failed" in {line["event"] for line in logged}


def test_a_notice_that_is_too_late_is_not_written(world: World) -> None:
    """A notice that is no longer useful is cancelled without being composed."""
    tell(world, *three_voters(world), life=-LIFE)

    world.courier().run_once()

    assert world.post.tried == []
    assert world.counts() == {MessageState.CANCELLED: 3}
    assert set(world.kept.bodies().values()) <= {None}


def test_a_courier_that_stops_writes_no_notice(world: World) -> None:
    """A courier that is being stopped writes no notice, and the notices stay in the queue."""
    tell(world, *three_voters(world))
    courier = world.courier()
    courier.stopping.set()

    courier.run_once()

    assert world.counts() == {MessageState.WAITING: 3}
    assert set(world.kept.bodies().values()) <= {None}


def test_every_try_of_a_notice_has_the_same_bytes(world: World) -> None:
    """A postponed notice is sent again with the same bytes."""
    tell(world, *three_voters(world)[:1])
    world.post.says = POSTPONES
    world.courier().run_once()
    world.post.says = ACCEPTS
    world.clock.move(minutes=1)
    world.courier().run_once()

    first, second = world.post.tried
    assert first.envelope == second.envelope
    assert world.counts() == {MessageState.SENT: 1}

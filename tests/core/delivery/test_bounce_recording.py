"""A bounce mail either adds one entry to the journal of its case, or changes nothing."""

from collections import Counter
from collections.abc import Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine

from core.adapters.bounce_parser import BounceMailParser
from core.adapters.sql.engine import open_engine
from core.adapters.sql.store import SqlStore
from core.delivery.bounce_recording import BounceNotice, BounceOutcome, BounceRecorder
from core.flows.registry import states_by_flow
from core.ports import Actor, EventType, Store, StoreUnavailable, Transaction
from core.text.faces.bounce_sentences import BounceReason
from tests.support.election import CAMILLE, GOOD, STRANGER, dependencies
from tests.support.returned import HOLIDAY, RETURN, postfix
from tests.support.stores import ROWS, KeptStore
from tests.support.worlds import World


@dataclass(frozen=True)
class Says:
    """A double of the port ReturnedMail, with a fixed address and a fixed bounce."""

    address: str
    says: BounceNotice | None

    def addresses(self) -> Iterable[str]:
        return (self.address,)

    def bounce(self) -> BounceNotice | None:
        return self.says


def bouncing(world: World) -> BounceRecorder:
    return BounceRecorder(world.dependencies, world.letters.bounces.case_of)


def sent(world: World) -> tuple[str, str]:
    """Send a link mail. Returns the number of its case and the address to which its bounces are sent."""
    world.add()
    number = world.number(world.ask())
    world.courier().run_once()
    return number, world.post.taken[-1].envelope.sender


def bounced(world: World, number: str) -> list[str | None]:
    """Return the reasons of the bounces in the journal of a case."""
    return [event.reason for event in world.journal(number) if event.act == EventType.MAIL_BOUNCED]


# ── Recorded bounces ─────────────────────────────────────────────────────────────────────────────────────


def test_a_bounce_is_noted_in_its_case(world: World) -> None:
    """A bounce is recorded in the journal of its case, with the voter and the reason.

    The voter's link continues to work.
    """
    number, address = sent(world)
    before = world.counts()
    world.clock.move(minutes=1)

    outcome = bouncing(world).record_returned_mail(BounceMailParser(postfix(to=address)))

    assert outcome is BounceOutcome.NOTED
    last = world.journal(number)[-1]
    assert (last.at, last.actor, last.act) == (world.clock.at, Actor.COURIER, EventType.MAIL_BOUNCED)
    assert (last.voter, last.reason) == (world.voter().id, "unknown-mailbox")
    assert world.counts() == before

    world.links.choose_password(world.post.links(CAMILLE)[-1], GOOD)
    assert world.voter().password is not None


def test_the_same_bounce_is_noted_once(world: World, logged: list[MutableMapping[str, Any]]) -> None:
    """A bounce that is read several times is recorded once.

    The log has the reason of each bounce, but no mail address.
    """
    number, address = sent(world)
    logged.clear()
    outcomes = []
    for _ in range(3):
        outcomes.append(bouncing(world).record_returned_mail(BounceMailParser(postfix(to=address))))
        world.clock.move(hours=24 * 100)

    assert outcomes == [BounceOutcome.NOTED, BounceOutcome.NOTED_BEFORE, BounceOutcome.NOTED_BEFORE]
    assert bounced(world, number) == ["unknown-mailbox"]

    for raw in (
        postfix("4.4.1", action="delayed", to=address),
        postfix("4.4.1", to=address),
        postfix("4.4.1", to=address, message="<another@vote.example>"),
    ):
        assert bouncing(world).record_returned_mail(BounceMailParser(raw)) is BounceOutcome.NOTED

    assert bounced(world, number) == ["unknown-mailbox", "delayed", "other", "other"]

    bouncing(world).record_returned_mail(BounceMailParser(postfix()))

    told = [(line["event"], line["outcome"], line["reason"]) for line in logged]
    assert (len(told), told[0]) == (7, ("mail-came-back", "noted", "unknown-mailbox"))
    assert told[-1] == ("mail-came-back", "not-ours", None)
    assert not [line for line in logged if "@" in str(line) or "camille" in str(line)]


def test_read_by_many_at_once_it_is_noted_once(any_world: World) -> None:
    """A bounce that eight threads read at the same moment is recorded once."""
    number, address = sent(any_world)
    mail, reads = BounceMailParser(postfix(to=address)), bouncing(any_world)

    with ThreadPoolExecutor(8) as pool:
        outcomes = Counter(pool.map(reads.record_returned_mail, [mail] * 8))

    assert outcomes == {BounceOutcome.NOTED: 1, BounceOutcome.NOTED_BEFORE: 7}
    assert bounced(any_world, number) == ["unknown-mailbox"]


# ── Ignored bounces ──────────────────────────────────────────────────────────────────────────────────────


def swapped(address: str, other: str) -> str:
    """Return the bounce address of one case with the tag of another."""
    return address.partition(".")[0] + "." + other.partition("+")[2].partition(".")[2]


def test_forged_and_unknown_ones_change_nothing(world: World) -> None:
    """A bounce to a forged or unknown address, and an automatic reply, are not recorded."""
    number, address = sent(world)
    second = world.number(world.ask(STRANGER))
    other = world.letters.bounces.address_of_case(second)
    before = world.kept.events()
    forged = [
        RETURN,
        swapped(other, address),
        swapped(address, other),
        address.replace("+", "-"),
        address.replace("@", "@elsewhere."),
        world.letters.bounces.address_of_case("ZZZZ-ZZZZ"),
        "",
    ]

    outcomes = [bouncing(world).record_returned_mail(BounceMailParser(postfix(to=each))) for each in forged]

    assert outcomes == [BounceOutcome.NOT_OURS] * len(forged)

    inside = BounceMailParser(postfix(to=address), ("postmaster@vote.example",))
    assert bouncing(world).record_returned_mail(inside) is BounceOutcome.NOT_OURS

    automatic = BounceMailParser(HOLIDAY.replace(RETURN.encode(), address.encode()))
    assert bouncing(world).record_returned_mail(automatic) is BounceOutcome.NO_BOUNCE
    assert world.kept.events() == before
    assert bounced(world, number) == bounced(world, second) == []


class _Untouchable:
    """A store that fails the test if it is used."""

    def read(self) -> AbstractContextManager[Transaction]:
        raise AssertionError("nothing may be read")

    def write(self) -> AbstractContextManager[Transaction]:
        raise AssertionError("nothing may be written")


STRANGE = bouncing(World(KeptStore(_Untouchable(), create_engine("sqlite://")), dependencies(_Untouchable())))


@given(addresses=st.lists(st.text() | st.from_regex(r"retour\+[0-9a-z]{8}\.[a-z2-7]{16}@[a-z.]+"), max_size=3))
def test_no_address_that_strangers_make_is_a_case(addresses: list[str]) -> None:
    """A bounce to an invented address is ignored without reading the database."""
    assert STRANGE.record_returned_mail(BounceMailParser(b"", (*addresses, "nobody"))) is BounceOutcome.NOT_OURS


def test_one_case_s_journal_cannot_be_flooded(world: World) -> None:
    """At most twenty bounces are recorded for one case. Bounces of other cases are still recorded."""
    number, address = sent(world)
    reads = bouncing(world)
    for count in range(25):
        outcome = reads.record_returned_mail(
            Says(address, BounceNotice(BounceReason.OTHER, f"<{count}\udcff@vote.example>"))
        )

    assert outcome is BounceOutcome.TOO_MANY
    assert len(bounced(world, number)) == 20
    second = world.number(world.ask(STRANGER))
    assert reads.record_returned_mail(
        Says(world.letters.bounces.address_of_case(second), BounceNotice(BounceReason.OTHER, ""))
    ) is (BounceOutcome.NOTED)


def test_a_store_that_is_gone_is_told(world: World) -> None:
    """If the database is unavailable, recording a bounce raises an error, so that the mail is kept for later."""
    _, address = sent(world)
    engine = open_engine("sqlite:////nowhere/at/all.sqlite3")
    gone: Store = SqlStore(engine, states_by_flow(), ROWS)

    with pytest.raises(StoreUnavailable):
        BounceRecorder(replace(world.dependencies, store=gone), world.letters.bounces.case_of).record_returned_mail(
            BounceMailParser(postfix(to=address))
        )

    engine.dispose()
    assert bouncing(world).record_returned_mail(BounceMailParser(postfix(to=address))) is BounceOutcome.NOTED

"""What a mail that came back changes: one line in the journal of its case, or nothing."""

from collections import Counter
from collections.abc import Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.dsn import Returned
from core.adapters.sql.engine import open_engine
from core.adapters.sql.store import SqlStore
from core.bootstrap import states_by_flow
from core.ports import Act, Actor, Durability, Store, Transaction, Unready
from core.service.bouncing import Bounce, Bouncing, Outcome
from core.words.bounces import BounceReason
from tests.support.election import GOOD, STRANGER, tools
from tests.support.returned import HOLIDAY, RETURN, postfix
from tests.support.stores import Kept
from tests.support.worlds import World


@dataclass(frozen=True)
class Says:
    """The port ReturnedMail: to that address, and it says that."""

    address: str
    says: Bounce | None

    def addresses(self) -> Iterable[str]:
        """One."""
        return (self.address,)

    def bounce(self) -> Bounce | None:
        """What it says."""
        return self.says


def bouncing(world: World) -> Bouncing:
    """The use case of that election."""
    return Bouncing(world.tools, world.letters.case_of_bounce)


def sent(world: World) -> tuple[str, str]:
    """A case whose link mail has left, and the address of its bounces."""
    world.add()
    number = world.number(world.ask())
    world.courier().round()
    return number, world.post.taken[-1].envelope.sender


def bounced(world: World, number: str) -> list[str | None]:
    """Why mails of that case came back, as its journal says."""
    return [event.reason for event in world.journal(number) if event.act is Act.MAIL_BOUNCED]


# ── What it notes ────────────────────────────────────────────────────────────────────────────────────────


def test_a_bounce_is_noted_in_its_case(any_world: World) -> None:
    """When it was read, whose mail it was and why; nothing else moves."""
    number, address = sent(any_world)
    before = any_world.counts()
    any_world.clock.move(minutes=1)

    outcome = bouncing(any_world).receive(Returned(postfix(to=address)))

    assert outcome is Outcome.NOTED
    last = any_world.journal(number)[-1]
    assert (last.at, last.actor, last.act) == (any_world.clock.at, Actor.COURIER, Act.MAIL_BOUNCED)
    assert (last.voter, last.reason) == (any_world.voter().id, "unknown-mailbox")
    assert any_world.counts() == before


def test_the_link_goes_on_working(world: World) -> None:
    """A bounce is a statement of a stranger's server: it takes nothing from the voter."""
    world.add()
    token = world.link()
    bouncing(world).receive(Returned(postfix(to=world.post.taken[-1].envelope.sender)))

    world.links.choose_password(token, GOOD)

    assert world.voter().password is not None


def test_the_same_bounce_is_noted_once(any_world: World) -> None:
    """However often it is read, and however much later."""
    number, address = sent(any_world)
    outcomes = []
    for _ in range(3):
        outcomes.append(bouncing(any_world).receive(Returned(postfix(to=address))))
        any_world.clock.move(hours=24 * 100)

    assert outcomes == [Outcome.NOTED, Outcome.NOTED_BEFORE, Outcome.NOTED_BEFORE]
    assert bounced(any_world, number) == ["unknown-mailbox"]


def test_another_reason_or_another_mail_is_another_line(any_world: World) -> None:
    """Delayed, then given up; and the second mail of the case as well."""
    number, address = sent(any_world)
    for raw in (
        postfix("4.4.1", action="delayed", to=address),
        postfix("4.4.1", to=address),
        postfix("4.4.1", to=address, message="<another@vote.example>"),
    ):
        assert bouncing(any_world).receive(Returned(raw)) is Outcome.NOTED

    assert bounced(any_world, number) == ["delayed", "other", "other"]


def test_read_by_many_at_once_it_is_noted_once(any_world: World) -> None:
    """Two servers that deliver it, or a Maildir and a pipe."""
    number, address = sent(any_world)
    mail, reads = Returned(postfix(to=address)), bouncing(any_world)

    with ThreadPoolExecutor(8) as pool:
        outcomes = Counter(pool.map(reads.receive, [mail] * 8))

    assert outcomes == {Outcome.NOTED: 1, Outcome.NOTED_BEFORE: 7}
    assert bounced(any_world, number) == ["unknown-mailbox"]


# ── What changes nothing ─────────────────────────────────────────────────────────────────────────────────


def swapped(address: str, other: str) -> str:
    """The case of one under the tag of another."""
    return address.partition(".")[0] + "." + other.partition("+")[2].partition(".")[2]


def test_forged_and_unknown_ones_change_nothing(any_world: World) -> None:
    """A wrong tag, another case's tag, a stranger's address, a case that we do not have, no address."""
    number, address = sent(any_world)
    second = any_world.number(any_world.ask(STRANGER))
    other = any_world.letters._bounces.of_case(second)
    before = any_world.kept.events()
    forged = [
        RETURN,
        swapped(other, address),
        swapped(address, other),
        address.replace("+", "-"),
        address.replace("@", "@elsewhere."),
        any_world.letters._bounces.of_case("ZZZZ-ZZZZ"),
        "",
    ]

    outcomes = [bouncing(any_world).receive(Returned(postfix(to=each))) for each in forged]

    assert outcomes == [Outcome.NOT_OURS] * len(forged)
    assert any_world.kept.events() == before
    assert bounced(any_world, number) == bounced(any_world, second) == []


def test_an_address_said_inside_is_not_believed(world: World) -> None:
    """Only where it was delivered counts: here to nobody of ours."""
    number, address = sent(world)

    outcome = bouncing(world).receive(Returned(postfix(to=address), ("postmaster@vote.example",)))

    assert outcome is Outcome.NOT_OURS
    assert bounced(world, number) == []


class _Untouchable:
    """A store that must not be asked."""

    def read(self) -> AbstractContextManager[Transaction]:
        raise AssertionError

    def write(self, durability: Durability = Durability.FULL) -> AbstractContextManager[Transaction]:
        raise AssertionError(durability)


STRANGE = bouncing(World(Kept(_Untouchable()), tools(_Untouchable())))


@given(addresses=st.lists(st.text() | st.from_regex(r"retour\+[0-9a-z]{8}\.[a-z2-7]{16}@[a-z.]+"), max_size=3))
def test_no_address_that_strangers_make_is_a_case(addresses: list[str]) -> None:
    """Whatever it is made of; the store is not even asked."""
    assert STRANGE.receive(Returned(b"", (*addresses, "nobody"))) is Outcome.NOT_OURS


def test_an_automatic_answer_is_left(world: World) -> None:
    """It came to an address of ours, and says nothing of a mail that failed."""
    number, address = sent(world)

    outcome = bouncing(world).receive(Returned(HOLIDAY.replace(RETURN.encode(), address.encode())))

    assert outcome is Outcome.NO_BOUNCE
    assert bounced(world, number) == []


def test_one_case_s_journal_cannot_be_flooded(any_world: World) -> None:
    """Whoever reads a voter's mail knows the address of the case; the other cases are noted all the same."""
    number, address = sent(any_world)
    reads = bouncing(any_world)
    for count in range(25):
        outcome = reads.receive(Says(address, Bounce(BounceReason.OTHER, f"<{count}\udcff@vote.example>")))

    assert outcome is Outcome.TOO_MANY
    assert len(bounced(any_world, number)) == 20
    second = any_world.number(any_world.ask(STRANGER))
    assert reads.receive(Says(any_world.letters._bounces.of_case(second), Bounce(BounceReason.OTHER, ""))) is (
        Outcome.NOTED
    )


def test_a_store_that_is_gone_is_told(world: World) -> None:
    """So that the mail is kept; nothing is noted, and the next time it is."""
    _, address = sent(world)
    engine = open_engine("sqlite:////nowhere/at/all.sqlite3")
    gone: Store = SqlStore(engine, states_by_flow(world.tools.policy))

    with pytest.raises(Unready):
        Bouncing(replace(world.tools, store=gone), world.letters.case_of_bounce).receive(Returned(postfix(to=address)))

    engine.dispose()
    assert bouncing(world).receive(Returned(postfix(to=address))) is Outcome.NOTED


def test_the_log_has_the_reason_and_no_address(world: World, logged: list[MutableMapping[str, Any]]) -> None:
    """Each is counted there, noted or not."""
    _, address = sent(world)
    logged.clear()
    bouncing(world).receive(Returned(postfix(to=address)))
    bouncing(world).receive(Returned(postfix()))

    assert [(line["event"], line["outcome"], line["reason"]) for line in logged] == [
        ("mail-came-back", "noted", "unknown-mailbox"),
        ("mail-came-back", "not-ours", None),
    ]
    assert not [line for line in logged if "@" in str(line) or "camille" in str(line)]

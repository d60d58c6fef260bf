"""The database is compared with the voting platform.

After a failover, the database is repaired from the platform's data, and the helpdesk has a list of voters to call.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest

from core.adapters.embedded_voting_platform import EmbeddedVotingPlatform
from core.delivery.platform_reconciliation import PlatformComparisonResult
from core.desk.attention import AttentionReason
from core.desk.authorisation import AgentSession
from core.ports import Actor, CommitOutcomeUnknown, Event, EventType, RecordedEvent, Store, StoreUnavailable
from core.ports.voting_platform import FreezeOrder, PlatformAccount, ReissueOrder
from tests.support.desk import signed_in_agent
from tests.support.election import CAMILLE, NOON
from tests.support.reissues import PHONE, Reissuer, line, numen_of, play_platform, pseudonym, reissuer, votes
from tests.support.stores import KeptStore, leaving_after, reading, sqlite, writing
from tests.support.worlds import World, world

CORRECTED = "camille.petit@ac-lumiere.example"


def found(world: World) -> PlatformComparisonResult:
    return world.services.platform_comparison.compare_accounts()


def test_after_any_number_of_reissues_and_freezes_both_agree(world: World) -> None:
    """After several re-issues and a freeze, the database and the voting platform agree.

    Voters without a request are not compared.
    """
    camille = reissuer(world)
    other = reissuer(world, "other@ac-lumiere.example")
    camille.receive()
    camille.receive()
    other.receive(phone="+33687654321")
    token = world.post.to("other@ac-lumiere.example")[-1].stop
    world.stops.freeze(token)
    world.courier().run_once()

    assert found(world) == PlatformComparisonResult(2, ())


def test_a_corrected_address_leaves_the_voter_the_same_to_the_platform(world: World) -> None:
    """After a voter's address was corrected, re-issues and freezes still reach the same account on the platform."""
    first = reissuer(world).receive()
    camille = world.voter(CAMILLE)
    with world.store.write() as transaction:
        ((voter, before),) = transaction.roll.entries()
        transaction.roll.correct([(voter, msgspec.structs.replace(before, email=CORRECTED))])

    assert votes(world, first, CORRECTED)
    assert found(world) == PlatformComparisonResult(1, ())
    second = Reissuer(world, CORRECTED).sign_in().receive(numen=numen_of(CAMILLE))
    assert [votes(world, each, CORRECTED) for each in (first, second)] == [False, True]
    world.stops.freeze(world.post.to(CORRECTED)[-1].stop)
    world.courier().run_once()
    assert world.voter(CORRECTED).id == camille.id
    assert not votes(world, second, CORRECTED)
    assert found(world) == PlatformComparisonResult(1, ())


def test_who_comes_back_to_the_roll_is_one_voter_to_the_platform(world: World) -> None:
    """A voter who was removed from the roll and returns keeps the same account on the voting platform."""
    first = reissuer(world).receive()
    gone = world.voter(CAMILLE)
    writing(world.store).roll.remove([gone.id], world.clock.at)
    back = reissuer(world)
    back.order(phone="+33687654321")
    for _ in range(3):
        world.courier().run_once()
        world.clock.move(seconds=40)

    assert [votes(world, each) for each in (first, back.identifier())] == [False, True]
    assert found(world) == PlatformComparisonResult(1, ())


def test_each_difference_is_told(world: World) -> None:
    """The comparison reports another generation, a freeze that only one side knows, and an unknown account."""
    camille = reissuer(world)
    camille.receive()
    platform = world.services.platform
    (standing,) = platform.accounts()
    platform.reissue(ReissueOrder(voter=standing.voter, request="x", generation=2, salt=b"s", verifier=b"v"))
    platform.set_freeze(FreezeOrder(voter=standing.voter, frozen=True, sequence=99))
    platform.reissue(ReissueOrder(voter="f" * 64, request="x", generation=1, salt=b"s", verifier=b"v"))

    told = [text.msgid for text in found(world).differences]

    assert [sentence.split(":")[0].strip() for sentence in told] == [
        "Électeur {voter}",
        "Électeur {voter}",
        "Électeur inconnu ici, génération {theirs} là-bas",
    ]
    voter = world.voter(CAMILLE)
    writing(world.store).voters.freeze(voter.id, epoch=voter.epoch, at=world.clock.at)
    platform.set_freeze(FreezeOrder(voter=standing.voter, frozen=False, sequence=100))
    assert any("compte bloqué ici" in text.msgid for text in found(world).differences)


OTHER, OTHER_PHONE = "other@ac-lumiere.example", "+33687654321"


@pytest.fixture
def platforms(tmp_path: Path) -> Iterator[KeptStore]:
    (folder := tmp_path / "platform").mkdir()
    with sqlite(folder) as kept:
        yield kept


@pytest.fixture
def election(sql_kept: KeptStore, platforms: KeptStore) -> World:
    """An election whose voting platform has its own store, which a failover of the database does not change."""
    found = world(sql_kept)
    apart = play_platform(found)
    apart.behind = EmbeddedVotingPlatform(platforms.store)
    return found


@contextmanager
def lost(election: World) -> Iterator[None]:
    """Lose everything that the product's database stores during the block.

    The platform, telephones and mailboxes keep their data.
    """
    with election.kept.forgetting():
        yield
    election.clock.move(minutes=5)


def test_a_repair_that_is_interrupted_does_not_say_that_nothing_was_done(election: World) -> None:
    """A repair that is interrupted after its first change reports an unknown outcome."""
    reissuer(election).receive()
    reissuer(election, OTHER).receive(phone=OTHER_PHONE)
    for email in (CAMILLE, OTHER):
        voter = election.voter(email)
        writing(election.store).voters.freeze(voter.id, epoch=voter.epoch, at=election.clock.at)
    differing = election.services.platform_comparison.compare_accounts().differing
    assert len(differing) == 2

    told = []
    for spared in range(3):
        with leaving_after(election.store, spared), pytest.raises(StoreUnavailable) as away:
            election.services.platform_repair.repair(differing)
        told.append(away.type)

    assert told == [StoreUnavailable, CommitOutcomeUnknown, CommitOutcomeUnknown]


def repair(election: World) -> tuple[tuple[int, str], ...]:
    """Compare and repair. Returns the voters to call, with their cases."""
    return election.services.platform_repair.repair(election.services.platform_comparison.compare_accounts().differing)


def differences(election: World) -> int:
    """Return the number of differences."""
    return len(election.services.platform_comparison.compare_accounts().differences)


def generation(election: World) -> int:
    """Return the first voter's generation on the voting platform."""
    return next(each.generation for each in election.services.platform.accounts())


def test_an_identifier_whose_sending_was_lost_counts_and_the_next_follows(election: World) -> None:
    """If the database has lost a re-issue that the platform knows, the repair counts it.

    The identifier votes, and the next re-issue works.
    """
    camille = reissuer(election)
    with lost(election):
        identifier = camille.receive()
    camille.sign_in()
    assert camille.left() == 3

    ((voter, _),) = repair(election)

    assert (voter, differences(election)) == (camille.voter.id, 0)
    assert repair(election) == ()
    assert camille.left() == 2
    assert camille.shown().step is camille.steps.begin
    assert votes(election, identifier)
    told = len(election.services.platform.told)  # type: ignore[attr-defined]  # the one that the test plays
    another = camille.receive()
    assert len(election.services.platform.told) == told + 1  # type: ignore[attr-defined]  # likewise
    assert (votes(election, another), votes(election, identifier), generation(election)) == (True, False, 2)


def test_an_identifier_that_is_made_again_votes(election: World) -> None:
    """If the database has lost a re-issue's execution, the courier makes a new identifier, which votes."""
    camille = reissuer(election)
    camille.order()
    with lost(election):
        election.courier().run_once()
        first = camille.identifier()
    for _ in range(3):
        election.courier().run_once()
        election.clock.move(minutes=1)

    assert camille.identifier() != first
    assert votes(election, camille.identifier())
    assert (repair(election), differences(election)) == ((), 0)


def test_several_lost_ones_count_each(election: World) -> None:
    """Each of two lost re-issues counts towards the voter's limit of three."""
    camille = reissuer(election)
    camille.receive()
    with lost(election):
        camille.receive()
        camille.receive()
    camille.sign_in()

    assert len(repair(election)) == 1
    assert (camille.left(), differences(election)) == (0, 0)


def test_what_the_platform_lost_is_given_back(election: World, platforms: KeptStore) -> None:
    """If the voting platform has lost a re-issue, its identifier does not vote and does not count.

    The next re-issue continues from the platform's generation.
    """
    camille = reissuer(election)
    camille.receive()
    with platforms.forgetting():
        dead = camille.receive()
    election.clock.move(minutes=5)

    ((voter, _),) = repair(election)

    assert (voter, differences(election), votes(election, dead)) == (camille.voter.id, 0, False)
    assert camille.left() == 2
    assert votes(election, camille.receive())
    assert generation(election) == 2


def test_a_freeze_that_the_platform_lacks_is_told_again(election: World) -> None:
    """A freeze after a failover reaches the voting platform.

    This holds even if the database has lost later orders to the platform.
    """
    camille = reissuer(election)
    identifier = camille.receive()
    with lost(election):
        for at in range(1, 5):
            hold = FreezeOrder(voter=pseudonym(election), frozen=bool(at % 2), sequence=int(NOON.timestamp()) + at)
            election.services.platform.set_freeze(hold)
    camille.sign_in()
    election.stops.freeze(election.post.to(CAMILLE)[-1].stop)
    election.courier().run_once()

    assert not votes(election, identifier)
    election.services.platform.behind.set_freeze(  # type: ignore[attr-defined]  # the one that the test plays
        FreezeOrder(voter=pseudonym(election), frozen=False, sequence=0)
    )
    assert differences(election) == 0


def test_a_freeze_that_only_the_platform_knows_is_a_call(election: World) -> None:
    """If the database has lost a freeze, the platform keeps the account frozen, and the helpdesk calls the voter."""
    camille = reissuer(election)
    identifier = camille.receive()
    notice_of_password, _ = (mail.stop for mail in election.post.to(CAMILLE) if mail.stop is not None)
    with lost(election):
        election.stops.freeze(notice_of_password)
        election.courier().run_once()

    ((voter, _),) = repair(election)

    assert voter == camille.voter.id
    assert not votes(election, identifier)


def test_one_under_way_is_left_to_the_courier(election: World) -> None:
    """The repair ignores a re-issue in progress, because the courier then adopts the platform's generation."""
    camille = reissuer(election)
    with lost(election):
        camille.receive()
    camille.sign_in().order()

    assert repair(election) == ()
    for _ in range(3):
        election.courier().run_once()
        election.clock.move(minutes=1)
    assert votes(election, camille.identifier())
    assert generation(election) == 2


@contextmanager
def after_reading_accounts(election: World, change: Callable[[], object]) -> Iterator[None]:
    """Make a change each time the platform's accounts have been read, before the database is read."""
    platform = election.services.platform
    read = platform.accounts

    def read_and_change() -> list[PlatformAccount]:
        found = list(read())
        change()
        return found

    with patch.object(platform, "accounts", read_and_change):
        yield


def test_an_identifier_received_while_both_sides_are_compared_is_kept(election: World) -> None:
    """An identifier that comes into force during the comparison is not repaired, and the voter need not be called."""
    camille = reissuer(election)
    camille.receive()
    election.clock.move(minutes=5)
    with after_reading_accounts(election, camille.receive):
        assert repair(election) == ()

    assert (camille.left(), differences(election)) == (1, 0)


def test_an_identifier_received_before_the_repair_is_kept(election: World) -> None:
    """An identifier that comes into force between comparison and repair votes, and the voter need not be called."""
    camille = reissuer(election)
    with lost(election):
        camille.receive()
    found = election.services.platform_comparison.compare_accounts()
    camille.sign_in().order()
    for _ in range(3):
        election.clock.move(minutes=2)
        election.courier().run_once()

    assert election.services.platform_repair.repair(found.differing) == ()
    assert votes(election, camille.identifier())
    assert differences(election) == 0


def test_an_account_reopened_while_both_sides_are_compared_is_no_call(election: World) -> None:
    """An account that is reopened during the comparison is not taken for a freeze that the database has lost."""
    camille = reissuer(election)
    camille.receive()
    election.stops.freeze(election.post.to(CAMILLE)[-1].stop)
    election.courier().run_once()
    election.clock.move(minutes=5)

    def reopen() -> None:
        voter = camille.voter
        writing(election.store).voters.unfreeze(voter.id, epoch=voter.epoch, at=election.clock.at)

    with after_reading_accounts(election, reopen):
        assert repair(election) == ()


# ── The helpdesk ─────────────────────────────────────────────────────────────────────────────────────────


def calls(election: World, session: AgentSession) -> list[tuple[int | None, str | None]]:
    """Return the voters and cases that the home screen lists for a call."""
    attention = election.services.desk.home.overview(session).attention
    return [(each.voter, each.case) for each in attention if each.reason is AttentionReason.CALL]


def test_the_desk_lists_whom_to_call_until_they_called_or_have_an_identifier(election: World) -> None:
    """The home screen lists the voters to call, until they have called or have a new identifier."""
    session = signed_in_agent(election)
    camille, other = reissuer(election), reissuer(election, OTHER)
    with lost(election):
        camille.receive()
        other.receive(phone=OTHER_PHONE)
    assert calls(election, session) == []

    needed = repair(election)

    assert calls(election, session) == list(needed)
    assert len(needed) == 2
    assert election.acts(needed[0][1]) == ["call-needed"]
    Reissuer(election, OTHER).sign_in().receive(phone=OTHER_PHONE)
    (hers,) = (case for voter, case in needed if voter == camille.voter.id)
    assert calls(election, session) == [(camille.voter.id, hers)]
    with election.store.write() as transaction:
        verified = Event(
            at=election.clock.at, actor=Actor.AGENT, act=EventType.CALLER_VERIFIED, voter=camille.voter.id, agent="x"
        )
        transaction.journal.write(verified)
    assert calls(election, session) == []
    assert PHONE not in repr(needed)


# ── Store implementations ────────────────────────────────────────────────────────────────────────────────


def voters_to_call(store: Store, limit: int = 9) -> list[RecordedEvent]:
    return reading(store).journal.voters_to_call(limit)


def test_every_store_finds_the_calls_that_are_still_needed(any_world: World) -> None:
    """Every store lists each voter to call once, until the voter was verified in a call or has a new identifier."""
    people = any_world.add(*(line(any_world, f"v{number}@ac-lumiere.example") for number in range(4)))

    def write(act: EventType, voter: int) -> None:
        writing(any_world.store).journal.write(
            Event(at=NOON, actor=Actor.OPERATOR, act=act, voter=voter, case="7F3K-92QD")
        )

    for person in (people[0], people[1], people[2], people[0], people[3]):
        write(EventType.CALL_NEEDED, person.id)
    write(EventType.CALLER_VERIFIED, people[1].id)
    write(EventType.SIGNED_IN, people[2].id)
    write(EventType.IDENTIFIER_IN_FORCE, people[3].id)

    assert [found.event.voter for found in voters_to_call(any_world.store)] == [people[2].id, people[0].id]
    assert [found.event.voter for found in voters_to_call(any_world.store, limit=1)] == [people[2].id]


def test_every_store_withdraws_a_reissue_and_finds_voters_by_pseudonym(any_world: World) -> None:
    """Every store finds voters by pseudonym. A re-issue that it withdraws has no slot and no generation."""
    camille = reissuer(any_world)
    camille.receive()
    with any_world.store.write() as transaction:
        (record,) = transaction.reissues.of_voter(camille.voter.id)
        transaction.reissues.record_absent_on_platform(record.case)
    with any_world.store.read() as transaction:
        (after,) = transaction.reissues.of_voter(camille.voter.id)
        found = transaction.voters.by_pseudonyms([camille.voter.pseudonym, b"another"])
        assert transaction.voters.by_pseudonyms([]) == []

    assert (after.slot, after.generation, after.ended) == (None, None, record.ended)
    assert [voter.id for voter in found] == [camille.voter.id]

"""Tests that a purge deletes data at its date, and that the journal stays sound and names nobody."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from core.adapters.event_signing import journal_keys
from core.adapters.sql.retention import PARTS, rewrite_database
from core.adapters.sql.tables import metadata
from core.delivery.journal_sealer import JournalSealer
from core.journal.verification import JournalVerifier
from core.policy.policy import Policy
from core.ports import CallRecord, ErasableDataKind, EventType
from core.roll.personal_data_purge import AT_THE_CLOSE, count_erasable_rows, erase_due_rows
from core.text.faces.call_sentences import CallOutcome
from tests.support.election import CLOSES, GOOD, STRANGER, entry, visit
from tests.support.post import REFUSES
from tests.support.stores import KeptStore
from tests.support.worlds import World, world

KEPT = {
    "properties": "whose keys the database has, and which programs may use it",
    "hosts": "signs of life of our own machines",
    "incidents": "known failures; a row names no person",
    "agents": "the desk's own accounts",
    "checkpoints": "the journal's",
    "events": "the journal: numbers and reasons, no contact",
    "gaps": "the journal's",
    "seals": "the journal's",
    "names": "the roll, until its destruction",
    "voters": "the roll, until its destruction",
    "outbox": "when something was sent, and to which case",
    "reports": "what became of it",
    "registry": "the voting platform's own",
}


@pytest.fixture
def closed_election(kept: KeptStore) -> World:
    """An election after the vote, with every kind of data that the site and the helpdesk store."""
    election = world(kept, policy=Policy(contest_days=30))
    election.add(
        entry(phone_digest=b"phone", phone_ending="78", first_verifier="v1"), entry("other@ac-lumiere.example")
    )
    election.with_password()
    election.sessions.sign_in(entry().email, GOOD, visit())
    election.ask(STRANGER)
    election.post.says = REFUSES
    election.ask("other@ac-lumiere.example")
    election.courier().run_once()
    with election.store.write() as transaction:
        at = election.clock.now()
        call = CallRecord(agent="camille", began=at, ended=at, outcome=CallOutcome.SOLVED, voter=election.voter().id)
        transaction.calls.add(call)
    election.clock.at = CLOSES
    return election


def counts(election: World) -> Mapping[ErasableDataKind, int]:
    return {left.kind: left.count for left in count_erasable_rows(election.dependencies) if left.count}


def purge(election: World) -> set[ErasableDataKind]:
    """Purge the election and return the number of deleted rows of each kind."""
    return set(erase_due_rows(election.dependencies))


def test_nothing_is_deleted_before_the_close(closed_election: World) -> None:
    """Nothing is deleted one second before the close."""
    before = counts(closed_election)
    closed_election.clock.move(seconds=-1)

    assert purge(closed_election) == set()
    assert counts(closed_election) == before
    assert before.keys() == set(ErasableDataKind) - {ErasableDataKind.AWAITED_CODES}


def test_data_used_only_for_the_vote_is_deleted_at_the_close(closed_election: World) -> None:
    """Evidence is deleted later, when the election can no longer be contested."""
    assert purge(closed_election) == AT_THE_CLOSE - {ErasableDataKind.AWAITED_CODES}
    assert not counts(closed_election).keys() & AT_THE_CLOSE

    closed_election.clock.move(days=30, seconds=-1)
    assert purge(closed_election) == set()
    closed_election.clock.move(seconds=1)
    assert purge(closed_election) == {
        ErasableDataKind.ADDRESSES,
        ErasableDataKind.CALLS,
        ErasableDataKind.PHONES,
        ErasableDataKind.PASSWORDS,
        ErasableDataKind.COUNTERS,
    }
    assert counts(closed_election) == {}
    rewrite_database(closed_election.kept.engine)


def test_a_purge_is_one_event_of_a_sound_journal_and_a_second_one_none(closed_election: World) -> None:
    """The event contains the number of rows of each kind. A second purge deletes nothing and leaves no event."""
    closed_election.clock.move(days=30)
    notary = JournalSealer(dependencies=closed_election.dependencies, board=None)
    notary.seal()
    notary.publish_checkpoint(at_once=True)
    purge(closed_election)
    lines = closed_election.kept.lines()
    purge(closed_election)
    notary.seal()

    assert closed_election.kept.lines() == lines
    act, reason = lines[-1]
    assert act == EventType.PURGED
    assert reason == "sessions 1, links 2, bodies 2, addresses 3, calls 1, phones 1, passwords 1, counters 9"
    with closed_election.store.read() as transaction:
        keys = journal_keys(closed_election.dependencies.vault)
        assert list(JournalVerifier(transaction.chain, keys).findings()) == []


def test_courier_and_browser_work_after_a_purge(closed_election: World) -> None:
    """After a purge, links and cases are unknown, and the courier sends nothing."""
    closed_election.clock.at = CLOSES - timedelta(hours=1)
    handle = closed_election.ask(STRANGER)
    closed_election.courier().run_once()
    closed_election.clock.at = CLOSES + timedelta(days=30)
    purge(closed_election)

    assert closed_election.dependencies.find_case(handle) is None
    closed_election.clock.move(minutes=1)
    assert closed_election.courier().run_once() == 0


def test_a_message_that_may_still_be_sent_is_kept(closed_election: World) -> None:
    """The notice of a change in the last hour, for example, can still be sent."""
    with closed_election.store.read() as transaction:
        assert transaction.retention.count(ErasableDataKind.BODIES, CLOSES) == 2
        assert transaction.retention.count(ErasableDataKind.BODIES, CLOSES - timedelta(days=30)) == 0


def test_every_table_has_a_purge_rule() -> None:
    """The rule is in this test or in `retention.PARTS`."""
    gone = {part.table.name for parts in PARTS.values() for part in parts if not part.blank}

    assert gone | set(KEPT) == {table.name for table in metadata.sorted_tables}
    assert gone & set(KEPT) == set()

"""What must go goes at its date, once; what stays is sound, and names nobody."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from core import purposes
from core.adapters.signing import genuine
from core.adapters.sql.leftovers import PARTS, rewrite
from core.adapters.sql.tables import metadata
from core.courier.notary import Notary
from core.journal.verifying import Examination
from core.policy import Policy
from core.ports import Act, Remains
from core.service.purging import AT_THE_CLOSE, Purging
from tests.support.election import CLOSES, GOOD, STRANGER, entry, visit
from tests.support.post import REFUSES
from tests.support.stores import Kept
from tests.support.worlds import World, world

KEPT = {
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
    "spending": "counts of a day",
}


@pytest.fixture
def lived(kept: Kept) -> World:
    """An election of which the vote is over: something of each kind that the web and the desk leave."""
    election = world(kept, policy=Policy(contest_days=30))
    election.add(
        entry(phone_digest=b"phone", phone_ending="78", first_verifier="v1"), entry("other@ac-lumiere.example")
    )
    election.with_password()
    election.sessions.sign_in(entry().email, GOOD, visit(), case="7F3K-92QD")
    election.ask(STRANGER)
    election.post.says = REFUSES
    election.ask("other@ac-lumiere.example")
    election.courier().round()
    election.clock.at = CLOSES
    return election


def counts(election: World) -> Mapping[Remains, int]:
    """What there is."""
    return {left.kind: left.count for left in Purging(election.tools).found() if left.count}


def purge(election: World) -> set[Remains]:
    """What went."""
    return set(Purging(election.tools).erase())


def test_nothing_goes_before_the_close(lived: World) -> None:
    """Not a second."""
    before = counts(lived)
    lived.clock.move(seconds=-1)

    assert purge(lived) == set()
    assert counts(lived) == before
    assert before.keys() == set(Remains) - {Remains.AWAITED_CODES}


def test_what_only_served_to_vote_goes_at_the_close(lived: World) -> None:
    """Evidence stays until the election may not be contested any more, and goes then."""
    assert purge(lived) == AT_THE_CLOSE - {Remains.AWAITED_CODES}
    assert not counts(lived).keys() & AT_THE_CLOSE

    lived.clock.move(days=30, seconds=-1)
    assert purge(lived) == set()
    lived.clock.move(seconds=1)
    assert purge(lived) == {Remains.ADDRESSES, Remains.PHONES, Remains.PASSWORDS, Remains.COUNTERS}
    assert counts(lived) == {}
    if lived.kept.engine is not None:
        rewrite(lived.kept.engine)


def test_a_purge_is_an_act_and_a_second_one_is_none(lived: World) -> None:
    """The journal says how many of each, once."""
    lived.clock.move(days=30)
    purge(lived)
    lines = lived.kept.lines()
    purge(lived)

    assert lived.kept.lines() == lines
    act, reason = lines[-1]
    assert act == Act.PURGED
    assert reason == "sessions 1, links 2, bodies 2, addresses 3, phones 1, passwords 1, counters 4"


def test_case_45_a_purged_election_has_a_sound_journal(lived: World) -> None:
    """Every line is there, and the purge is one of them."""
    lived.clock.move(days=30)
    notary = Notary(tools=lived.tools, board=None)
    notary.seal()
    notary.attest(at_once=True)
    purge(lived)
    notary.seal()

    with lived.store.read() as transaction:
        key = lived.tools.vault.public_key(purposes.JOURNAL)
        assert list(Examination(transaction.chain, key, genuine).findings()) == []


def test_a_courier_and_a_browser_that_come_after_a_purge_meet_nothing_odd(lived: World) -> None:
    """A link is unknown, a case is gone."""
    handle = lived.confirming(STRANGER)
    lived.clock.move(days=30)
    purge(lived)

    assert lived.askings.find(handle) is None
    lived.clock.move(minutes=1)
    assert lived.courier().round() == 0


def test_a_body_that_may_still_leave_stays(lived: World) -> None:
    """The notice of a change in the last hour is useful for days."""
    with lived.store.read() as transaction:
        assert transaction.leftovers.count(Remains.BODIES, CLOSES) == 2
        assert transaction.leftovers.count(Remains.BODIES, CLOSES - timedelta(days=30)) == 0


def test_every_table_has_its_rule() -> None:
    """A new table with something of a voter in it is thought of here, or in `leftovers.PARTS`."""
    gone = {part.table.name for parts in PARTS.values() for part in parts if not part.blank}

    assert gone | set(KEPT) == {table.name for table in metadata.sorted_tables}
    assert gone & set(KEPT) == set()

"""What every store says of the whole election, for the figures."""

from datetime import datetime, timedelta

from core.ports import Act, Actor, Backlog, Event, ParcelKind, ParcelState, Store, Tally
from tests.support.election import NOON
from tests.support.stores import Kept, statements

MINUTE = timedelta(minutes=1)
EARLIER = NOON - 2 * MINUTE
LATER = NOON + timedelta(hours=1)


def write(store: Store, act: Act, at: datetime = EARLIER, reason: str | None = None) -> None:
    """A line of the journal."""
    with store.write() as transaction:
        transaction.journal.write(Event(at=at, actor=Actor.VOTER, act=act, case="7F3K-92QD", reason=reason))


def tally(store: Store, after: int = 0) -> Tally:
    """What is new after that line; what is older than a minute is settled."""
    with store.read() as transaction:
        return transaction.journal.tally(after=after, recent=NOON - MINUTE)


def backlog(store: Store) -> Backlog:
    """What has not ended."""
    with store.read() as transaction:
        return transaction.outbox.backlog()


def test_an_empty_journal_counts_nothing(store: Store) -> None:
    """From its first line on."""
    assert tally(store) == Tally(line=0, settled={}, fresh={})


def test_acts_are_counted_and_refusals_by_reason(store: Store) -> None:
    """The reason of a mail is a relay's own words: it is left out."""
    for _ in range(3):
        write(store, Act.ASKED)
    write(store, Act.ASK_DROPPED, reason="not-on-the-roll")
    write(store, Act.ASK_DROPPED, reason="enough-links")
    write(store, Act.MAIL_BOUNCED, reason="mailbox-full")
    write(store, Act.MAIL_ACCEPTED, reason="relay one")
    write(store, Act.MAIL_ACCEPTED, reason="relay two")

    found = tally(store)

    assert found.line == 8
    assert found.settled == {
        ("asked", None): 3,
        ("ask-dropped", "not-on-the-roll"): 1,
        ("ask-dropped", "enough-links"): 1,
        ("mail-bounced", "mailbox-full"): 1,
        ("mail-accepted", None): 2,
    }
    assert found.fresh == {}


def test_only_what_is_new_is_counted(store: Store) -> None:
    """After the line where the former count ended."""
    write(store, Act.ASKED)
    line = tally(store).line
    write(store, Act.ASKED)

    assert tally(store, line) == Tally(line=line + 1, settled={("asked", None): 1}, fresh={})
    assert tally(store, line + 1) == Tally(line=line + 1, settled={}, fresh={})


def test_a_recent_line_unsettles_those_after_it(store: Store) -> None:
    """A transaction that drew an earlier number may still be under way: it is counted now, and again next time."""
    write(store, Act.ASKED)
    write(store, Act.ASKED, at=NOON)
    write(store, Act.ASKED)

    assert tally(store) == Tally(line=1, settled={("asked", None): 1}, fresh={("asked", None): 2})


def test_the_backlog_is_what_has_not_ended(store: Store) -> None:
    """Its oldest counts also when a relay has answered about it already."""
    assert backlog(store) == Backlog(0, None)
    with store.write() as transaction:
        for at in (EARLIER, NOON, LATER):
            transaction.outbox.put(kind=ParcelKind.ASK, case="7F3K-92QD", at=at, useful_until=LATER)
        oldest, second, _ = transaction.outbox.claim(now=LATER, lease=MINUTE, limit=3)
        transaction.outbox.retry(oldest, due=LATER, reason="451", counted=True)
        transaction.outbox.finish(second, ParcelState.SENT, at=NOON)

    assert backlog(store) == Backlog(2, EARLIER)


def test_neither_reads_what_has_ended(sql_kept: Kept) -> None:
    """A scrape on the last day costs no more than on the first: both go by an index."""
    assert sql_kept.engine is not None
    with statements(sql_kept.engine) as sent:
        backlog(sql_kept.store)
        tally(sql_kept.store)

    with sql_kept.engine.connect() as connection:
        plans = [
            str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", (0,) * statement.count("?")).all())
            for statement in sent
            if statement.startswith("SELECT")
        ]
    assert [("USING INDEX ix_outbox" in plan, "PRIMARY KEY" in plan) for plan in plans] == [
        (True, False),
        (False, True),
        (False, True),
    ]

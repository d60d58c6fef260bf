"""What every store keeps of SMS: reports, answers, and what sending codes costs."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from core import errors
from core.ports import EVERYWHERE, Delivery, Exhausted, ParcelKind, Spent, Store
from tests.support.election import NOON, ODD

LATER = NOON + timedelta(hours=1)
TODAY, TOMORROW = date(2018, 11, 30), date(2018, 12, 1)
CROWD = 32


@pytest.fixture
def parcel(store: Store) -> int:
    """The id of an SMS in the outbox."""
    with store.write() as transaction:
        return transaction.outbox.put(
            kind=ParcelKind.CODE, case="7F3K-92QD", at=NOON, useful_until=LATER, sealed=b"sealed"
        )


def test_a_parcel_is_found_by_its_id(store: Store, parcel: int) -> None:
    """And one that is not there is not."""
    with store.read() as transaction:
        found = transaction.outbox.find(parcel)
        assert transaction.outbox.find(parcel + 1) is None
    assert found is not None
    assert (found.id, found.kind, found.case) == (parcel, ParcelKind.CODE, "7F3K-92QD")


def test_each_kind_of_report_is_noted_once(store: Store, parcel: int) -> None:
    """The first one's moment stays, in whatever order they come."""
    with store.write() as transaction:
        assert transaction.reports.note(parcel, Delivery.DELIVERED, ODD)
        assert transaction.reports.note(parcel, Delivery.ACCEPTED, LATER)

    with store.write() as transaction:
        assert not transaction.reports.note(parcel, Delivery.DELIVERED, LATER)

    with store.read() as transaction:
        assert transaction.reports.of_parcel(parcel) == {Delivery.DELIVERED: ODD, Delivery.ACCEPTED: LATER}
        assert transaction.reports.of_parcel(parcel + 1) == {}


def test_an_answer_is_heard_once_unless_it_is_forgotten(store: Store) -> None:
    """Each by its own id."""
    with store.write() as transaction:
        assert transaction.reports.hear(b"first", NOON)
        assert transaction.reports.hear(b"second", NOON)
        assert not transaction.reports.hear(b"first", LATER)
        transaction.reports.forget(b"first")

    with store.write() as transaction:
        assert transaction.reports.hear(b"first", LATER)
        assert not transaction.reports.hear(b"second", LATER)


def test_spending_adds_up_by_day_and_scope(store: Store) -> None:
    """What goes out and what comes back, each on its own."""
    with store.write() as transaction:
        transaction.spending.add(TODAY, "FR", Spent(sent=1))
        transaction.spending.add(TODAY, "FR", Spent(sent=1))
        transaction.spending.add(TODAY, "FR", Spent(verified=1))
        transaction.spending.add(TODAY, EVERYWHERE, Spent(sent=3))
        transaction.spending.add(TOMORROW, "FR", Spent(sent=7))

    with store.read() as transaction:
        assert transaction.spending.of_day(TODAY) == {"FR": Spent(2, 1), EVERYWHERE: Spent(3, 0)}
        assert transaction.spending.of_day(TOMORROW) == {"FR": Spent(7, 0)}


def test_spending_that_is_undone_was_not_spent(store: Store) -> None:
    """It is part of the transaction that sends."""
    with pytest.raises(errors.SmsDaySpent):
        _spend_too_much(store)

    with store.read() as transaction:
        assert transaction.spending.of_day(TODAY) == {}


def _spend_too_much(store: Store) -> None:
    with store.write() as transaction:
        transaction.spending.add(TODAY, "FR", Spent(sent=1))
        raise errors.SmsDaySpent


def test_no_more_is_spent_than_there_is(store: Store) -> None:
    """Two, and one more for each that comes back; each scope for itself, and what is undone with it is undone."""
    assert [spend(store) for _ in range(3)] == [True, True, False]
    with store.write() as transaction:
        transaction.spending.add(TODAY, "FR", Spent(verified=1))
    assert [spend(store) for _ in range(2)] == [True, False]
    assert spend(store, TOMORROW)

    with store.read() as transaction:
        assert transaction.spending.of_day(TODAY) == {"FR": Spent(3, 1), EVERYWHERE: Spent(3, 0)}


def spend(store: Store, day: date = TODAY) -> bool:
    """Whether one more could be sent."""
    try:
        with store.write() as transaction:
            transaction.spending.add(day, EVERYWHERE, Spent(sent=1))
            transaction.spending.spend(day, "FR", most=2, more=1)
    except Exhausted:
        return False
    return True


def test_a_crowd_that_spends_and_reports_at_once_is_counted_exactly(store: Store, parcel: int) -> None:
    """So many may, no more; one of them notes the report first, one hears the answer first."""

    def act(_: int) -> tuple[bool, bool, bool]:
        with store.write() as transaction:
            new = transaction.reports.note(parcel, Delivery.DELIVERED, NOON)
            heard = transaction.reports.hear(b"answer", NOON)
        try:
            with store.write() as transaction:
                transaction.spending.spend(TODAY, "FR", most=CROWD // 2, more=1)
        except Exhausted:
            return False, new, heard
        return True, new, heard

    with ThreadPoolExecutor(CROWD) as pool:
        seen = list(pool.map(act, range(CROWD)))

    assert sum(could for could, _, _ in seen) == CROWD // 2
    with store.read() as transaction:
        assert transaction.spending.of_day(TODAY) == {"FR": Spent(sent=CROWD // 2)}
    assert sum(new for _, new, _ in seen) == sum(heard for _, _, heard in seen) == 1

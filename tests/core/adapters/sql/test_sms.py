"""Every store handles delivery reports, SMS answers and the counts of codes in the same way."""

from datetime import date, timedelta

import pytest

from core.forms import errors
from core.ports import (
    EVERYWHERE,
    NETWORK_MARK,
    CodeCounts,
    CodeRequestOutcome,
    ErasableDataKind,
    MessageKind,
    SmsDeliveryStatus,
    Store,
)
from tests.support.election import NOON, ODD, add_voters, entry
from tests.support.product import in_parallel
from tests.support.stores import reading, writing

LATER = NOON + timedelta(hours=1)
TODAY, TOMORROW = date(2018, 11, 30), date(2018, 12, 1)
CROWD, MINUTE = 32, timedelta(minutes=1)


@pytest.fixture
def parcel(store: Store) -> int:
    """The id of an SMS in the outbox."""
    put = writing(store).outbox.put
    return put(kind=MessageKind.CODE, case="7F3K-92QD", at=NOON, useful_until=LATER, sealed=b"sealed").id


def test_an_sms_is_found_by_its_id(store: Store, parcel: int) -> None:
    """An SMS is found by its id."""
    found = reading(store).outbox.find(parcel)
    assert reading(store).outbox.find(parcel + 1) is None
    assert found is not None
    assert (found.id, found.kind, found.case) == (parcel, MessageKind.CODE, "7F3K-92QD")


def test_each_kind_of_report_is_recorded_once(store: Store, parcel: int) -> None:
    """Each kind of delivery report is recorded once for an SMS."""
    with store.write() as transaction:
        assert transaction.reports.record_report(parcel, SmsDeliveryStatus.DELIVERED, ODD)
        assert transaction.reports.record_report(parcel, SmsDeliveryStatus.ACCEPTED, LATER)

    assert not writing(store).reports.record_report(parcel, SmsDeliveryStatus.DELIVERED, LATER)


def test_an_answer_is_accepted_once_unless_forgotten(store: Store) -> None:
    """An SMS answer is accepted once for each id, unless the id was forgotten."""
    with store.write() as transaction:
        assert transaction.reports.record_answer(b"first", NOON)
        assert transaction.reports.record_answer(b"second", NOON)
        assert not transaction.reports.record_answer(b"first", LATER)
        transaction.reports.forget_answer(b"first")

    with store.write() as transaction:
        assert transaction.reports.record_answer(b"first", LATER)
        assert not transaction.reports.record_answer(b"second", LATER)


def test_spending_adds_up_by_day_and_scope(store: Store) -> None:
    """The numbers of sent and verified codes are added up by day and scope."""
    with store.write() as transaction:
        transaction.spending.add(TODAY, "FR", CodeCounts(sent=1))
        transaction.spending.add(TODAY, "FR", CodeCounts(sent=1))
        transaction.spending.add(TODAY, "FR", CodeCounts(verified=1))
        transaction.spending.add(TODAY, EVERYWHERE, CodeCounts(sent=3))
        transaction.spending.add(TOMORROW, "FR", CodeCounts(sent=7))

    assert reading(store).spending.of_day(TODAY) == {
        "FR": CodeCounts(2, 1),
        EVERYWHERE: CodeCounts(3, 0),
    }
    assert reading(store).spending.of_day(TOMORROW) == {"FR": CodeCounts(7, 0)}


def test_spending_is_rolled_back_with_its_transaction(store: Store) -> None:
    """A counted code is rolled back with its transaction."""

    def spend_too_much() -> None:
        with store.write() as transaction:
            transaction.spending.add(TODAY, "FR", CodeCounts(sent=1))
            raise errors.TooManyCodesUnderWay

    with pytest.raises(errors.TooManyCodesUnderWay):
        spend_too_much()

    assert reading(store).spending.of_day(TODAY) == {}


def test_counting_returns_the_place_of_a_code(store: Store) -> None:
    """Counting a code returns its number in the scope and day, and the number of verified codes so far."""
    with store.write() as transaction:
        places = [transaction.spending.increment_sent(TODAY, "FR") for _ in range(2)]
        transaction.spending.add(TODAY, "FR", CodeCounts(verified=1))
        places.append(transaction.spending.increment_sent(TODAY, "FR"))

        assert transaction.spending.of_scope(TODAY, "FR") == CodeCounts(3, 1)
        assert transaction.spending.of_scope(TOMORROW, "FR") == CodeCounts()
    assert places == [CodeCounts(1, 0), CodeCounts(2, 0), CodeCounts(3, 1)]


def test_networks_are_counted_apart(store: Store) -> None:
    """The counts of a day do not include those of single networks, which alone are purged with the counters."""
    scope = f"FR{NETWORK_MARK}0a1b"
    with store.write() as transaction:
        transaction.spending.increment_sent(TODAY, scope)
        transaction.spending.increment_sent(TODAY, "FR")

    with store.write() as transaction:
        assert transaction.spending.of_day(TODAY) == {"FR": CodeCounts(1, 0)}
        assert transaction.spending.of_scope(TODAY, scope) == CodeCounts(1, 0)
        assert transaction.retention.erase(ErasableDataKind.COUNTERS, NOON) == 1
        assert transaction.spending.of_day(TODAY) == {"FR": CodeCounts(1, 0)}


def test_sendings_of_a_voter(store: Store) -> None:
    """The code requests of a voter are listed oldest first, can be changed, and are deleted up to a given time."""
    first, second = (each.id for each in add_voters(store, entry(), entry("other@ac-lumiere.example")))
    with store.write() as transaction:
        sendings = transaction.code_sendings
        sendings.add(first, b"late", LATER, CodeRequestOutcome.SENT)
        sendings.add(first, b"early", NOON, CodeRequestOutcome.NOT_SENT)
        sendings.add(second, b"theirs", NOON, CodeRequestOutcome.SENT)

    with store.write() as transaction:
        found = transaction.code_sendings.of_voter(first, NOON - MINUTE)
        transaction.code_sendings.change(found[1].id, LATER + MINUTE, CodeRequestOutcome.ANSWERED)
        transaction.code_sendings.forget(first, NOON)

    assert [(each.phone, each.at, each.outcome) for each in found] == [
        (b"early", NOON, CodeRequestOutcome.NOT_SENT),
        (b"late", LATER, CodeRequestOutcome.SENT),
    ]
    with store.read() as transaction:
        left = transaction.code_sendings.of_voter(first, NOON - MINUTE)
        assert [(each.at, each.outcome) for each in left] == [(LATER + MINUTE, CodeRequestOutcome.ANSWERED)]
        assert transaction.code_sendings.of_voter(first, LATER + MINUTE) == []
        assert len(transaction.code_sendings.of_voter(second, NOON - MINUTE)) == 1


def test_concurrent_spending_and_reports_are_counted_exactly(store: Store, parcel: int) -> None:
    """Simultaneous codes get different numbers, and simultaneous equal reports and answers are recorded once."""

    def act(_: int) -> tuple[int, bool, bool]:
        with store.write() as transaction:
            new = transaction.reports.record_report(parcel, SmsDeliveryStatus.DELIVERED, NOON)
            heard = transaction.reports.record_answer(b"answer", NOON)
            return transaction.spending.increment_sent(TODAY, "FR").sent, new, heard

    seen = in_parallel(act, CROWD)

    assert sorted(place for place, _, _ in seen) == list(range(1, CROWD + 1))
    assert sum(new for _, new, _ in seen) == sum(heard for _, _, heard in seen) == 1

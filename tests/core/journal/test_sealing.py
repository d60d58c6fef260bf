"""Each event gets one place in the chain, in whatever order transactions commit."""

from hypothesis import given
from hypothesis import strategies as st

from core.journal import canonical_line_json
from core.journal.chain_sealing import next_gaps, next_seals
from core.ports import JournalChainEnd, JournalLine, JournalLineGap, Store

START = JournalChainEnd(0, canonical_line_json.GENESIS, 0, ())


def line(number: int) -> JournalLine:
    """Return an event with nothing but its number."""
    return JournalLine(number, {})


def test_each_digest_depends_on_the_one_before() -> None:
    """Each digest depends on the one before, also across batches."""
    whole = next_seals(START, [line(1), line(2), line(3)])
    first = next_seals(START, [line(1), line(2)])
    end = JournalChainEnd(2, first[-1].digest, 2, ())

    assert [seal.position for seal in whole] == [1, 2, 3]
    assert whole[0].digest == canonical_line_json.chained_line_digest(
        canonical_line_json.GENESIS, canonical_line_json.canonical_line_bytes(line(1))
    )
    assert [*first, *next_seals(end, [line(3)])] == whole


def test_skipped_numbers_are_gaps_until_they_are_seen() -> None:
    """A skipped number is a gap until its event is seen; one seen in the middle of a gap splits it."""
    end = JournalChainEnd(2, b"", 2, (JournalLineGap(1, 1),))

    assert next_gaps(end, [line(6), line(10)]) == (JournalLineGap(1, 1), JournalLineGap(3, 5), JournalLineGap(7, 9))
    later = JournalChainEnd(4, b"", 10, (JournalLineGap(1, 1), JournalLineGap(3, 5), JournalLineGap(7, 9)))
    assert next_gaps(later, [line(1), line(4), line(11)]) == (
        JournalLineGap(3, 3),
        JournalLineGap(5, 5),
        JournalLineGap(7, 9),
    )
    assert next_gaps(later, []) == later.gaps


@given(data=st.data(), count=st.integers(0, 30))
def test_every_event_gets_one_place_in_any_order(data: st.DataObject, count: int) -> None:
    """Every event gets one place in whatever order numbers become visible, at a cost that does not depend on them."""
    numbers = [*range(1, count + 1), 10**12]
    hidden = data.draw(st.permutations(numbers))
    abandoned = set(data.draw(st.lists(st.sampled_from(numbers), max_size=5)))
    seen, sealed, end = set[int](), list[int](), START
    while hidden:
        batch = data.draw(st.integers(1, 4))
        seen |= {number for number in hidden[:batch] if number not in abandoned}
        hidden = hidden[batch:]
        waiting = sorted(n for n in seen if n > end.reached or any(gap.first <= n <= gap.last for gap in end.gaps))
        lines = [line(number) for number in waiting[: data.draw(st.integers(0, 5))] if number not in sealed]
        seals = next_seals(end, lines)
        sealed += [seal.line for seal in seals]
        last = seals[-1].digest if seals else end.digest
        end = JournalChainEnd(len(sealed), last, max(sealed, default=0), next_gaps(end, lines))

    left = sorted(n for n in seen if n > end.reached or any(gap.first <= n <= gap.last for gap in end.gaps))
    assert sorted(sealed + left) == sorted(set(numbers) - abandoned)
    assert len(sealed) == len(set(sealed))


def test_an_empty_store_has_an_empty_chain(store: Store) -> None:
    """The chain of an empty store is at its start."""
    with store.read() as transaction:
        assert transaction.chain.end() == START

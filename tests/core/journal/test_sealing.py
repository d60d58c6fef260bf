"""Places in the chain are given once, whatever order the transactions of the acts end in."""

from hypothesis import given
from hypothesis import strategies as st

from core.adapters.memory import MemoryStore
from core.journal import form
from core.journal.sealing import next_gaps, next_seals
from core.ports import ChainEnd, Gap, Line

START = ChainEnd(0, form.GENESIS, 0, ())


def line(number: int) -> Line:
    """One that says nothing but its number."""
    return Line(number, {})


def test_each_digest_goes_on_from_the_one_before() -> None:
    """And a batch goes on from the batch before."""
    whole = next_seals(START, [line(1), line(2), line(3)])
    first = next_seals(START, [line(1), line(2)])
    end = ChainEnd(2, first[-1].digest, 2, ())

    assert [seal.position for seal in whole] == [1, 2, 3]
    assert whole[0].digest == form.digest(form.GENESIS, form.written(line(1)))
    assert [*first, *next_seals(end, [line(3)])] == whole


def test_numbers_passed_over_are_gaps_until_they_are_seen() -> None:
    """A gap seen in its middle becomes two; one seen whole is none."""
    end = ChainEnd(2, b"", 2, (Gap(1, 1),))

    assert next_gaps(end, [line(6), line(10)]) == (Gap(1, 1), Gap(3, 5), Gap(7, 9))
    later = ChainEnd(4, b"", 10, (Gap(1, 1), Gap(3, 5), Gap(7, 9)))
    assert next_gaps(later, [line(1), line(4), line(11)]) == (Gap(3, 3), Gap(5, 5), Gap(7, 9))
    assert next_gaps(later, []) == later.gaps


@given(data=st.data(), count=st.integers(0, 30))
def test_whatever_becomes_visible_when_every_line_gets_one_place(data: st.DataObject, count: int) -> None:
    """Numbers are drawn in order and seen in any, some never; a huge one costs no more than another."""
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
        end = ChainEnd(len(sealed), last, max(sealed, default=0), next_gaps(end, lines))

    left = sorted(n for n in seen if n > end.reached or any(gap.first <= n <= gap.last for gap in end.gaps))
    assert sorted(sealed + left) == sorted(set(numbers) - abandoned)
    assert len(sealed) == len(set(sealed))


def test_an_empty_store_has_an_empty_chain() -> None:
    """Where every chain begins."""
    with MemoryStore().read() as transaction:
        assert transaction.chain.end() == START

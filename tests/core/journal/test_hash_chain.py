"""The hash chain consists of canonical lines, their digests, and gaps in the line numbers."""

import hashlib
import json
import subprocess
from datetime import UTC, datetime

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from core.journal import hash_chain
from core.journal.hash_chain import next_gaps, next_seals
from core.journal.verifier import GENESIS, chained_line_digest
from core.ports import Actor, Event, EventType, JournalChainEnd, JournalLine, JournalLineGap, Store
from tests.support.election import NOON, ODD
from tests.support.stores import reading

EVENT = Event(at=ODD, actor=Actor.VOTER, act=EventType.ASKED, case="7F3K-92QD", reason='« é » "\\\n\u2028')


def line_of(event: Event, number: int = 12) -> JournalLine:
    """Return an event as a line of the journal."""
    return JournalLine(number, msgspec.structs.asdict(event))


def test_an_event_is_canonical_json() -> None:
    """A journal line is hashed as JSON with sorted keys, without empty values and with times in RFC 3339."""
    assert hash_chain.canonical_line_bytes(line_of(EVENT)).decode() == (
        '{"act":"asked","actor":"voter","at":"2018-11-30T13:02:03.456789Z","case":"7F3K-92QD","line":12,'
        '"reason":"« é » \\"\\\\\\n\u2028"}'
    )
    assert b'"at":"2018-11-30T11:00:00Z"' in hash_chain.canonical_line_bytes(
        line_of(msgspec.structs.replace(EVENT, at=NOON))
    )


@given(
    reason=st.none() | st.text(st.characters(exclude_categories=["Cs"])),
    voter=st.none() | st.integers(1, 2**53),
    at=st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # hypothesis adds the zone
)
def test_pythons_json_encoder_writes_the_same_bytes(reason: str | None, voter: int | None, at: datetime) -> None:
    """Python's own JSON encoder writes the same canonical bytes."""
    event = msgspec.structs.replace(EVENT, reason=reason, voter=voter, at=at)
    moment = at.isoformat().replace("+00:00", "Z")
    plain = {"act": "asked", "actor": "voter", "at": moment, "case": EVENT.case, "line": 12}
    plain |= {name: value for name, value in (("reason", reason), ("voter", voter)) if value is not None}

    written = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    assert hash_chain.canonical_line_bytes(line_of(event)) == written.encode()


def test_the_documented_shell_command_gives_the_digest() -> None:
    """The documented shell command computes the same digest."""
    previous, text = hashlib.sha256(b"before").digest(), hash_chain.canonical_line_bytes(line_of(EVENT))
    (command,) = [line.strip() for line in (hash_chain.__doc__ or "").splitlines() if "sha256sum" in line]

    said = subprocess.run(
        ["sh", "-c", command],
        env={"previous": previous.hex(), "json": text.decode()},
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout.split()[0] == chained_line_digest(previous, text).hex()


def test_a_new_column_keeps_old_digests() -> None:
    """Empty columns are not hashed, so a column that is added later does not change old digests."""
    old = line_of(EVENT)
    added = JournalLine(old.number, {**old.columns, "added": None})
    used = JournalLine(old.number, {**old.columns, "added": "something"})

    assert hash_chain.canonical_line_bytes(added) == hash_chain.canonical_line_bytes(old)
    assert hash_chain.canonical_line_bytes(used) != hash_chain.canonical_line_bytes(old)


def test_every_column_of_an_event_is_hashed() -> None:
    """Every column of an event is part of the hashed line."""
    every = JournalLine(1, dict.fromkeys(Event.__struct_fields__, "value"))

    assert set(json.loads(hash_chain.canonical_line_bytes(every))) == {"line", *Event.__struct_fields__}


START = JournalChainEnd(0, GENESIS, 0, ())


def line(number: int) -> JournalLine:
    """Return a journal line that has only a number."""
    return JournalLine(number, {})


def test_each_digest_depends_on_the_one_before() -> None:
    """Each digest depends on the one before, also across batches."""
    whole = next_seals(START, [line(1), line(2), line(3)])
    first = next_seals(START, [line(1), line(2)])
    end = JournalChainEnd(2, first[-1].digest, 2, ())

    assert [seal.position for seal in whole] == [1, 2, 3]
    assert whole[0].digest == chained_line_digest(GENESIS, hash_chain.canonical_line_bytes(line(1)))
    assert [*first, *next_seals(end, [line(3)])] == whole


def test_skipped_numbers_are_gaps_until_they_are_seen() -> None:
    """A skipped line number is a gap until its line appears. A line in the middle of a gap splits it."""
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
    """Every line is sealed exactly once, in whatever order the lines become visible."""
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
    """The chain of an empty database is at its start."""
    assert reading(store).chain.end() == START

"""CASE 45: the verification of the journal finds every changed, removed, inserted or exchanged line, and says where."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from core.adapters.event_signing import journal_keys
from core.adapters.key_vault import KeyVault, MasterKey
from core.journal import verification
from core.journal.hash_chain import next_seals
from core.journal.verification_findings import JournalFinding, JournalFindingKind
from core.journal.verifier import GENESIS
from core.ports import Actor, Event, EventType, JournalChainEnd
from tests.support.election import NOON, SeededRandomSource
from tests.support.journals import EVERY, KeptJournal, StoredEvent, lived

EVENTS = 23
"""Number of events. They give four checkpoints, and a few events follow the last."""
PLACES = 4 * EVERY + 3
"""Number of sealed places. The event of the last checkpoint and those after it are not sealed."""

places = st.integers(1, PLACES)
pairs = st.tuples(places, places).filter(lambda pair: pair[0] != pair[1]).map(sorted)


def kinds_and_places(found: list[JournalFinding]) -> list[tuple[JournalFindingKind, int]]:
    return [(each.kind, each.place) for each in found]


def test_an_unchanged_journal_has_no_finding() -> None:
    """An unchanged journal has no finding, with or without the board's checkpoints."""
    kept = lived(EVENTS)

    assert len(kept.seals) == PLACES
    assert kept.examine() == []
    assert kept.examine(outside=True) == []
    assert lived(0).examine() == []


CHANGES: dict[str, object] = {
    "at": NOON - timedelta(days=1),
    "actor": Actor.OPERATOR,
    "act": EventType.PASSWORD_CHOSEN,
    "case": None,
    "voter": 10**6,
    "reason": "è",
}


@given(place=places, name=st.sampled_from(sorted(CHANGES)))
def test_case_45_a_changed_event_is_found(place: int, name: str) -> None:
    """CASE 45: a change of any column of an event is found, with the event's number, time and case."""
    kept = lived(EVENTS)
    line = kept.seals[place].line
    kept.alter(line, **{name: CHANGES[name]})

    (found,) = [each for each in kept.examine() if each.kind is JournalFindingKind.DISAGREES]

    assert (found.place, found.line) == (place, line)
    assert (found.at, found.case) == (kept.events[line].at, kept.events[line].case)

    assert set(CHANGES) <= set(Event.__struct_fields__)


@given(place=places)
def test_case_45_a_removed_event_is_found(place: int) -> None:
    """CASE 45: a removed event is found, with its number, its place and the time of the event before."""
    kept = lived(EVENTS)
    del kept.events[kept.seals[place].line]

    (found,) = [each for each in kept.examine() if each.kind is JournalFindingKind.LINE_GONE]

    assert (found.place, found.line) == (place, kept.seals[place].line)
    assert found.at is None if place == 1 else found.at is not None


@given(place=st.integers(1, PLACES - 1))
def test_case_45_a_removed_seal_is_found(place: int) -> None:
    """CASE 45: a removed seal is found, even if its event is removed too."""
    kept = lived(EVENTS)
    seal = kept.seals.pop(place)

    assert kinds_and_places(kept.examine()) == [
        (JournalFindingKind.PLACES_GONE, place),
        (JournalFindingKind.SLIPPED_IN, 0),
    ]
    del kept.events[seal.line]
    assert kinds_and_places(kept.examine()) == [(JournalFindingKind.PLACES_GONE, place)]


@given(place=places)
def test_case_45_a_changed_digest_is_found(place: int) -> None:
    """CASE 45: a changed digest gives exactly one finding."""
    kept = lived(EVENTS)
    kept.seals[place] = msgspec.structs.replace(kept.seals[place], digest=bytes(32))

    assert kinds_and_places(kept.examine()) == [(JournalFindingKind.DISAGREES, place)]


@given(pair=pairs)
def test_case_45_exchanged_events_are_found(pair: list[int]) -> None:
    """CASE 45: two exchanged events, or two exchanged seals, are both found."""
    one, two = pair
    for exchanged in ("events", "seals"):
        kept = lived(EVENTS)
        first, second = kept.seals[one], kept.seals[two]
        if exchanged == "events":
            kept.events.update({first.line: kept.events[second.line], second.line: kept.events[first.line]})
        else:
            moved = {one: msgspec.structs.replace(first, line=second.line)}
            kept.seals.update({**moved, two: msgspec.structs.replace(second, line=first.line)})

        found = {each.place for each in kept.examine() if each.kind is JournalFindingKind.DISAGREES}
        assert found == {one, two}


@given(place=places)
def test_case_45_an_event_inserted_into_the_chain_is_found(place: int) -> None:
    """CASE 45: an inserted event is found, even if its seal is computed correctly and the later seals are moved."""
    kept = lived(EVENTS)
    before = kept.seals.get(place - 1)
    digest = GENESIS if before is None else before.digest
    kept.events[1000] = Event(at=NOON, actor=Actor.VOTER, act=EventType.PASSWORD_CHOSEN)
    with kept.dependencies.store.read() as transaction:
        end = transaction.chain.end()
        (line,) = [each for each in transaction.chain.unsealed(end, limit=100) if each.number == 1000]
    (seal,) = next_seals(JournalChainEnd(place - 1, digest, 0, ()), [line])
    moved = {
        each.position + 1: msgspec.structs.replace(each, position=each.position + 1)
        for number, each in kept.seals.items()
        if number >= place
    }
    kept.seals.become({**{n: s for n, s in kept.seals.items() if n < place}, place: seal, **moved})

    found = [
        each for each in kept.examine() if each.kind in (JournalFindingKind.DISAGREES, JournalFindingKind.REWRITTEN)
    ]

    assert found
    assert place <= found[0].place <= place + 1 or (found[0].place <= place <= found[0].last)


def test_case_45_an_event_inserted_under_a_sealed_number_is_found() -> None:
    """CASE 45: an event that is inserted under a number without a seal is found."""
    kept = lived(EVENTS)
    event = kept.events.pop(3)
    kept.sealer.seal()
    kept.events[3] = event
    del kept.seals[3]

    found = kept.examine()

    assert (JournalFindingKind.SLIPPED_IN, 3) in [(each.kind, each.line) for each in found]


def rewrite_chain(kept: KeptJournal, place: int) -> None:
    """Compute the chain again from a place on, as an attacker with control of the machine can."""
    before = kept.seals.get(place - 1)
    end = JournalChainEnd(place - 1, GENESIS if before is None else before.digest, 0, ())
    with kept.dependencies.store.read() as transaction:
        lines = [line for _, line in transaction.chain.seals(after=place - 1) if line is not None]
    kept.seals.update({seal.position: seal for seal in next_seals(end, lines)})


@given(place=st.integers(1, 4 * EVERY))
def test_case_45_a_chain_made_anew_is_found_by_its_checkpoints(place: int) -> None:
    """CASE 45: a chain that was computed again is found, because it contradicts a checkpoint."""
    kept = lived(EVENTS)
    kept.alter(kept.seals[place].line, reason="another")
    rewrite_chain(kept, place)

    found = [each for each in kept.examine() if each.kind is JournalFindingKind.REWRITTEN]

    assert found
    assert found[0].place <= place <= found[0].last


def test_a_rewrite_with_the_key_is_found_by_the_boards_checkpoints() -> None:
    """A journal that was rewritten with the key is found only with the board's checkpoints."""
    kept = lived(EVENTS)
    kept.alter_with_keys(kept.seals[2].line, reason="another")
    rewrite_chain(kept, 1)
    kept.checkpoints.clear()
    for line, event in list(kept.events.items()):
        if event.act == EventType.CHECKPOINT_MADE:
            kept.alter_with_keys(line, act=EventType.ASKED)
    rewrite_chain(kept, 1)
    kept.sealer.publish_checkpoint(at_once=True)

    assert kept.examine() == []
    assert {each.kind for each in kept.examine(outside=True)} == {JournalFindingKind.REWRITTEN}


def test_a_missing_end_is_found_by_the_boards_checkpoint() -> None:
    """A journal whose end was removed is found only with the board's checkpoints."""
    kept = lived(EVENTS)
    last = kept.seals[10].line
    kept.seals.become({place: seal for place, seal in kept.seals.items() if place <= 10})
    kept.events.become({line: event for line, event in kept.events.items() if line <= last})
    kept.checkpoints.become({1: kept.checkpoints[1]})

    assert kept.examine() == []
    assert {(each.kind, each.place) for each in kept.examine(outside=True)} == {(JournalFindingKind.SHORTENED, 11)}


def test_an_event_without_a_signature_is_found_though_it_is_sealed() -> None:
    """A forged event without a signature is reported, even if the courier has sealed it."""
    kept = lived(EVENTS)
    forged = StoredEvent(at=NOON, actor=Actor.AGENT, act=EventType.UNFROZEN, voter=7, agent="camille")
    for line, event in enumerate((forged, kept.events[3]), max(kept.events) + 1):
        kept.events[line] = msgspec.structs.replace(event, uid=f"{line:032x}")
    kept.attest()

    found = kept.examine()

    assert [each.kind for each in found] == [JournalFindingKind.UNSIGNED] * 2


def test_a_second_copy_of_an_event_is_found() -> None:
    """A copy of a genuine event is reported."""
    kept = lived(EVENTS)
    with kept.kept.engine.begin() as connection:
        connection.execute(text("CREATE TABLE others AS SELECT * FROM events"))
        connection.execute(text("DROP TABLE events"))
        connection.execute(text("ALTER TABLE others RENAME TO events"))
    kept.events[max(kept.events) + 1] = kept.events[3]
    kept.attest()

    assert [each.kind for each in kept.examine()] == [JournalFindingKind.TWICE]


# ── Checkpoints ──────────────────────────────────────────────────────────────────────────────────────────


@given(number=st.integers(1, 4), data=st.data())
def test_a_changed_checkpoint_is_found(number: int, data: st.DataObject) -> None:
    """A change of any letter or bit of a checkpoint is found."""
    kept = lived(EVENTS)
    good = kept.checkpoints[number]
    where = data.draw(st.integers(0, len(good.statement) - 1))
    letter = data.draw(st.characters(codec="utf-8").filter(lambda each: each != good.statement[where]))
    bit = data.draw(st.integers(0, 511))
    signature = bytearray(good.signature)
    signature[bit // 8] ^= 1 << bit % 8

    for bad in (
        msgspec.structs.replace(good, statement=good.statement[:where] + letter + good.statement[where + 1 :]),
        msgspec.structs.replace(good, signature=bytes(signature)),
    ):
        kept.checkpoints[number] = bad
        assert [(each.kind, each.checkpoint) for each in kept.examine()] == [
            (JournalFindingKind.CHECKPOINT_ALTERED, number)
        ]


@given(number=st.integers(1, 3))
def test_a_removed_checkpoint_is_found(number: int) -> None:
    """A removed checkpoint is found, because its event remains in the journal."""
    kept = lived(EVENTS)
    del kept.checkpoints[number]

    assert [(each.kind, each.checkpoint, each.last) for each in kept.examine()] == [
        (JournalFindingKind.CHECKPOINT_GONE, number, number)
    ]

    kept.checkpoints.clear()
    assert [(each.kind, each.checkpoint, each.last) for each in kept.examine()] == [
        (JournalFindingKind.CHECKPOINT_GONE, 1, 3)
    ]


@given(pair=st.tuples(st.integers(1, 4), st.integers(1, 4)).filter(lambda pair: pair[0] != pair[1]))
def test_exchanged_checkpoints_are_found(pair: tuple[int, int]) -> None:
    """Exchanged checkpoints are found, because each contains its number."""
    kept = lived(EVENTS)
    one, two = pair
    kept.checkpoints.update({one: kept.checkpoints[two], two: kept.checkpoints[one]})

    assert {(each.kind, each.checkpoint) for each in kept.examine()} == {
        (JournalFindingKind.CHECKPOINT_ALTERED, one),
        (JournalFindingKind.CHECKPOINT_ALTERED, two),
    }


def under_another_key(kept: KeptJournal) -> KeptJournal:
    """Return the same journal with another master key."""
    vault = KeyVault([MasterKey(id=1, secret=b"o" * 32, created=NOON)], SeededRandomSource())
    return replace(kept, dependencies=replace(kept.dependencies, vault=vault))


def test_another_key_is_reported() -> None:
    """A journal with another key is reported. With the board's checkpoints, the cause is recognised."""
    for outside in (True, False):
        kept = under_another_key(lived(EVENTS))

        found = {each.kind for each in kept.examine(outside=outside)}

        assert found == (
            {JournalFindingKind.OTHER_KEY, JournalFindingKind.CHECKPOINT_ALTERED, JournalFindingKind.UNSIGNED}
            if outside
            else {JournalFindingKind.CHECKPOINT_ALTERED, JournalFindingKind.UNSIGNED}
        )


def test_a_changed_checkpoint_of_the_board_is_reported() -> None:
    """A changed checkpoint of the board is reported."""
    kept = lived(EVENTS)
    said, signature = kept.board[0]
    kept.board[0] = (replace(said, lines=said.lines + 1), signature)

    assert [(each.kind, each.checkpoint) for each in kept.examine(outside=True)] == [
        (JournalFindingKind.CHECKPOINT_ALTERED, 1)
    ]


def test_verification_continues_after_a_finding() -> None:
    """Two separate changes give exactly two findings."""
    kept = lived(EVENTS)
    kept.alter(kept.seals[4].line, reason="another")
    kept.alter(kept.seals[9].line, reason="another")

    assert kinds_and_places(kept.examine()) == [(JournalFindingKind.DISAGREES, 4), (JournalFindingKind.DISAGREES, 9)]


def test_progress_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """The verification reports its progress."""
    monkeypatch.setattr(verification, "STEP", 10)
    kept, told = lived(EVENTS), list[int]()
    with kept.dependencies.store.read() as transaction:
        keys = journal_keys(kept.dependencies.vault)
        list(verification.JournalVerifier(transaction.chain, keys, progress=told.append).findings())

    assert told == [10, 10]

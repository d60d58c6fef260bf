"""CASE 45: whatever is altered, removed, slipped in or moved is found, and where."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import purposes
from core.adapters.keys import Key, KeyVault
from core.adapters.signing import genuine
from core.journal import form, verifying
from core.journal.findings import Finding, Trouble
from core.journal.sealing import next_seals
from core.ports import Act, Actor, ChainEnd, Checkpoint, Event
from tests.support.election import NOON, SeededEntropy
from tests.support.journals import EVERY, Kept, lived

ACTS = 23
"""Four checkpoints, each with a line of its own, and a few lines after the last."""
PLACES = 4 * EVERY + 3
"""What of it is sealed: the line about the last checkpoint is not, nor are those after it."""

places = st.integers(1, PLACES)
pairs = st.tuples(places, places).filter(lambda pair: pair[0] != pair[1]).map(sorted)


def troubles(found: list[Finding]) -> list[tuple[Trouble, int]]:
    """What, and where in the chain."""
    return [(each.trouble, each.place) for each in found]


def test_an_untouched_journal_has_nothing_to_say() -> None:
    """With the board's copies or without, and while lines wait for their seal."""
    kept = lived(ACTS)

    assert len(kept.shelf.seals) == PLACES
    assert kept.examine() == []
    assert kept.examine(outside=True) == []
    assert Kept().examine() == []


CHANGES: dict[str, object] = {
    "at": NOON - timedelta(days=1),
    "actor": Actor.OPERATOR,
    "act": Act.PASSWORD_CHOSEN,
    "case": None,
    "voter": 10**6,
    "reason": "è",
}


@given(place=places, name=st.sampled_from(sorted(CHANGES)))
def test_case_45_an_altered_line_is_found(place: int, name: str) -> None:
    """Whichever column; the finding says which line, when, and of which case."""
    kept = lived(ACTS)
    line = kept.shelf.seals[place].line
    kept.alter(line, **{name: CHANGES[name]})

    (found,) = [each for each in kept.examine() if each.trouble is Trouble.DISAGREES]

    assert (found.place, found.line) == (place, line)
    assert (found.at, found.case) == (kept.shelf.events[line].at, kept.shelf.events[line].case)


def test_case_45_every_column_of_an_event_is_watched() -> None:
    """A column that comes later is put into the test above."""
    assert set(CHANGES) <= set(Event.__struct_fields__)


@given(place=places)
def test_case_45_a_removed_line_is_found(place: int) -> None:
    """Its number and its place are known from its seal, and about when from the line before."""
    kept = lived(ACTS)
    del kept.shelf.events[kept.shelf.seals[place].line]

    (found,) = [each for each in kept.examine() if each.trouble is Trouble.LINE_GONE]

    assert (found.place, found.line) == (place, kept.shelf.seals[place].line)
    assert found.at is None if place == 1 else found.at is not None


@given(place=st.integers(1, PLACES - 1))
def test_case_45_a_removed_seal_is_found(place: int) -> None:
    """Its place is empty, and the line that it was about belongs to nobody; removed with its line, the place still is."""
    kept = lived(ACTS)
    seal = kept.shelf.seals.pop(place)

    assert troubles(kept.examine()) == [(Trouble.PLACES_GONE, place), (Trouble.SLIPPED_IN, 0)]
    del kept.shelf.events[seal.line]
    assert troubles(kept.examine()) == [(Trouble.PLACES_GONE, place)]


@given(place=places)
def test_case_45_an_altered_digest_is_found(place: int) -> None:
    """Once: the next line is held against what the digest should be."""
    kept = lived(ACTS)
    kept.shelf.seals[place] = msgspec.structs.replace(kept.shelf.seals[place], digest=bytes(32))

    assert troubles(kept.examine()) == [(Trouble.DISAGREES, place)]


@given(pair=pairs)
def test_case_45_lines_that_changed_places_are_found(pair: list[int]) -> None:
    """Both, whether their words were exchanged or their seals."""
    words, seals = lived(ACTS), lived(ACTS)
    one, two = pair
    first, second = words.shelf.seals[one].line, words.shelf.seals[two].line
    events = words.shelf.events
    events[first], events[second] = events[second], events[first]
    for place, line in ((one, second), (two, first)):
        seals.shelf.seals[place] = msgspec.structs.replace(seals.shelf.seals[place], line=line)

    for kept in (words, seals):
        found = {each.place for each in kept.examine() if each.trouble is Trouble.DISAGREES}
        assert found == {one, two}


@given(place=places)
def test_case_45_a_line_slipped_into_the_chain_is_found(place: int) -> None:
    """With a seal computed as it ought to be; all the seals after it were moved by one."""
    kept = lived(ACTS)
    before = kept.shelf.seals.get(place - 1)
    digest = form.GENESIS if before is None else before.digest
    kept.shelf.events[1000] = Event(at=NOON, actor=Actor.VOTER, act=Act.PASSWORD_CHOSEN)
    with kept.tools.store.read() as transaction:
        end = transaction.chain.end()
        (line,) = [each for each in transaction.chain.unsealed(end, limit=100) if each.number == 1000]
    (seal,) = next_seals(ChainEnd(place - 1, digest, 0, ()), [line])
    moved = {
        each.position + 1: msgspec.structs.replace(each, position=each.position + 1)
        for number, each in kept.shelf.seals.items()
        if number >= place
    }
    kept.shelf.seals = {**{n: s for n, s in kept.shelf.seals.items() if n < place}, place: seal, **moved}

    found = [each for each in kept.examine() if each.trouble in (Trouble.DISAGREES, Trouble.REWRITTEN)]

    assert found
    assert place <= found[0].place <= place + 1 or (found[0].place <= place <= found[0].last)


def test_case_45_a_line_slipped_in_under_a_sealed_number_is_found() -> None:
    """No seal names it and none ever will."""
    kept = lived(ACTS)
    event = kept.shelf.events.pop(3)
    kept.notary.seal()
    kept.shelf.events[3] = event
    del kept.shelf.seals[3]

    found = kept.examine()

    assert (Trouble.SLIPPED_IN, 3) in [(each.trouble, each.line) for each in found]


def rewrite(kept: Kept, place: int) -> None:
    """Makes the chain anew from that place on: sound in itself, as whoever holds the machine may do."""
    before = kept.shelf.seals.get(place - 1)
    end = ChainEnd(place - 1, form.GENESIS if before is None else before.digest, 0, ())
    with kept.tools.store.read() as transaction:
        lines = [line for _, line in transaction.chain.seals(after=place - 1) if line is not None]
    kept.shelf.seals.update({seal.position: seal for seal in next_seals(end, lines)})


@given(place=st.integers(1, 4 * EVERY))
def test_case_45_a_chain_made_anew_is_found_by_its_checkpoints(place: int) -> None:
    """Between the last checkpoint that agrees and the first that does not."""
    kept = lived(ACTS)
    kept.alter(kept.shelf.seals[place].line, reason="another")
    rewrite(kept, place)

    found = [each for each in kept.examine() if each.trouble is Trouble.REWRITTEN]

    assert found
    assert found[0].place <= place <= found[0].last


def test_who_holds_the_key_may_rewrite_everything_but_what_the_board_has() -> None:
    """The whole point of mailing checkpoints: only the copy from outside tells."""
    kept = lived(ACTS)
    kept.alter(kept.shelf.seals[2].line, reason="another")
    rewrite(kept, 1)
    kept.shelf.checkpoints.clear()
    for line, event in list(kept.shelf.events.items()):
        if event.act is Act.CHECKPOINT_MADE:
            kept.alter(line, act=Act.ASKED)
    rewrite(kept, 1)
    kept.notary.attest(at_once=True)

    assert kept.examine() == []
    assert {each.trouble for each in kept.examine(outside=True)} == {Trouble.REWRITTEN}


def test_an_end_cut_off_is_found_by_a_checkpoint_from_outside() -> None:
    """Lines, seals and checkpoints after the tenth are gone as if they had never been."""
    kept = lived(ACTS)
    shelf, last = kept.shelf, kept.shelf.seals[10].line
    shelf.seals = {place: seal for place, seal in shelf.seals.items() if place <= 10}
    shelf.events = {line: event for line, event in shelf.events.items() if line <= last}
    shelf.checkpoints = {1: shelf.checkpoints[1]}

    assert kept.examine() == []
    assert {(each.trouble, each.place) for each in kept.examine(outside=True)} == {(Trouble.SHORTENED, 11)}


# ── Checkpoints ──────────────────────────────────────────────────────────────────────────────────────────


@given(number=st.integers(1, 4), data=st.data())
def test_an_altered_checkpoint_is_found(number: int, data: st.DataObject) -> None:
    """Any letter of its statement, any bit of its signature."""
    kept = lived(ACTS)
    good = kept.shelf.checkpoints[number]
    where = data.draw(st.integers(0, len(good.statement) - 1))
    letter = data.draw(st.characters(codec="utf-8").filter(lambda each: each != good.statement[where]))
    bit = data.draw(st.integers(0, 511))
    signature = bytearray(good.signature)
    signature[bit // 8] ^= 1 << bit % 8

    for bad in (
        msgspec.structs.replace(good, statement=good.statement[:where] + letter + good.statement[where + 1 :]),
        msgspec.structs.replace(good, signature=bytes(signature)),
    ):
        kept.shelf.checkpoints[number] = bad
        assert [(each.trouble, each.checkpoint) for each in kept.examine()] == [(Trouble.CHECKPOINT_ALTERED, number)]


@given(number=st.integers(1, 3))
def test_a_removed_checkpoint_is_found(number: int) -> None:
    """The journal itself says that it was made."""
    kept = lived(ACTS)
    del kept.shelf.checkpoints[number]

    assert [(each.trouble, each.checkpoint, each.last) for each in kept.examine()] == [
        (Trouble.CHECKPOINT_GONE, number, number)
    ]


def test_all_checkpoints_gone_are_found() -> None:
    """Up to the last of which the sealed journal says that it was made."""
    kept = lived(ACTS)
    kept.shelf.checkpoints.clear()

    assert [(each.trouble, each.checkpoint, each.last) for each in kept.examine()] == [(Trouble.CHECKPOINT_GONE, 1, 3)]


@given(pair=st.tuples(st.integers(1, 4), st.integers(1, 4)).filter(lambda pair: pair[0] != pair[1]))
def test_checkpoints_that_changed_places_are_found(pair: tuple[int, int]) -> None:
    """Each says its own number under its signature."""
    kept = lived(ACTS)
    one, two = pair
    kept.shelf.checkpoints[one], kept.shelf.checkpoints[two] = (
        Checkpoint(one, kept.shelf.checkpoints[two].statement, kept.shelf.checkpoints[two].signature),
        Checkpoint(two, kept.shelf.checkpoints[one].statement, kept.shelf.checkpoints[one].signature),
    )

    assert {(each.trouble, each.checkpoint) for each in kept.examine()} == {
        (Trouble.CHECKPOINT_ALTERED, one),
        (Trouble.CHECKPOINT_ALTERED, two),
    }


def under_another_key(kept: Kept) -> Kept:
    """The same store under another master key."""
    vault = KeyVault([Key(id=1, secret=b"o" * 32, created=NOON)], SeededEntropy())
    return Kept(replace(kept.tools, vault=vault), kept.board)


@pytest.mark.parametrize("outside", [True, False])
def test_another_key_is_told(outside: bool) -> None:  # noqa: FBT001  # a parameter of the test
    """From outside it is another election's, or master.key was replaced; inside nothing is signed as it should be."""
    kept = under_another_key(lived(ACTS))

    found = {each.trouble for each in kept.examine(outside=outside)}

    assert found == ({Trouble.OTHER_KEY, Trouble.CHECKPOINT_ALTERED} if outside else {Trouble.CHECKPOINT_ALTERED})


def test_a_checkpoint_from_outside_that_was_altered_is_told() -> None:
    """It proves nothing."""
    kept = lived(ACTS)
    said, signature = kept.board[0]
    kept.board[0] = (msgspec.structs.replace(said, lines=said.lines + 1), signature)

    assert [(each.trouble, each.checkpoint) for each in kept.examine(outside=True)] == [(Trouble.CHECKPOINT_ALTERED, 1)]


def test_a_verification_goes_on_after_a_finding() -> None:
    """Two changes far from each other are two findings, and nothing between them is suspected."""
    kept = lived(ACTS)
    kept.alter(kept.shelf.seals[4].line, reason="another")
    kept.alter(kept.shelf.seals[9].line, reason="another")

    assert troubles(kept.examine()) == [(Trouble.DISAGREES, 4), (Trouble.DISAGREES, 9)]


def test_progress_is_told_as_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a bar."""
    monkeypatch.setattr(verifying, "STEP", 10)
    kept, told = lived(ACTS), list[int]()
    with kept.tools.store.read() as transaction:
        key = kept.tools.vault.public_key(purposes.JOURNAL)
        list(verifying.Examination(transaction.chain, key, genuine, progress=told.append).findings())

    assert told == [10, 10]

"""CASE 57: a declared loss of the journal's end is distinguished from tampering."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from core.adapters.event_signing import journal_keys
from core.journal import hash_chain
from core.journal.checkpoints import checkpoint_lines, make_checkpoint
from core.journal.declared_losses import FailoverOrRestoreCause, JournalLossKind
from core.journal.loss_declaration import LossDeclarationRefused, NewLossDeclaration
from core.journal.verification import JournalVerifier
from core.journal.verification_findings import JournalFinding, JournalFindingKind
from core.journal.verifier import (
    GENESIS,
    CheckpointPosition,
    LossDeclaration,
    chained_line_digest,
    find_checkpoints,
    parse_declaration,
)
from core.ports import Actor, Event, EventType, JournalLineSeal
from core.security import key_purposes
from tests.support.election import NOON, ElectionClock
from tests.support.journals import EVERY, KeptJournal, lived
from tests.support.stores import writing

AGREED, LOST = 2, 4
"""Numbers of the newest checkpoint in the older copy, and of the newest checkpoint that the board has."""
FAILED = NOON + timedelta(minutes=10)


@dataclass
class Failover:
    """A journal whose end was lost. The board has checkpoints that the older copy of the journal lacks."""

    kept: KeptJournal = field(default_factory=lambda: lived(EVERY * AGREED + 2))

    def __post_init__(self) -> None:
        """Write a journal until the board has two more checkpoints, restore the older copy, and continue from there."""
        with self.kept.kept.forgetting():
            self.kept.is_live(EVERY * (LOST - AGREED))
        assert [said.number for said, _ in self.kept.board] == list(range(1, LOST + 1))
        self.clock.move(minutes=15)
        self.act()

    @property
    def clock(self) -> ElectionClock:
        assert isinstance(self.kept.dependencies.clock, ElectionClock)
        return self.kept.dependencies.clock

    @property
    def agreed(self) -> CheckpointPosition:
        """Position of the newest checkpoint that the older copy contains."""
        return CheckpointPosition(AGREED, self.kept.board[AGREED - 1][0].lines)

    def act(self, count: int = 3) -> None:
        """Write events after the failover, and send the board a checkpoint."""
        for number in range(count):
            writing(self.kept.dependencies.store).journal.write(
                Event(at=self.clock.at, actor=Actor.VOTER, act=EventType.ASKED, voter=number)
            )
        self.kept.attest()

    def declare(
        self, *numbers: int, at: timedelta = timedelta(0), kind: JournalLossKind = JournalLossKind.FAILOVER
    ) -> LossDeclaration:
        """Declare the loss with the board's checkpoints of these numbers, or with all lost ones."""
        outside = [each for each in self.kept.board[:LOST] if not numbers or each[0].number in numbers]
        loss = NewLossDeclaration(
            kind=kind, cause=FailoverOrRestoreCause.HOST_LOST, happened=FAILED + at, outside=outside
        )
        key = self.kept.dependencies.vault.public_key(key_purposes.JOURNAL)
        with self.kept.dependencies.store.write() as transaction:
            said = loss.declare(transaction, key=key, now=self.clock.at)
        self.kept.attest()
        return said

    def examine(self) -> tuple[list[JournalFinding], list[LossDeclaration]]:
        """Verify the journal with all of the board's checkpoints. Returns the findings and the declared losses."""
        with self.kept.dependencies.store.read() as transaction:
            keys = journal_keys(self.kept.dependencies.vault)
            examination = JournalVerifier(transaction.chain, keys, self.kept.board)
            return list(examination.findings()), [each.said for each in examination.check.losses.known]

    def rewrite(self, place: int) -> None:
        """Change a line and compute the following chain again, as an attacker with control of the machine can."""
        self.kept.alter(self.kept.seals[place].line, reason="changed")
        digest = GENESIS if place == 1 else self.kept.seals[place - 1].digest
        with self.kept.dependencies.store.read() as transaction:
            lines = [line for _, line in transaction.chain.seals(after=place - 1)]
        for position, line in enumerate(lines, place):
            assert line is not None
            digest = chained_line_digest(digest, hash_chain.canonical_line_bytes(line))
            self.kept.seals[position] = JournalLineSeal(position, line.number, digest)
        for each in [each for each in self.kept.checkpoints if each > AGREED]:
            del self.kept.checkpoints[each]


@pytest.fixture
def failover() -> Failover:
    return Failover()


def kinds(found: list[JournalFinding]) -> set[JournalFindingKind]:
    return {each.kind for each in found}


def test_an_undeclared_loss_is_a_finding(failover: Failover) -> None:
    """An undeclared loss is reported, because the board's checkpoints contradict the journal."""
    found, losses = failover.examine()

    assert kinds(found) <= {JournalFindingKind.REWRITTEN, JournalFindingKind.SHORTENED}
    assert {each.checkpoint for each in found} == {3, 4}
    assert losses == []


def test_case_57_a_declared_loss_is_no_finding(failover: Failover) -> None:
    """CASE 57: a declared loss is not reported, and later checkpoints get new numbers."""
    board = len(failover.kept.board)
    said = failover.declare()

    found, losses = failover.examine()

    assert found == []
    assert losses == [said]
    assert (said.agreed, said.lost.number) == (failover.agreed, LOST)
    failover.act()
    assert [said.number for said, _ in failover.kept.board[board:]] == [LOST + 1, LOST + 2]
    assert failover.examine()[0] == []


def test_case_57_a_declared_loss_is_the_same_whichever_checkpoints_the_operator_was_given(failover: Failover) -> None:
    """CASE 57: the newest lost checkpoint alone is enough to declare a loss."""
    said = failover.declare(LOST)

    assert failover.examine() == ([], [said])
    assert (said.agreed, said.lost.number) == (failover.agreed, LOST)


def test_case_57_tampering_before_the_loss_and_after_the_declaration_stays_a_finding(failover: Failover) -> None:
    """CASE 57: a line changed before the loss or after its declaration is reported."""
    failover.declare()
    declared = max(failover.kept.seals)

    for place in (declared - 1, EVERY * AGREED, EVERY, 1):
        with failover.kept.kept.forgetting():
            failover.rewrite(place)
            assert JournalFindingKind.REWRITTEN in kinds(failover.examine()[0]), place


def test_case_57_tampering_between_the_failover_and_the_declaration_stays_a_finding(failover: Failover) -> None:
    """CASE 57: a line changed between the failover and the declaration is reported."""
    (made,) = (said for said, _ in failover.kept.board[LOST:])
    assert made.number <= LOST
    failover.declare()

    failover.rewrite(EVERY * AGREED + 3)

    assert made.number in {
        each.checkpoint for each in failover.examine()[0] if each.kind is JournalFindingKind.REWRITTEN
    }


def write_by_hand(failover: Failover, said: LossDeclaration | str) -> None:
    """Write a declaration directly into the journal."""
    reason = said if isinstance(said, str) else said.journal_text()
    with failover.kept.dependencies.store.write() as transaction:
        event = Event(at=failover.clock.at, actor=Actor.OPERATOR, act=EventType.LOSS_DECLARED, reason=reason)
        transaction.journal.write(event)
    failover.kept.attest()


def test_a_declaration_covers_nothing_that_the_chain_confirms(failover: Failover) -> None:
    """A forged declaration of the whole journal counts only from the last checkpoint on which both sides agree."""
    newest = failover.kept.board[LOST - 1][0]
    everything = LossDeclaration(
        kind=JournalLossKind.FAILOVER,
        cause=FailoverOrRestoreCause.HOST_LOST,
        happened=FAILED,
        agreed=CheckpointPosition(),
        lost=CheckpointPosition(newest.number, newest.lines),
        made=newest.made,
    )
    write_by_hand(failover, everything)

    found, (said,) = failover.examine()

    assert found == []
    assert said.agreed == failover.agreed


def test_a_declaration_that_is_worth_nothing_is_a_finding(failover: Failover) -> None:
    """A declaration that is malformed or impossible is reported, and covers no loss."""
    board = [*failover.kept.board]
    for reason in (
        "failover host-lost 2018-11-30T11:10:00+00:00 4/20 2/10 2018-11-30T11:00:00Z",
        "failover host-lost 2018-11-30T11:10:00+00:00 2/900 4/999 2018-11-30T11:00:00Z",
        "failover because 2018-11-30T11:10:00+00:00 2/10 4/20 2018-11-30T11:00:00Z",
        "failover host-lost 2018-11-30T11:10:00 2/10 4/20 2018-11-30T11:00:00Z",
        "nothing",
    ):
        with failover.kept.kept.forgetting():
            write_by_hand(failover, reason)
            found, losses = failover.examine()

        assert JournalFindingKind.DECLARED_WRONGLY in kinds(found), reason
        assert {each.checkpoint for each in found} >= {3, 4}
        assert losses == []
        failover.kept.board[:] = board


def test_a_repeated_declaration_is_a_finding(failover: Failover) -> None:
    """A repeated declaration is reported, and the first one stays valid."""
    said = failover.declare()
    write_by_hand(failover, said)

    found, losses = failover.examine()

    assert kinds(found) == {JournalFindingKind.DECLARED_WRONGLY}
    assert losses == [said]


def test_a_second_failover_is_declared_beside_the_first(failover: Failover) -> None:
    """Two losses can be declared, and each declaration covers its own loss."""
    first = failover.declare()
    with failover.kept.kept.forgetting():
        failover.act(EVERY)
    board = [each for each in failover.kept.board if each[0].number > LOST]
    failover.clock.move(minutes=5)
    failover.act()

    failover.kept.board[LOST - len(board) : LOST] = board  # `declare` uses these checkpoints
    second = failover.declare(board[-1][0].number, at=timedelta(minutes=10))

    found, losses = failover.examine()
    assert found == []
    assert losses == [first, second]


def refusal_of(attempt: Callable[[], object]) -> str:
    """Return the sentence with which a declaration is refused."""
    with pytest.raises(LossDeclarationRefused) as refused:
        attempt()
    return refused.value.sentence.msgid


def test_nothing_is_declared_twice_backwards_or_ahead(failover: Failover) -> None:
    """A loss cannot be declared twice, for a time in the future, or for a time before the newest checkpoint."""
    assert "pas encore passé" in refusal_of(lambda: failover.declare(at=timedelta(hours=1)))
    assert "a été fait après ce moment" in refusal_of(lambda: failover.declare(at=timedelta(hours=-1)))
    failover.declare()
    assert "l'est déjà" in refusal_of(failover.declare)
    assert "l'est déjà" in refusal_of(lambda: failover.declare(1))


def test_only_a_signed_declaration_that_waits_for_its_seal_blocks_another(failover: Failover) -> None:
    """An unsealed declaration blocks another one, but not if no program has signed it."""
    with failover.kept.dependencies.store.write() as transaction:
        event = Event(at=failover.clock.at, actor=Actor.OPERATOR, act=EventType.LOSS_DECLARED, reason="forged")
        transaction.journal.write(event)
    assert "attend son sceau" in refusal_of(failover.declare)

    failover.kept.alter(max(failover.kept.events), reason="altered")

    failover.declare()


def test_tampering_cannot_be_declared_a_loss(failover: Failover) -> None:
    """Tampering cannot be declared a loss: a contradiction before the last agreement is refused."""
    vault = failover.kept.dependencies.vault
    earlier = make_checkpoint(
        election=failover.kept.board[0][0].election,
        number=1,
        lines=EVERY - 1,
        made=NOON,
        digest=b"e" * 32,
        key=vault.public_key(key_purposes.JOURNAL),
        sign=lambda statement: vault.sign(key_purposes.JOURNAL, statement),
    )
    failover.kept.board[0] = find_checkpoints("\n".join(checkpoint_lines(earlier)))[0]
    assert "plus récent" in refusal_of(failover.declare)

    failover.rewrite(EVERY + 1)
    assert "ses propres points de contrôle" in refusal_of(lambda: failover.declare(LOST))


def test_what_is_not_of_this_election_is_refused(failover: Failover) -> None:
    """A declaration with a changed checkpoint is refused."""
    said, signature = failover.kept.board[LOST - 1]
    failover.kept.board[LOST - 1] = (replace(said, lines=said.lines + 1), signature)

    assert "n'est pas signé" in refusal_of(failover.declare)


def test_a_declaration_reads_as_it_is_written() -> None:
    """A declaration in the journal is read back unchanged."""
    said = LossDeclaration(
        kind=JournalLossKind.RESTORE,
        cause=FailoverOrRestoreCause.MISTAKE,
        happened=FAILED,
        agreed=CheckpointPosition(),
        lost=CheckpointPosition(),
        made="-",
    )
    assert parse_declaration(said.journal_text()) == said

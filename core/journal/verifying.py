"""Goes along the chain once, in the memory of a few lines, and says whatever does not fit and where.

After a line that does not fit, it goes on from what is kept and from what was computed: one change is one finding.
"""

from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.journal import checkpoints, form
from core.journal.checkpoints import Statement
from core.journal.findings import Finding, Trouble, of_line
from core.ports import Act, Chain, Checkpoint, Line, Pending, Seal

Genuine = Callable[[bytes, bytes, bytes], bool]
"""Whether a signature is that of a public key for those bytes: (key, signed, signature)."""
Progress = Callable[[int], None]
STEP = 1_000


@dataclass
class Walk:
    """The chain so far: `place` of the last seal, what its digest may be, and what is attested further on."""

    attested: dict[int, list[Statement]]
    place: int = 0
    digests: tuple[bytes, ...] = (form.GENESIS,)
    """More than one after a disagreement, none after places that are gone."""
    at: datetime | None = None
    confirmed: int = 0
    """The last place that a checkpoint and the chain agree on."""
    made: int = 0
    """The highest number of a checkpoint of which the journal says that it was made."""

    def along(self, chain: Iterable[tuple[Seal, Line | None]], progress: Progress) -> Iterator[Finding]:
        """To the chain's end."""
        for seal, line in chain:
            if seal.position != self.place + 1:
                yield Finding(trouble=Trouble.PLACES_GONE, place=self.place + 1, last=seal.position - 1, at=self.at)
                self.digests = ()
            yield from self._step(seal, line)
            if not self.place % STEP:
                progress(STEP)
        yield from self._after()

    def _step(self, seal: Seal, line: Line | None) -> Iterator[Finding]:
        self.place = seal.position
        if line is None:
            yield Finding(trouble=Trouble.LINE_GONE, place=self.place, line=seal.line, at=self.at)
            self.digests = (seal.digest,)
        else:
            text = form.written(line)
            expected = [form.digest(before, text) for before in self.digests]
            fits = not expected or seal.digest in expected
            if not fits:
                yield of_line(Trouble.DISAGREES, line, place=self.place)
            self.digests = (seal.digest,) if fits else (seal.digest, *expected)
            if fits:
                self._notice(line)
        yield from self._confirm()

    def _notice(self, line: Line) -> None:
        at, case = line.columns.get("at"), line.columns.get("case")
        self.at = at if isinstance(at, datetime) else self.at
        if line.columns.get("act") == Act.CHECKPOINT_MADE and isinstance(case, str):
            self.made = max(self.made, checkpoints.number_of(case) or 0)

    def _confirm(self) -> Iterator[Finding]:
        """What checkpoints say of this very place."""
        for said in self.attested.get(self.place, ()):
            if said.digest in self.digests:
                self.confirmed = self.place
            else:
                yield Finding(
                    trouble=Trouble.REWRITTEN, place=self.confirmed + 1, last=self.place, checkpoint=said.number
                )

    def _after(self) -> Iterator[Finding]:
        for last in sorted(place for place in self.attested if place > self.place):
            for said in self.attested[last]:
                yield Finding(
                    trouble=Trouble.SHORTENED, place=self.place + 1, last=last, at=self.at, checkpoint=said.number
                )


@dataclass
class Examination:
    """The whole journal, held against its own checkpoints and those from outside. Read `findings` to the end first."""

    chain: Chain
    key: bytes
    genuine: Genuine
    outside: Sequence[tuple[Statement, bytes]] = ()
    progress: Progress = lambda _: None
    walk: Walk = field(init=False)
    tail: Pending = field(init=False)

    def __post_init__(self) -> None:
        self.walk = Walk(defaultdict(list))
        self.tail = self.chain.tail()

    def findings(self) -> Iterator[Finding]:
        """Everything that does not fit."""
        awaited = yield from self._own(self.chain.checkpoints())
        yield from self._from_outside()
        yield from self.walk.along(self.chain.seals(), self.progress)
        yield from _gone(awaited, self.walk.made)
        for line in self.chain.strays():
            yield of_line(Trouble.SLIPPED_IN, line)

    def _own(self, kept: Iterable[Checkpoint]) -> Generator[Finding, None, int]:
        """Returns the number of the checkpoint that has not been made yet, as far as those kept tell."""
        awaited = 1
        for each in kept:
            yield from _gone(awaited, each.number - 1)
            awaited = each.number + 1
            said = checkpoints.read(each.statement)
            if said is None or said.number != each.number or not self._signed(said, each.signature):
                yield Finding(trouble=Trouble.CHECKPOINT_ALTERED, checkpoint=each.number)
            else:
                self.walk.attested[said.lines].append(said)
        return awaited

    def _from_outside(self) -> Iterator[Finding]:
        for said, signature in self.outside:
            if said.key != self.key:
                yield Finding(trouble=Trouble.OTHER_KEY, checkpoint=said.number)
            elif not self._signed(said, signature):
                yield Finding(trouble=Trouble.CHECKPOINT_ALTERED, checkpoint=said.number)
            else:
                self.walk.attested[said.lines].append(said)

    def _signed(self, said: Statement, signature: bytes) -> bool:
        return said.key == self.key and self.genuine(self.key, said.text().encode(), signature)


def _gone(first: int, last: int) -> Iterator[Finding]:
    """Checkpoints of those numbers, if there are any."""
    if first <= last:
        yield Finding(trouble=Trouble.CHECKPOINT_GONE, checkpoint=first, last=last)

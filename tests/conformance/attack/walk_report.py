"""The record of a walk: counts of its acts, and its findings."""

from collections import Counter
from dataclasses import dataclass, field
from threading import Lock

from tests.conformance.attack.recording_browser import HttpExchange


@dataclass(frozen=True)
class WalkFinding:
    """An invariant that did not hold, with the acts that led there."""

    block: int
    sequence: int
    invariant: str
    detail: str
    trail: tuple[str, ...]

    def __str__(self) -> str:
        acts = "\n".join(f"    {line}" for line in self.trail)
        return f"block {self.block}, sequence {self.sequence}: {self.detail}\n{acts}"


@dataclass
class WalkReport:
    """The counts and the findings of a walk. Several threads write to it."""

    seed: int
    sequences: int = 0
    coverage: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Count of each act at each step."""
    statuses: Counter[int] = field(default_factory=Counter)
    findings: list[WalkFinding] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def count_act(self, step: str, act: str, exchanges: list[HttpExchange]) -> None:
        """Count an act at a step, and the statuses that it was answered with."""
        with self._lock:
            self.coverage[step, act] += 1
            self.statuses.update(page.status for each in exchanges for page in each.answers)

    def finish_sequence(self, finding: WalkFinding | None = None) -> None:
        """Count a sequence, and keep what it found."""
        with self._lock:
            self.sequences += 1
            if finding is not None:
                self.findings.append(finding)

    @property
    def pair_count(self) -> int:
        """Return how many pairs of a step and an act occurred."""
        return len(self.coverage)

    @property
    def broken_invariants(self) -> set[str]:
        """Return the invariants that did not hold."""
        return {each.invariant for each in self.findings}

    def __str__(self) -> str:
        requests = sum(self.statuses.values())
        statuses = ", ".join(f"{count} × {status}" for status, count in sorted(self.statuses.items()))
        found = "\n\n".join(map(str, self.findings)) or "No invariant was broken."
        return (
            f"{self.action_table()}\n\n{self.sequences} sequences, {requests} requests ({statuses}), "
            f"{self.pair_count} pairs of a step and an act; --seed {self.seed}\n\n{found}"
        )

    def action_table(self) -> str:
        """Return how often each act was done at each step: a line for each act."""
        steps = sorted({step for step, _ in self.coverage})
        acts = sorted({act for _, act in self.coverage})
        width = max(map(len, acts), default=0)
        lines = [" ".join([f"{act:{width}}", *(f"{self.coverage[step, act]:5}" for step in steps)]) for act in acts]
        return "\n".join([" ".join([" " * width, *(f"{step:>5}" for step in steps)]), *lines])


def describe_request(exchange: HttpExchange) -> str:
    """Return a request in a line."""
    typed = " ".join(f"{name}={value[:40]}" for name, value in exchange.typed.items())
    return f"{exchange.request.method} {exchange.request.path[:90]} {typed}".strip()

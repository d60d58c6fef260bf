"""The report of an attack walk, with its findings and the numbers of its actions."""

from collections import Counter
from dataclasses import dataclass, field
from threading import Lock

from tests.conformance.attack.recording_browser import HttpExchange


@dataclass(frozen=True)
class WalkFinding:
    """A broken invariant, with the actions that led to it."""

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
    """The findings of an attack walk, and how often each action was done. Several threads write to it."""

    seed: int
    sequences: int = 0
    coverage: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Number of times that each action was done at each step."""
    statuses: Counter[int] = field(default_factory=Counter)
    findings: list[WalkFinding] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def count_act(self, step: str, act: str, exchanges: list[HttpExchange]) -> None:
        """Count an action at a step, and the statuses of its answers."""
        with self._lock:
            self.coverage[step, act] += 1
            self.statuses.update(page.status for each in exchanges for page in each.answers)

    def finish_sequence(self, finding: WalkFinding | None = None) -> None:
        """Count a sequence, and add its finding if there is one."""
        with self._lock:
            self.sequences += 1
            if finding is not None:
                self.findings.append(finding)

    @property
    def pair_count(self) -> int:
        """Number of different pairs of a step and an action."""
        return len(self.coverage)

    @property
    def broken_invariants(self) -> set[str]:
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
        """Return a table that says how often each action was done at each step."""
        steps = sorted({step for step, _ in self.coverage})
        acts = sorted({act for _, act in self.coverage})
        width = max(map(len, acts), default=0)
        lines = [" ".join([f"{act:{width}}", *(f"{self.coverage[step, act]:5}" for step in steps)]) for act in acts]
        return "\n".join([" ".join([" " * width, *(f"{step:>5}" for step in steps)]), *lines])


def describe_request(exchange: HttpExchange) -> str:
    """Describe a request on one line."""
    typed = " ".join(f"{name}={value[:40]}" for name, value in exchange.typed.items())
    return f"{exchange.request.method} {exchange.request.path[:90]} {typed}".strip()

"""The figures of a drill beside their goals."""

from dataclasses import dataclass

from tests.drill.judge import Verdict
from tests.drill.play import Drill
from tests.drill.record import Act, Told

SHOWN = 5


@dataclass(frozen=True)
class Figure:
    """A measured number, with the greatest number that is allowed if there is a goal."""

    name: str
    value: float
    goal: float | None = None
    timed: bool = False
    reasons: tuple[str, ...] = ()

    @property
    def missed(self) -> bool:
        """Whether the goal was missed."""
        return self.goal is not None and self.value > self.goal

    def line(self) -> str:
        """The figure as a line of the table."""
        value = f"{self.value:.1f} s" if self.timed else f"{self.value:.0f}"
        goal = "" if self.goal is None else f"{self.goal:.0f}{' s' if self.timed else ''}"
        mark = "" if self.goal is None else "missed" if self.missed else "ok"
        return f"{self.name:<58} {value:>9} {goal:>7}  {mark}"


def figures(drill: Drill, verdict: Verdict) -> list[Figure]:
    """Return every figure. The figures about what voters were told come first, and then the times."""
    untrue = {
        "acts told as done and lost": verdict.lost,
        "acts told as not done and done": verdict.denied,
        "acts refused that nothing forbids": verdict.refused,
        "acts doubled": verdict.doubled,
        "more than three identifiers, or one phone for two voters": verdict.broken_rules,
        "disagreements with the board or the platform": verdict.disagreements,
        "503 without Retry-After, or another 5xx": drill.record.without_retry,
        "answers of /healthz and static files that failed": [bad for probe in drill.static for bad in probe.bad],
    }
    counted = [Figure(name, len(reasons), 0, reasons=tuple(reasons)) for name, reasons in untrue.items()]
    counted.append(Figure("processes that ended by themselves", int(drill.restarted), 0))
    times = [
        Figure(f"writes again: {played.fault.name}", max(played.outages), played.fault.goal, timed=True)
        for played in drill.played
    ]
    slowest = Figure("slowest of /healthz and static files", max(probe.slowest for probe in drill.static), timed=True)
    return [*counted, *times, slowest, *_extent(drill)]


def _extent(drill: Drill) -> list[Figure]:
    attempts = drill.record.attempts
    told = [Figure(f"answers that told: {each}", sum(one.told is each for one in attempts)) for each in Told]
    done = [Figure(f"done: {act}", sum((one.act, one.told) == (act, Told.DONE) for one in attempts)) for act in Act]
    return [*told, *done, Figure("answers of 503", drill.record.unavailable), Figure("voters", len(drill.people))]


def table(drill: Drill, found: list[Figure]) -> str:
    """Return the figures as a table. Below it are the reasons why goals were missed."""
    lines = [f"seed {drill.seed}", f"{'figure':<58} {'measured':>9} {'goal':>7}"]
    for figure in found:
        lines.append(figure.line())
        if figure.missed:
            lines += [f"    {reason}" for reason in figure.reasons[:SHOWN]]
    return "\n".join(lines)

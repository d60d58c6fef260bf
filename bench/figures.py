"""A figure beside its goal."""

from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Goal:
    """The bounds that a figure must keep to; both belong to it."""

    least: float | None = None
    most: float | None = None

    def met(self, value: float) -> bool:
        """Whether that value is within."""
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def __str__(self) -> str:
        if self.least is not None and self.most is not None:
            return f"{self.least:g} to {self.most:g}"
        return f"≥ {self.least:g}" if self.least is not None else f"≤ {self.most:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What was measured. Without a goal it is told and not judged; `note` says what it is made of."""

    name: str
    value: float
    unit: str = ""
    goal: Goal | None = None
    note: str = ""

    @property
    def missed(self) -> bool:
        """Whether it has a goal and does not reach it."""
        return self.goal is not None and not self.goal.met(self.value)


def spread(values: list[float]) -> str:
    """The rounds behind a median, so that a reader sees how quiet the machine was."""
    return f"median of {len(values)}: " + " ".join(f"{value:,.4g}" for value in sorted(values))


def middle(values: list[float]) -> float:
    """The median: one disturbed round must not decide."""
    return median(values)

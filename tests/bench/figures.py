"""Measured figures with their goals, as rows of the table."""

from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One row of the table. Its goal is a minimum, a maximum or both. Without a goal the figure is only shown."""

    name: str
    value: float
    unit: str = ""
    least: float | None = None
    most: float | None = None
    note: str = ""

    @property
    def goal(self) -> str:
        """The goal as printed in the table."""
        if self.least is not None and self.most is not None:
            return f"{self.least:g} to {self.most:g}"
        return "" if self.least is self.most else f"≤ {self.most:g}" if self.least is None else f"≥ {self.least:g}"

    @property
    def missed(self) -> bool:
        """Return whether the value is outside the goal. The bounds are inside."""
        too_small = self.least is not None and self.value < self.least
        return too_small or (self.most is not None and self.value > self.most)


def median_figure(
    name: str, values: list[float], unit: str, note: str = "", *, least: float | None = None, most: float | None = None
) -> Figure:
    """Return the median of several rounds, so that one disturbed round does not matter. The note lists all rounds."""
    rounds = f"{len(values)} rounds: " + " ".join(f"{value:,.3g}" for value in sorted(values))
    note = "; ".join(filter(None, (note, rounds if len(values) > 1 else "")))
    return Figure(name=name, value=median(values), unit=unit, least=least, most=most, note=note)

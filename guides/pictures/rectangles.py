"""Rectangles, in CSS pixels."""

from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle: its sides, measured from the left and the top."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def vertical_middle(self) -> float:
        """The vertical middle."""
        return (self.top + self.bottom) / 2

    def overlaps(self, other: "Box") -> bool:
        """Tell whether two rectangles share more than an edge."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def moved(self, right: float, down: float) -> "Box":
        """Return the rectangle moved."""
        return Box(self.left + right, self.top + down, self.right + right, self.bottom + down)

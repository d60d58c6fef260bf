"""Rectangles, in CSS pixels."""

from typing import NamedTuple


class Box(NamedTuple):
    """Sides, measured from the left and the top."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> float:
        """Half-way down."""
        return (self.top + self.bottom) / 2

    def meets(self, other: "Box") -> bool:
        """Whether they share more than an edge."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def moved(self, right: float, down: float) -> "Box":
        """The same, elsewhere."""
        return Box(self.left + right, self.top + down, self.right + right, self.bottom + down)

    def wider(self, by: float) -> "Box":
        """With a margin on every side."""
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)

"""The forms that were answered lately, so that one that comes again is the same act."""

from datetime import datetime, timedelta
from typing import Protocol


class AnsweredForms(Protocol):
    """Forms by their digest. A form is forgotten `window` after it came first."""

    def count(self, digest: bytes, *, now: datetime, window: timedelta) -> int:
        """Record that the form came. Returns how often it has come, this time included."""

    def came_before(self, digest: bytes, *, now: datetime, window: timedelta) -> bool:
        """Return whether the form was recorded."""

    def forget(self, digest: bytes) -> None:
        """Remove the form, so that it is new when it comes again."""

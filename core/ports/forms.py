"""Recently submitted forms, remembered so that a form sent twice acts once."""

from datetime import datetime, timedelta
from typing import Protocol


class AnsweredForms(Protocol):
    """Forms by their digest. A form is forgotten `window` after it was first submitted."""

    def count(self, digest: bytes, *, now: datetime, window: timedelta) -> int:
        """Record a submission. Return how often the form was submitted, this time included."""

    def came_before(self, digest: bytes, *, now: datetime, window: timedelta) -> bool:
        """Return whether the form was submitted within `window`."""

    def forget(self, digest: bytes) -> None:
        """Forget the form, so its next submission counts as new."""

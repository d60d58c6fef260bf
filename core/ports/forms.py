"""Remembers the forms that were recently submitted, so that a form that is sent twice has only one effect."""

from datetime import datetime, timedelta
from typing import Protocol


class AnsweredForms(Protocol):
    """Stores the digests of submitted forms. Each digest is kept for `window` after the first submission."""

    def count(self, digest: bytes, *, now: datetime, window: timedelta) -> int:
        """Count a submission, and return how many times the form has been submitted."""

    def came_before(self, digest: bytes, *, now: datetime, window: timedelta) -> bool: ...

    def forget(self, digest: bytes) -> None: ...

"""Remembers submitted forms, so that a form sent twice has only one effect."""

from datetime import datetime, timedelta
from typing import Protocol


class AnsweredForms(Protocol):
    """Stores the digest of each submitted form for the duration of `window`."""

    def count(self, digest: bytes, *, now: datetime, window: timedelta) -> int:
        """Count a submission, and return how many times the form has been submitted."""

    def came_before(self, digest: bytes, *, now: datetime, window: timedelta) -> bool: ...

    def forget(self, digest: bytes) -> None: ...

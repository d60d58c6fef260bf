"""Exceptions raised by ports."""

from collections.abc import Sequence

SHOWN = 20
"""Maximum number of voters named in the message."""


class ConflictError(Exception):
    """The row has changed since it was read. Read it again and decide again."""


class MessageClaimLost(Exception):
    """The lease has expired and another courier claimed the message, or the message has ended. Do not touch it."""


class LimitReached(Exception):
    """A counter has reached its limit. The transaction is rolled back."""


class DuplicateVoterError(Exception):
    """Two people on the current roll would have the same address or NUMEN."""


class TamperedRowsError(Exception):
    """Protected rows were written by another program or restored from an older copy. The transaction is rolled back."""

    def __init__(self, voters: Sequence[int]) -> None:
        super().__init__(f"voters {', '.join(map(str, voters[:SHOWN]))}")
        self.voters = voters


class StoreUnavailable(Exception):
    """The store is unreachable, full or read-only; nothing was changed. The message is for operators."""


class CommitOutcomeUnknown(StoreUnavailable):
    """The database did not answer a commit, so the transaction may or may not have been applied.

    Read again to find out.
    """


class PasswordQueueFull(Exception):
    """The queue of password hashes is full; this password was not processed."""

"""The exceptions of ports."""

from collections.abc import Sequence

SHOWN = 20
"""The most voters that a message names."""


class ConflictError(Exception):
    """The row has another version than the one read: read again and decide again."""


class MessageClaimLost(Exception):
    """The message's lease is over and another courier has it, or it has ended: leave it alone."""


class LimitReached(Exception):
    """A counter stands at its limit: nothing of this transaction was done."""


class DuplicateVoterError(Exception):
    """Two persons of the present roll would share an address or a NUMEN."""


class TamperedRowsError(Exception):
    """Rows that decide were written by somebody else than this product, or put back from an older copy; nothing was done."""

    def __init__(self, voters: Sequence[int]) -> None:
        super().__init__(f"voters {', '.join(map(str, voters[:SHOWN]))}")
        self.voters = voters


class StoreUnavailable(Exception):
    """The store cannot be reached, is full or is read-only; nothing was done. The message is for operators."""


class CommitOutcomeUnknown(StoreUnavailable):
    """The database did not answer whether it did the last act. Only looking again can tell."""


class PasswordQueueFull(Exception):
    """The queue of passwords to hash is full; nothing was done with this one."""

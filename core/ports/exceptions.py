from collections.abc import Sequence

MOST_SHOWN = 20


class ConflictError(Exception):
    """Raised when a row has changed since it was read. The caller must read the row again and start over."""


class MessageClaimLost(Exception):
    """Raised when a courier's claim on a message is no longer valid. The courier must not change the message."""


class LimitReached(Exception):
    """Raised when a counter exceeds its limit. The transaction is rolled back."""


class DuplicateVoterError(Exception):
    """Raised when two people on the electoral roll would have the same address or the same NUMEN."""


class TamperedRowsError(Exception):
    """Raised when another program has changed protected rows or replaced them with an older copy."""

    def __init__(self, voters: Sequence[int]) -> None:
        super().__init__(f"voters {', '.join(map(str, voters[:MOST_SHOWN]))}")
        self.voters = voters


class StoreUnavailable(Exception):
    """Raised when the database is unreachable, full or read-only. The transaction has changed nothing."""


class CommitOutcomeUnknown(StoreUnavailable):
    """Raised when the database does not answer a COMMIT. The caller must read the data again to see what was stored."""


class PasswordQueueFull(Exception): ...

from collections.abc import Sequence

MOST_SHOWN = 20


class ConflictError(Exception):
    """Raised when a row has changed since it was read. The caller must start over."""


class MessageClaimLost(Exception):
    """Raised when a courier no longer holds its claim on a message."""


class LimitReached(Exception):
    """Raised when a counter exceeds its limit. The transaction is rolled back."""


class DuplicateVoterError(Exception):
    """Raised if two voters on the roll would share an email address or a NUMEN."""


class TamperedRowsError(Exception):
    """Raised when another program has changed protected rows."""

    def __init__(self, voters: Sequence[int]) -> None:
        super().__init__(f"voters {', '.join(map(str, voters[:MOST_SHOWN]))}")
        self.voters = voters


class StoreUnavailable(Exception):
    """Raised when the database is unreachable, full or read-only. The transaction has changed nothing."""


class CommitOutcomeUnknown(StoreUnavailable):
    """Raised when the database did not answer a COMMIT. The changes may be stored."""


class PasswordQueueFull(Exception): ...

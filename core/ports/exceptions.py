from collections.abc import Sequence

SHOWN = 20


class ConflictError(Exception):
    """Raised when a row has changed since it was read. The caller must read the row again and decide again."""


class MessageClaimLost(Exception):
    """Raised when a courier has lost its claim on a message. The courier must not change the message."""


class LimitReached(Exception):
    """Raised when a counter exceeds its limit. The transaction is rolled back."""


class DuplicateVoterError(Exception):
    """Raised when two people on the electoral roll would have the same address or the same NUMEN."""


class TamperedRowsError(Exception):
    """Raised when protected rows were changed by another program or restored from an older copy."""

    def __init__(self, voters: Sequence[int]) -> None:
        super().__init__(f"voters {', '.join(map(str, voters[:SHOWN]))}")
        self.voters = voters


class StoreUnavailable(Exception):
    """Raised when the database is unreachable, full or read-only. Nothing was changed."""


class CommitOutcomeUnknown(StoreUnavailable):
    """Raised when a COMMIT gets no answer. The caller must read the data again to find out whether it was changed."""


class PasswordQueueFull(Exception): ...

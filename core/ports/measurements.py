"""What one process measures for monitoring."""

from core.ports.hashing import PasswordHasherOperation


class ProcessMeasurements:
    """Counts what one process does, for monitoring: nothing, unless a subclass does. What the store knows is read from the store."""

    def record_hashing(self, work: PasswordHasherOperation, seconds: float) -> None:
        """Record how long a password took to hash or verify."""

    def count_refusal(self, reason: str) -> None:
        """Count a page of refusal; `reason` is its stable id."""

    def count_callback(self, what: str, outcome: str) -> None:
        """Count a callback of an SMS gateway ("report", "inbound"); `outcome` is one of a few stable words."""

    def count_network_store_failure(self) -> None:
        """Count that the store of the per-network buckets did not answer."""

    def count_refused_row(self, table: str) -> None:
        """Count that a row of that table was written by somebody else, and was refused."""

    def record_reload(self, *, refused: bool) -> None:
        """Record whether the last reload refused the settings or keys."""

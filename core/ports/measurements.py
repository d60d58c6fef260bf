from core.ports.hashing import PasswordHasherOperation


class ProcessMeasurements:
    """Measurements of one process for monitoring. The methods do nothing unless a subclass overrides them."""

    def record_hashing(self, work: PasswordHasherOperation, seconds: float) -> None:
        """Record the duration of hashing or verifying a password."""

    def count_refusal(self, reason: str) -> None:
        """Count a refusal page. `reason` is its stable id."""

    def count_callback(self, what: str, outcome: str) -> None:
        """Count a callback of an SMS gateway ("report" or "inbound"). `outcome` is one of a few fixed words."""

    def count_network_store_failure(self) -> None:
        """Count a failure of the store of the per-network buckets."""

    def count_refused_row(self, table: str) -> None:
        """Count a row of that table that failed authentication."""

    def record_reload(self, *, refused: bool) -> None:
        """Record whether the last reload rejected the new settings or keys."""

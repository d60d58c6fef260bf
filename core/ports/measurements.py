from core.ports.hashing import PasswordHasherOperation


class ProcessMeasurements:
    """Records measurements of a process for monitoring. In this base class, the methods do nothing."""

    def record_hashing(self, work: PasswordHasherOperation, seconds: float) -> None:
        """Record how many seconds it took to hash or verify a password."""

    def count_refusal(self, reason: str) -> None:
        """Count a page that shows a refusal. `reason` is the id of the refusal."""

    def count_callback(self, what: str, outcome: str) -> None:
        """Count a request from an SMS gateway. `what` is "report" or "inbound"; `outcome` is one of a few fixed words."""

    def count_network_store_failure(self) -> None:
        """Count a failure of the store that holds the limits for each network."""

    def count_refused_row(self, table: str) -> None:
        """Count a row of this table that was refused because its authentication failed."""

    def record_reload(self, *, refused: bool) -> None:
        """Record whether the last reload of the process rejected the new settings or keys."""

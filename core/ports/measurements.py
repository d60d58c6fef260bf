from core.ports.hashing import PasswordHasherOperation


class ProcessMeasurements:
    """Interface for recording a process's measurements. This base class records nothing."""

    def record_hashing(self, work: PasswordHasherOperation, seconds: float) -> None: ...

    def count_refusal(self, reason: str) -> None:
        """Count a page that shows a refusal. `reason` is the refusal's id."""

    def count_callback(self, what: str, outcome: str) -> None:
        """Count a request from an SMS gateway. `what` is "report" or "inbound"."""

    def count_network_store_failure(self) -> None: ...

    def count_refused_row(self, table: str) -> None: ...

    def count_provider_answer(self, provider: str, *, accepted: bool, times: int = 1) -> None:
        """Count messages that a provider (host and port) accepted or refused."""

    def record_reload(self, *, refused: bool) -> None: ...

"""The port Gateways where no gateway is set: an SMS waits until one is, or until it is of no more use."""

from core.ports import Postponed, Refused, Sent, Sms


class NoGateways:
    """Takes nothing."""

    def reachable(self) -> bool:
        return False

    def send(self, sms: Sms) -> Sent | Refused | Postponed:  # noqa: ARG002  # whatever it is
        return Postponed("no-gateway", answered=False)

    def close(self) -> None:
        """Nothing is open."""

"""Gateways without a network: keep what they are handed, and say what the test wants them to say."""

from dataclasses import dataclass, field

from core.ports import Postponed, Refused, Sent, Sms

TAKES = Sent("gateway.example")
REFUSES_SMS = Refused("gateway.example", "not routable")
PUTS_OFF = Postponed("throttled")
NO_GATEWAY = Postponed("no gateway could be reached", answered=False)


@dataclass
class Air:
    """The port Gateways: `says` is its answer to every SMS."""

    says: Sent | Refused | Postponed = TAKES
    tried: list[Sms] = field(default_factory=list)
    taken: list[Sms] = field(default_factory=list)
    closed: bool = False

    def send(self, sms: Sms) -> Sent | Refused | Postponed:
        """Keeps the SMS and answers."""
        self.tried.append(sms)
        if isinstance(self.says, Sent):
            self.taken.append(sms)
        return self.says

    def reachable(self) -> bool:
        """Whether it answers at all."""
        return not isinstance(self.says, Postponed) or self.says.answered

    def close(self) -> None:
        """Lets nothing go."""
        self.closed = True

    def to(self, phone: str) -> list[Sms]:
        """What reached that telephone."""
        return [sms for sms in self.taken if sms.recipient == phone]

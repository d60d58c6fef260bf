"""Fake SMS gateways that store each SMS and give the answer that the test has set."""

from dataclasses import dataclass, field

from core.ports import SendAccepted, SendPostponed, SendRefused, Sms

TAKES = SendAccepted("gateway.example")
REFUSES_SMS = SendRefused("gateway.example", "not routable")
PUTS_OFF = SendPostponed("throttled")
NO_GATEWAY = SendPostponed("no gateway could be reached", answered=False)


@dataclass
class Air:
    """Implements the port Gateways for tests. `says` is the answer to every SMS."""

    says: SendAccepted | SendRefused | SendPostponed = TAKES
    tried: list[Sms] = field(default_factory=list)
    taken: list[Sms] = field(default_factory=list)
    closed: bool = False

    def send(self, sms: Sms) -> SendAccepted | SendRefused | SendPostponed:
        self.tried.append(sms)
        if isinstance(self.says, SendAccepted):
            self.taken.append(sms)
        return self.says

    def reachable(self) -> bool:
        return not isinstance(self.says, SendPostponed) or self.says.answered

    def close(self) -> None:
        self.closed = True

    def to(self, phone: str) -> list[Sms]:
        return [sms for sms in self.taken if sms.recipient == phone]

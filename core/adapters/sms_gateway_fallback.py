"""SMS gateways of several kinds, tried in order: the next one when all of a kind cannot take an SMS now."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.ports import SendPostponed, SendResult, Sms, SmsTransport


@dataclass(frozen=True, slots=True)
class FallbackSmsTransport:
    """The port SmsTransport over others, for one thread at a time."""

    transports: Sequence[SmsTransport]

    def send(self, sms: Sms) -> SendResult:
        reasons: list[str] = []
        answered = False
        for transport in self.transports:
            result = transport.send(sms)
            if not isinstance(result, SendPostponed) or result.perhaps_taken:
                return result
            reasons.append(result.reason)
            answered |= result.answered
        return SendPostponed(reason="; ".join(reasons) or "no gateway is set", answered=answered)

    def reachable(self) -> bool:
        return any(transport.reachable() for transport in self.transports)

    def close(self) -> None:
        for transport in self.transports:
            transport.close()

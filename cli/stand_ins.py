"""What stands in for the world around a rehearsal: chance that is the same at every run, a postman and a telephone."""

from core.adapters.entropy import SeededEntropy
from core.adapters.mailbox import Mailbox
from core.example import CASE
from core.ports import Envelope, Sent, Sms
from core.tokens import CASE_ALPHABET


class ExampleEntropy(SeededEntropy):
    """The first case it draws a number for is the example's: the pictures show the number that the texts name."""

    def __init__(self, seed: str) -> None:
        super().__init__(seed)
        self._drawn = False

    def symbols(self, alphabet: str, size: int) -> str:
        """Likely or not."""
        if self._drawn or alphabet != CASE_ALPHABET:
            return super().symbols(alphabet, size)
        self._drawn = True
        return CASE.replace("-", "")


class Postman:
    """The port Carrier, into the demo's mailbox."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def reachable(self) -> bool:
        """Always."""
        return True

    def send(self, envelope: Envelope) -> Sent:
        """At once."""
        self._mailbox.add(envelope.content, envelope.recipient)
        return Sent("mailbox")

    def close(self) -> None:
        """Lets the mailbox go."""
        self._mailbox.close()


class Handset:
    """The port Gateways, straight to the voter's telephone."""

    def __init__(self) -> None:
        self.texts: list[Sms] = []

    def reachable(self) -> bool:
        """Always."""
        return True

    def send(self, sms: Sms) -> Sent:
        """At once."""
        self.texts.append(sms)
        return Sent("handset")

    def close(self) -> None:
        """Nothing is open."""

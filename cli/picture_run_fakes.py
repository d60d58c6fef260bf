"""Replacements of the outside world for the picture run: seeded random numbers, a mail transport and a telephone."""

from core.adapters.random_source import SeededRandomSource
from core.flows.flow_plugin import EXAMPLE_CASE
from core.ports import ComposedMail, SendAccepted, Sms
from core.security.tokens import CASE_ALPHABET
from demo.mailbox import DemoMailFile
from demo.telephones import DemoSmsStore, SmsStatus


class ExampleCaseRandomSource(SeededRandomSource):
    """Draws the example's case number first, so that the pictures show the number that the texts name."""

    def __init__(self, seed: str) -> None:
        super().__init__(seed)
        self._drawn = False

    def random_symbols(self, alphabet: str, size: int) -> str:
        """Return random symbols, or the example's case number at the first call for one."""
        if self._drawn or alphabet != CASE_ALPHABET:
            return super().random_symbols(alphabet, size)
        self._drawn = True
        return EXAMPLE_CASE.replace("-", "")


class DemoMailboxTransport:
    """A MailTransport that delivers into the demo's mailbox."""

    def __init__(self, mailbox: DemoMailFile) -> None:
        self._mailbox = mailbox

    def reachable(self) -> bool:
        """Return true."""
        return True

    def send(self, envelope: ComposedMail) -> SendAccepted:
        """Deliver the mail at once."""
        self._mailbox.add(envelope.content, envelope.recipient)
        return SendAccepted("mailbox")

    def close(self) -> None:
        """Do nothing: nothing is open."""


class DemoSmsTransport:
    """An SmsTransport that delivers to the demo's telephones."""

    def __init__(self, telephones: DemoSmsStore) -> None:
        self.texts: list[Sms] = []
        self._telephones = telephones

    def reachable(self) -> bool:
        """Return true."""
        return True

    def send(self, sms: Sms) -> SendAccepted:
        """Deliver the SMS at once."""
        self.texts.append(sms)
        self._telephones.store_sms(sms.recipient, sms.text, None)
        self._telephones.update([(each, SmsStatus.DELIVERED, 0, True) for each in self._telephones.pending(1)])
        return SendAccepted("handset")

    def close(self) -> None:
        """Do nothing: nothing is open."""

"""Deliver the pending reports and answers of the demo's telephones to the product."""

import threading
from typing import Protocol

from core.ports import SmsDeliveryStatus
from demo.telephone.sms_store import DemoSms, DemoSmsStore, SmsStatus

BATCH = 200
IDLE_SECONDS = 0.2
TROUBLE_SECONDS = 0.5
Outcome = tuple[DemoSms, SmsStatus, int, bool]


class CallbackDelivery(Protocol):
    """Delivers reports and answers. False means that nobody took it, so that it is repeated later."""

    def deliver_report(self, sms: DemoSms, delivery: SmsDeliveryStatus) -> bool:
        """Deliver a delivery report of one SMS."""

    def deliver_answer(self, sms: DemoSms) -> bool:
        """Deliver an SMS that a telephone's owner wrote."""

    def close(self) -> None:
        """Close the connections."""


class CallbackLoop:
    """Repeats its rounds. Killed between a delivery and its record, it delivers once more, as real operators do."""

    def __init__(self, telephones: DemoSmsStore, network: CallbackDelivery) -> None:
        self._telephones = telephones
        self._network = network

    def run(self, stopping: threading.Event) -> None:
        """Run until `stopping` is set."""
        while not stopping.is_set():
            told, failed = self.run_once()
            if failed or not told:
                stopping.wait(TROUBLE_SECONDS if failed else IDLE_SECONDS)
        self._network.close()

    def run_once(self) -> tuple[int, bool]:
        """Deliver what is pending; return the number of SMS concerned, and whether nobody took some of it."""
        outcomes: list[Outcome] = []
        failed = False
        for text in self._telephones.pending(BATCH):
            outcome = self._answer(text) if text.status is SmsStatus.REPLY else self._report(text)
            failed |= outcome is None
            outcomes += [] if outcome is None else [outcome]
        if outcomes:
            self._telephones.update(outcomes)
        return len(outcomes), failed

    def _report(self, text: DemoSms) -> Outcome | None:
        """Deliver the next reports of one SMS; stop at the first that is not taken."""
        told, status = text.told, text.status
        for delivery in text.planned_reports[text.told :]:
            if not self._network.deliver_report(text, delivery):
                break
            told, status = told + 1, SmsStatus(delivery)
        return None if told == text.told else (text, status, told, told == len(text.planned_reports))

    def _answer(self, text: DemoSms) -> Outcome | None:
        return (text, SmsStatus.REPLY, 1, True) if self._network.deliver_answer(text) else None

"""Tells what is still to be told of each SMS of the demo: its reports, and what a telephone's owner writes back."""

import threading
from typing import Protocol

from core.adapters.telephone.store import STATUS_OF, Status, Telephones, Text
from core.ports import Delivery

BATCH = 200
IDLE_SECONDS = 0.2
TROUBLE_SECONDS = 0.5
Outcome = tuple[Text, Status, int, bool]


class Network(Protocol):
    """What carries reports and answers back. False means that nobody was there to take it: it is told again."""

    def report(self, text: Text, delivery: Delivery) -> bool:
        """What became of an SMS."""

    def answer(self, text: Text) -> bool:
        """An SMS that a telephone's owner wrote."""

    def close(self) -> None:
        """Lets the connections go."""


class Telling:
    """The loop. What was told is written afterwards: killed in between, it tells once more, as operators do."""

    def __init__(self, telephones: Telephones, network: Network) -> None:
        self._telephones = telephones
        self._network = network

    def run(self, stopping: threading.Event) -> None:
        """Until `stopping` is set."""
        while not stopping.is_set():
            told, failed = self.round()
            if failed or not told:
                stopping.wait(TROUBLE_SECONDS if failed else IDLE_SECONDS)
        self._network.close()

    def round(self) -> tuple[int, bool]:
        """How many SMS were told of, and whether somebody was not there."""
        outcomes: list[Outcome] = []
        failed = False
        for text in self._telephones.undone(BATCH):
            outcome = self._answer(text) if text.status is Status.REPLY else self._report(text)
            failed |= outcome is None
            outcomes += [] if outcome is None else [outcome]
        if outcomes:
            self._telephones.keep(outcomes)
        return len(outcomes), failed

    def _report(self, text: Text) -> Outcome | None:
        """Its next reports; the rest comes later when one is not taken."""
        told, status = text.told, text.status
        for delivery in text.fate[text.told :]:
            if not self._network.report(text, delivery):
                break
            told, status = told + 1, STATUS_OF[delivery]
        return None if told == text.told else (text, status, told, told == len(text.fate))

    def _answer(self, text: Text) -> Outcome | None:
        return (text, Status.REPLY, 1, True) if self._network.answer(text) else None

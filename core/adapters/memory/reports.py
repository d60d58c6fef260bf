"""What operators told."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from core.adapters.memory.shelf import Port
from core.ports import Delivery

K = TypeVar("K")


class MemoryReports(Port):
    """The port Reports."""

    def note(self, parcel: int, delivery: Delivery, at: datetime) -> bool:
        return self._once(self._shelf.reports, (parcel, delivery), at)

    def of_parcel(self, parcel: int) -> Mapping[Delivery, datetime]:
        return {delivery: at for (known, delivery), at in self._shelf.reports.items() if known == parcel}

    def hear(self, answer: bytes, at: datetime) -> bool:
        return self._once(self._shelf.answers, answer, at)

    def forget(self, answer: bytes) -> None:
        self._shelf.answers.pop(answer, None)

    @staticmethod
    def _once(kept: dict[K, datetime], key: K, at: datetime) -> bool:
        new = key not in kept
        kept.setdefault(key, at)
        return new

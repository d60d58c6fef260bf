"""The journal, as the desk reads it."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from core.adapters.memory.shelf import Port
from core.ports import REASONED, Act, Event, Tally, Written


class MemoryJournal(Port):
    """The port Journal."""

    def write(self, event: Event) -> None:
        self._shelf.events[len(self._shelf.events) + 1] = event

    def of_case(self, number: str) -> list[Event]:
        return [event for event in self._shelf.events.values() if event.case == number]

    def case_history(self, number: str, limit: int) -> list[Written]:
        return self._last(limit, lambda event: event.case == number)

    def voter_history(self, voter: int, limit: int) -> list[Written]:
        cases = {number for number, whose in self._shelf.whose.items() if whose == voter}
        return self._last(limit, lambda event: event.voter == voter or event.case in cases)

    def bounced(self, limit: int) -> list[Written]:
        return self._last(limit, lambda event: event.act is Act.MAIL_BOUNCED)[::-1]

    def line_at(self, moment: datetime) -> int:
        return max((line for line, event in self._shelf.events.items() if event.at < moment), default=0)

    def _last(self, limit: int, wanted: Callable[[Event], bool]) -> list[Written]:
        found = [Written(line, event) for line, event in self._shelf.events.items() if wanted(event)]
        return found[-limit:]

    def tally(self, *, after: int, recent: datetime) -> Tally:
        new = {line: event for line, event in self._shelf.events.items() if line > after}
        first_recent = min((line for line, event in new.items() if event.at >= recent), default=None)
        line = first_recent - 1 if first_recent is not None else max(new, default=after)
        return Tally(
            line=line,
            settled=Counter(_kind(event) for number, event in new.items() if number <= line),
            fresh=Counter(_kind(event) for number, event in new.items() if number > line),
        )


def _kind(event: Event) -> tuple[str, str | None]:
    return event.act.value, event.reason if event.act in REASONED else None

"""What is known of an ask before it is decided: the only place that looks up whose an address is (rule 2).

A batch is looked up at once. Whoever moved the case or the voter since is seen by the transaction that decides, which finds
another version or another epoch; then that ask is looked up again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from core.ports import Parcel, Reader, Recovery
from core.recovery import LinkSent, Requested
from core.service.tools import Tools


@dataclass(frozen=True, slots=True)
class Ask:
    """A parcel that asks for a link, the case it belongs to, and who would read it; `now` is when it is decided."""

    parcel: Parcel
    case: Recovery
    state: Requested | LinkSent
    reader: Reader | None
    now: datetime


@dataclass(slots=True)
class Asks:
    """Those of one batch."""

    tools: Tools
    _known: dict[int, Ask | None] = field(default_factory=dict, init=False)

    def look_up(self, parcels: Sequence[Parcel]) -> None:
        """What is known of these, and nothing of others. Raises Unready."""
        self._known = self._looked_up(parcels) if parcels else {}

    def known(self, parcel: Parcel) -> Ask | None:
        """What was looked up, once; later calls look again. None when its case wants no link. Raises Unready."""
        known = self._known if parcel.id in self._known else self._looked_up([parcel])
        ask = known.pop(parcel.id)
        return None if ask is None else replace(ask, now=self.tools.clock.now())

    @property
    def next(self) -> Ask | None:
        """The first of those that were looked up and not asked for yet."""
        return next(iter(self._known.values()), None)

    def _looked_up(self, parcels: Sequence[Parcel]) -> dict[int, Ask | None]:
        now = self.tools.clock.now()
        with self.tools.store.read() as transaction:
            cases = transaction.recoveries.by_numbers([parcel.case for parcel in parcels])
            addresses = [case.state.address for case in cases.values() if isinstance(case.state, Requested | LinkSent)]
            readers = transaction.links.readers(addresses, now) if addresses else {}
        return {parcel.id: _ask(parcel, cases.get(parcel.case), readers, now) for parcel in parcels}


def _ask(parcel: Parcel, case: Recovery | None, readers: Mapping[str, Reader], now: datetime) -> Ask | None:
    if case is None or not isinstance(case.state, Requested | LinkSent):
        return None
    return Ask(parcel, case, case.state, readers.get(case.state.address), now)

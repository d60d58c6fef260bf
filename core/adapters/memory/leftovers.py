"""What outlives its use."""

from datetime import datetime
from typing import Any

import msgspec

from core.adapters.memory.shelf import Port
from core.ports import Remains


class MemoryLeftovers(Port):
    """The port Leftovers."""

    def count(self, kind: Remains, now: datetime) -> int:
        return MemoryLeftovers(self._shelf.copy()).erase(kind, now)

    def erase(self, kind: Remains, now: datetime) -> int:
        match kind:
            case Remains.BODIES:
                return self._bodies(now)
            case Remains.PHONES:
                return _emptied(self._shelf.phones, self._shelf.answers) + self._entries("phone_digest", "phone_ending")
            case Remains.PASSWORDS:
                return self._passwords()
            case _:
                return _emptied(*self._wholly(kind))

    def _wholly(self, kind: Remains) -> tuple[dict[Any, Any], ...]:
        shelf = self._shelf
        whole: dict[Remains, tuple[dict[Any, Any], ...]] = {
            Remains.SESSIONS: (shelf.sessions,),
            Remains.LINKS: (shelf.links,),
            Remains.AWAITED_CODES: (shelf.awaited,),
            Remains.ADDRESSES: (shelf.reissues, shelf.recoveries),
            Remains.COUNTERS: (shelf.counters,),
        }
        return whole[kind]

    def _bodies(self, now: datetime) -> int:
        over = [each for each in self._shelf.parcels.values() if each.sealed is not None and each.useful_until <= now]
        self._shelf.parcels.update({each.id: msgspec.structs.replace(each, sealed=None) for each in over})
        return len(over)

    def _entries(self, *names: str) -> int:
        known = [(n, each) for n, each in self._shelf.entries.items() if any(getattr(each, name) for name in names)]
        blank = dict.fromkeys(names)
        self._shelf.entries.update({n: msgspec.structs.replace(each, **blank) for n, each in known})
        return len(known)

    def _passwords(self) -> int:
        verified = {n for n, each in self._shelf.entries.items() if each.first_verifier is not None}
        chosen = {n for n, each in self._shelf.voters.items() if each.password is not None}
        self._entries("first_verifier")
        self._shelf.voters.update({n: msgspec.structs.replace(self._shelf.voters[n], password=None) for n in chosen})
        return len(verified | chosen)


def _emptied(*kept: dict[Any, Any]) -> int:
    count = sum(map(len, kept))
    for each in kept:
        each.clear()
    return count

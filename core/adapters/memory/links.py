"""Links."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from core.adapters.memory.shelf import Port
from core.ports import HeldLink, LinkRecord, Moved, Reader


class MemoryLinks(Port):
    """The port Links."""

    def add(self, link: LinkRecord, *, most: int, now: datetime) -> None:
        epoch = self._shelf.voters[link.voter].epoch
        if link.epoch != epoch or self.alive(link.voter, epoch=epoch, now=now) >= most:
            raise Moved
        self._shelf.links[link.digest] = link

    def find(self, digest: bytes) -> HeldLink | None:
        record = self._shelf.links.get(digest)
        if record is None:
            return None
        case = next(case for case in self._shelf.recoveries.values() if case.number == record.case)
        return HeldLink(record=record, case=case, voter=self._shelf.voters[record.voter])

    def alive(self, voter: int, *, epoch: int, now: datetime) -> int:
        links = self._shelf.links.values()
        return sum(link.voter == voter and link.epoch == epoch and link.expires > now for link in links)

    def readers(self, addresses: Sequence[str], now: datetime) -> Mapping[str, Reader]:
        voters = (each for each in self._shelf.voters.values() if each.removed is None and each.email in addresses)
        return {each.email: Reader(voter=each, alive=self.alive(each.id, epoch=each.epoch, now=now)) for each in voters}

    def observe(self, digest: bytes, at: datetime) -> bool:
        link = self._shelf.links.get(digest)
        if link is None or link.opened is not None:
            return False
        self._shelf.links[digest] = msgspec.structs.replace(link, opened=at)
        return True

    def use(self, digest: bytes, at: datetime) -> None:
        self._shelf.links[digest] = msgspec.structs.replace(self._shelf.links[digest], used=at)

"""What the embedded voting platform keeps."""

from collections.abc import Iterator

from core.adapters.memory.shelf import Port
from core.platform import Registered, Standing
from core.ports import Moved


class MemoryRegistry(Port):
    """The port Registry."""

    def find(self, voter: str) -> Registered | None:
        return self._shelf.registered.get(voter)

    def keep(self, registered: Registered) -> None:
        present = self._shelf.registered.get(registered.voter)
        if registered.version != (0 if present is None else present.version) + 1:
            raise Moved
        self._shelf.registered[registered.voter] = registered

    def standings(self) -> Iterator[Standing]:
        for record in sorted(self._shelf.registered.values(), key=lambda each: each.voter):
            yield Standing(voter=record.voter, generation=record.generation, frozen=record.frozen)

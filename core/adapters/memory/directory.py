"""Finding voters at the desk."""

from collections.abc import Iterator, Sequence

from core.adapters.memory.shelf import Port
from core.names import folded
from core.ports import Entry, Listed, Sought, Voter


class MemoryDirectory(Port):
    """The port Directory."""

    def listed(self, voter: int) -> Listed | None:
        return next((listed for listed in self._present() if listed.voter == voter), None)

    def named(self, beginnings: Sequence[str], *, limit: int) -> Sought:
        def words(listed: Listed) -> str:
            return folded(listed.last_name, listed.first_name)

        fitting = [one for one in self._present() if all(f" {each}" in words(one) for each in beginnings)]
        exact = sorted(fitting, key=lambda one: -sum(f" {each} " in words(one) for each in beginnings))
        return Sought(tuple(exact[:limit]), more=len(exact) > limit)

    def addressed(self, beginning: str, *, limit: int) -> Sought:
        fitting = [listed for listed in self._present() if listed.email.startswith(beginning)]
        ordered = sorted(fitting, key=lambda listed: listed.email)
        return Sought(tuple(ordered[:limit]), more=len(ordered) > limit)

    def _present(self) -> Iterator[Listed]:
        present = (voter for voter in self._shelf.voters.values() if voter.removed is None)
        return (as_listed(voter, self._shelf.entries[voter.id]) for voter in present)


def as_listed(voter: Voter, entry: Entry) -> Listed:
    """A voter as a search lists them."""
    return Listed(
        voter=voter.id,
        email=voter.email,
        last_name=voter.last_name,
        first_name=voter.first_name,
        academie=entry.academie,
        phone_ending=entry.phone_ending,
        frozen=voter.frozen,
    )

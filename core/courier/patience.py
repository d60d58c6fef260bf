"""Leaves a platform that does not answer alone for a while, so that a time-out a parcel does not stop the mails."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from core.platform import Away, Denied, Done, Hold, Overtaken, Reissue, Standing, VotingPlatform
from core.ports import Clock

REST = timedelta(seconds=5)
Told = TypeVar("Told", Done | Denied | Away, Done | Overtaken | Denied | Away)


@dataclass
class PatientPlatform:
    """The port VotingPlatform over another."""

    platform: VotingPlatform
    clock: Clock
    _resting: Away | None = field(default=None, init=False)
    _until: datetime | None = field(default=None, init=False)

    @property
    def keeps_apart(self) -> bool:
        """As the other does."""
        return self.platform.keeps_apart

    def reissue(self, reissue: Reissue) -> Done | Overtaken | Denied | Away:
        """Asks it, unless it was away a moment ago."""
        return self._rests() or self._heard(self.platform.reissue(reissue))

    def hold(self, hold: Hold) -> Done | Denied | Away:
        """Likewise."""
        return self._rests() or self._heard(self.platform.hold(hold))

    def standings(self) -> Iterator[Standing]:
        """Asks it in any case: nobody waits behind whoever compares."""
        return self.platform.standings()

    def _rests(self) -> Away | None:
        return self._resting if self._until is not None and self.clock.now() < self._until else None

    def _heard(self, told: Told) -> Told:
        if isinstance(told, Away):
            self._resting, self._until = told, self.clock.now() + REST
        return told

"""When a terminal was left alone for too long."""

from datetime import timedelta

from core.bootstrap import House


class Idle:
    """Counts from the last key or movement of the mouse, on the house's clock."""

    def __init__(self, house: House) -> None:
        self.clock = house.clock
        self.after = timedelta(minutes=house.policy.desk_idle_minutes)
        self.touch()

    def touch(self) -> None:
        """Somebody is there."""
        self.touched = self.clock.now()

    @property
    def over(self) -> bool:
        """Whether nobody was there for that long."""
        return self.clock.now() - self.touched >= self.after

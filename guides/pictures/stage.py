"""What the pictures ask of the product: to be there, and to let the walk move its clock."""

from typing import Protocol

from core.adapters.clock import MovableClock
from core.policy import Calendar, Policy
from core.text import Language


class Stage(Protocol):
    """A site to walk, with its messages and its clock in the walk's hand. `cli.rehearsal` has one for each language."""

    @property
    def language(self) -> Language:
        """What its voter reads."""

    @property
    def site(self) -> str:
        """The address voters type, without a trailing slash."""

    @property
    def port(self) -> int:
        """Where that site is really served, on this machine's loopback."""

    @property
    def policy(self) -> Policy:
        """Its numbers."""

    @property
    def calendar(self) -> Calendar:
        """Its dates."""

    @property
    def clock(self) -> MovableClock:
        """What every part of it takes for the time."""

    @property
    def address(self) -> str:
        """Whose mailbox its messages go to: the voter whom the fields' examples show."""

    @property
    def last_text(self) -> str:
        """The newest SMS on the voter's telephone, or nothing."""

    def begin(self, walk: str) -> None:
        """Everything as if nobody had come yet; the same chance for the same name."""

    def deliver(self) -> None:
        """Sends what waits to be sent."""

    def lose_last_text(self) -> None:
        """The operator says for good that the newest SMS was not delivered."""

    def give_password(self, password: str) -> None:
        """The voter has chosen it on another day's visit."""

    def freeze(self) -> None:
        """The voter's account is blocked."""

    def spend_reissues(self) -> None:
        """The voter has received all the identifiers that one may have."""

    def keep_a_reissue_going(self) -> None:
        """A re-issue is under way in another of the voter's cases."""

    def give_phone_away(self, phone: str) -> None:
        """Somebody else has used that number, in E.164."""

    def close(self) -> None:
        """Nobody walks any more."""

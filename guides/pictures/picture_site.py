"""The site that is photographed, as the walk sees it: its messages and its clock are in the walk's hand."""

from contextlib import AbstractContextManager
from typing import Protocol

from core.adapters.database_synced_clock import MovableClock
from core.flows.dependencies import Dependencies
from core.policy.calendar import Calendar
from core.ports import SmsDeliveryStatus, Transaction, Voter
from core.text.text import Language


class PictureSite(Protocol):
    """A running site in one language, with an election of its own for each walk."""

    language: Language
    address: str
    """The address that voters type, without a trailing slash."""
    port: int
    """The loopback port at which the site is served."""
    calendar: Calendar
    clock: MovableClock
    voter_email: str
    """The mailbox of the voter in the fields' examples."""

    @property
    def last_sms_text(self) -> str:
        """The newest SMS on the voter's telephone, or nothing."""

    @property
    def dependencies(self) -> Dependencies:
        """The rules and the store of the present walk."""

    def begin_new_walk(self, walk: str) -> None:
        """Begin an election in which nothing has happened, with the same random numbers for the same name."""

    def deliver_messages(self) -> None:
        """Send the waiting messages."""

    def voter_transaction(self, *, other: bool = False) -> AbstractContextManager[tuple[Transaction, Voter]]:
        """A transaction of the present walk, and its voter, or another one."""

    def report_last_sms(self, delivery: SmsDeliveryStatus) -> None:
        """Report that delivery of the newest SMS, as the operator would."""

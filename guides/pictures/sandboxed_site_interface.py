"""The interface of the product for the pictures: a running site, whose clock the walk may move."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from core.adapters.database_synced_clock import MovableClock
from core.flows.dependencies import Dependencies
from core.policy.election_calendar import Calendar
from core.ports import SmsDeliveryStatus, Transaction, Voter
from core.text.text import Language
from guides.pictures.parsed_html_page import ParsedHtmlPage


class SandboxedSite(Protocol):
    """A site to walk, with its messages and its clock in the walk's hand. `cli.screenshot_harness` has one for each language."""

    @property
    def language(self) -> Language:
        """The language of its voter."""

    @property
    def site(self) -> str:
        """The address voters type, without a trailing slash."""

    @property
    def port(self) -> int:
        """The loopback port at which the site is served."""

    @property
    def calendar(self) -> Calendar:
        """Return the dates of the election."""

    @property
    def clock(self) -> MovableClock:
        """The clock of all its parts."""

    @property
    def voter_email(self) -> str:
        """Return the address whose mailbox gets the messages: that of the voter in the fields' examples."""

    @property
    def last_sms_text(self) -> str:
        """The newest SMS on the voter's telephone, or nothing."""

    def begin_new_walk(self, walk: str) -> None:
        """Begin as if nobody had come yet, with the same random numbers for the same name."""

    def request(self, address: str, form: Mapping[str, str] | None = None) -> ParsedHtmlPage:
        """Ask the site as the voter's browser does, or send it a form; a browser that opens the answer's address gets the same."""

    def deliver_messages(self) -> None:
        """Send the waiting messages."""

    @property
    def dependencies(self) -> Dependencies:
        """The rules and the store of the present walk."""

    def voter_transaction(self, *, other: bool = False) -> AbstractContextManager[tuple[Transaction, Voter]]:
        """A transaction of the present walk, and its voter, or another one."""

    def report_last_sms(self, delivery: SmsDeliveryStatus) -> None:
        """Report that delivery of the newest SMS, as the operator would."""

    def close(self) -> None:
        """End the walk."""

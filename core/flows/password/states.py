"""The states of a password recovery, and the moves open from each. No clock, no I/O.

A case begins when a message is asked for. States are frozen and moves are their methods, so an illegal move does not
exist. The store takes the new state only if nobody else has moved the case meanwhile (compare-and-swap): that makes a
link single-use.
"""

from datetime import datetime
from hmac import compare_digest

import msgspec

from core.text.text import Language


class LinkNotInForce(Exception):
    """The link is unknown to this case, no longer in force, or its time is over."""


class RequestedTooSoon(Exception):
    """The voter asks again too early."""


class SentLink(msgspec.Struct, frozen=True):
    """A link that was sent; `digest` is of its token, which is never kept."""

    digest: bytes
    expires: datetime


class LastRequestTimes(msgspec.Struct, frozen=True):
    """The time of the last request for a message, the end of its link, and the earliest next request. It exists for any address."""

    at: datetime
    until: datetime
    again_from: datetime
    language: Language | None = None
    """The language of the page that asked, in which the mail is written; None for the roll's, where the desk asked."""


class CaseOpenedByDesk(msgspec.Struct, frozen=True, tag="not-asked"):
    """The desk opened this case so that a voter has a number to tell; no message was asked for."""

    typed: str
    address: str


class MessageAsked(msgspec.Struct, frozen=True):
    """A message was asked for: all such states show one and the same page to whoever asked."""

    typed: str
    address: str
    asking: LastRequestTimes

    def ask_again(self, request_times: LastRequestTimes) -> "LinkRequestPending | LinkSent":
        """A new ask. Raises RequestedTooSoon."""
        self._require_cooled(request_times)
        return LinkRequestPending(typed=self.typed, address=self.address, asking=request_times)

    def _require_cooled(self, request_times: LastRequestTimes) -> None:
        """Raise RequestedTooSoon if a new ask comes too early."""
        if request_times.at < self.asking.again_from:
            raise RequestedTooSoon


class LinkRequestPending(MessageAsked, frozen=True, tag="requested"):
    """An ask waits for the courier, who alone looks the address up."""

    def send_link(self, link: SentLink, *, voter: int, epoch: int) -> "LinkSent":
        """The address is on the roll: a link goes to it."""
        return LinkSent(
            typed=self.typed, address=self.address, asking=self.asking, voter=voter, epoch=epoch, links=(link,)
        )

    def leave_unanswered(self) -> "NoLinkSent":
        """Send no link: not on the roll, frozen, or too many were asked for."""
        return NoLinkSent(typed=self.typed, address=self.address, asking=self.asking)


class NoLinkSent(MessageAsked, frozen=True, tag="unanswered"):
    """No link went out. Whoever asked sees what everyone sees."""


class LinkSent(MessageAsked, frozen=True, tag="link-sent"):
    """Links of this case are on their way; each serves until its own expiry."""

    voter: int
    epoch: int
    links: tuple[SentLink, ...]

    def ask_again(self, request_times: LastRequestTimes) -> "LinkSent":
        """A new ask; the links sent before go on working. Raises RequestedTooSoon."""
        self._require_cooled(request_times)
        return msgspec.structs.replace(self, asking=request_times)

    def send_link(self, link: SentLink, *, voter: int, epoch: int) -> "LinkSent":
        """Add a link, and drop those that have expired or belong to another voter or a former epoch."""
        same = (voter, epoch) == (self.voter, self.epoch)
        former = tuple(each for each in self.links if same and each.expires > self.asking.at)
        return msgspec.structs.replace(self, voter=voter, epoch=epoch, links=(*former, link))

    def leave_unanswered(self) -> "LinkSent":
        """The new ask sends nothing; the links stay as they are."""
        return self

    def require_working_link(self, digest: bytes, *, now: datetime) -> SentLink:
        """The link with that digest, if it works now. Raises LinkNotInForce."""
        found = next((link for link in self.links if compare_digest(link.digest, digest)), None)
        if found is None or now >= found.expires:
            raise LinkNotInForce
        return found

    def choose_password(self, digest: bytes, *, now: datetime) -> "PasswordChanged":
        """The holder of a link chose a password. Raises LinkNotInForce."""
        used = self.require_working_link(digest, now=now)
        return PasswordChanged(
            typed=self.typed, address=self.address, asking=self.asking, voter=self.voter, used=used.digest, at=now
        )


class PasswordChanged(MessageAsked, frozen=True, tag="completed"):
    """A password was chosen with the link `used`. Whoever asked without the link sees what everyone sees."""

    voter: int
    used: bytes
    at: datetime


State = CaseOpenedByDesk | LinkRequestPending | NoLinkSent | LinkSent | PasswordChanged

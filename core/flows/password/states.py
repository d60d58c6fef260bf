"""States of a password recovery, and the transitions from each. No clock, no I/O.

A case begins when a message is requested. Each state has methods only for its legal transitions. The store accepts a
new state only if the case has not changed since it was read (compare-and-swap), so a link can be used only once.
"""

from datetime import datetime
from hmac import compare_digest

import msgspec

from core.text.text import Language


class LinkNotInForce(Exception):
    """The link is not of this case, no longer valid, or expired."""


class RequestedTooSoon(Exception):
    """The voter requested another message too early."""


class SentLink(msgspec.Struct, frozen=True):
    """A link that was sent. `digest` is of its token, which is not stored."""

    digest: bytes
    expires: datetime


class LastRequestTimes(msgspec.Struct, frozen=True):
    """The time of the last request, the expiry of its link, and the earliest next request. Any address has them."""

    at: datetime
    until: datetime
    again_from: datetime
    language: Language | None = None
    """The language of the requesting page, for the mail; None for the voter's, if the desk made the request."""


class CaseOpenedByDesk(msgspec.Struct, frozen=True, tag="not-asked"):
    """The desk opened this case to give the voter a number. No message was requested."""

    typed: str
    address: str


class MessageAsked(msgspec.Struct, frozen=True):
    """A message was requested. All states of this class show the same page."""

    typed: str
    address: str
    asking: LastRequestTimes

    def ask_again(self, request_times: LastRequestTimes) -> "LinkRequestPending | LinkSent":
        """Request another link. Raises RequestedTooSoon."""
        self._require_cooled(request_times)
        return LinkRequestPending(typed=self.typed, address=self.address, asking=request_times)

    def _require_cooled(self, request_times: LastRequestTimes) -> None:
        if request_times.at < self.asking.again_from:
            raise RequestedTooSoon


class LinkRequestPending(MessageAsked, frozen=True, tag="requested"):
    """A request that waits for the courier, which looks up the address."""

    def send_link(self, link: SentLink, *, voter: int, epoch: int) -> "LinkSent":
        return LinkSent(
            typed=self.typed, address=self.address, asking=self.asking, voter=voter, epoch=epoch, links=(link,)
        )

    def leave_unanswered(self) -> "NoLinkSent":
        """Send no link: the address is not on the roll, the account is frozen, or a limit is exceeded."""
        return NoLinkSent(typed=self.typed, address=self.address, asking=self.asking)


class NoLinkSent(MessageAsked, frozen=True, tag="unanswered"):
    """No link was sent. The page is the same as in the other states."""


class LinkSent(MessageAsked, frozen=True, tag="link-sent"):
    """Links were sent. Each is valid until its own expiry."""

    voter: int
    epoch: int
    links: tuple[SentLink, ...]

    def ask_again(self, request_times: LastRequestTimes) -> "LinkSent":
        """Request another link. Earlier links stay valid. Raises RequestedTooSoon."""
        self._require_cooled(request_times)
        return msgspec.structs.replace(self, asking=request_times)

    def send_link(self, link: SentLink, *, voter: int, epoch: int) -> "LinkSent":
        """Add a link, and drop those that have expired or belong to another voter or a former epoch."""
        same = (voter, epoch) == (self.voter, self.epoch)
        former = tuple(each for each in self.links if same and each.expires > self.asking.at)
        return msgspec.structs.replace(self, voter=voter, epoch=epoch, links=(*former, link))

    def leave_unanswered(self) -> "LinkSent":
        """Ignore the new request. Earlier links stay valid."""
        return self

    def require_working_link(self, digest: bytes, *, now: datetime) -> SentLink:
        """Return the link with that digest. Raises LinkNotInForce if it is not valid."""
        found = next((link for link in self.links if compare_digest(link.digest, digest)), None)
        if found is None or now >= found.expires:
            raise LinkNotInForce
        return found

    def choose_password(self, digest: bytes, *, now: datetime) -> "PasswordChanged":
        """Use a link to choose a password. Raises LinkNotInForce."""
        used = self.require_working_link(digest, now=now)
        return PasswordChanged(
            typed=self.typed, address=self.address, asking=self.asking, voter=self.voter, used=used.digest, at=now
        )


class PasswordChanged(MessageAsked, frozen=True, tag="completed"):
    """A password was chosen with the link `used`. Browsers without the link see the same page as before."""

    voter: int
    used: bytes
    at: datetime


State = CaseOpenedByDesk | LinkRequestPending | NoLinkSent | LinkSent | PasswordChanged

"""States of a password recovery, and the allowed transitions between them.

The store accepts a new state only if the case has not changed since it was read, so a link can be used only once.
"""

from datetime import datetime
from hmac import compare_digest

import msgspec

from core.text.text import Language


class LinkNotInForce(Exception):
    """Raised if a recovery link does not belong to the case, or is no longer valid."""


class RequestedTooSoon(Exception):
    """Raised if a voter requests another recovery email before the pause is over."""


class SentLink(msgspec.Struct, frozen=True):
    """A recovery link that was sent. Only the digest of its token is stored."""

    digest: bytes
    expires: datetime


class LastRequestTimes(msgspec.Struct, frozen=True):
    """When an email was last requested, when its link expires, and when another email can be requested."""

    at: datetime
    until: datetime
    again_from: datetime
    refused: bool = False
    """True if no email is sent, because too many emails were requested for the address."""
    language: Language | None = None
    """Language of the page on which the email was requested. None means the voter's language on the electoral roll."""


class CaseOpenedByDesk(msgspec.Struct, frozen=True, tag="not-asked"):
    """The helpdesk opened the case to give the voter a case number. No recovery email was requested yet."""

    typed: str
    address: str


class MessageAsked(msgspec.Struct, frozen=True):
    """Base class of all states after a recovery email was requested. The voter sees the same page in each of them."""

    typed: str
    address: str
    asking: LastRequestTimes

    def ask_again(self, request_times: LastRequestTimes) -> "LinkRequestPending | LinkSent":
        """Return the state after a request for another recovery email. Raises RequestedTooSoon."""
        self._require_cooled(request_times)
        return LinkRequestPending(typed=self.typed, address=self.address, asking=request_times)

    def _require_cooled(self, request_times: LastRequestTimes) -> None:
        if request_times.at < self.asking.again_from:
            raise RequestedTooSoon


class LinkRequestPending(MessageAsked, frozen=True, tag="requested"):
    """A request for a recovery email, before the courier looks up the voter's address."""

    def send_link(self, link: SentLink, *, voter: int, epoch: int) -> "LinkSent":
        return LinkSent(
            typed=self.typed, address=self.address, asking=self.asking, voter=voter, epoch=epoch, links=(link,)
        )

    def leave_unanswered(self) -> "NoLinkSent":
        """Return the state of a request that gets no link, for example because the address is not on the roll."""
        return NoLinkSent(typed=self.typed, address=self.address, asking=self.asking)


class NoLinkSent(MessageAsked, frozen=True, tag="unanswered"):
    """No link was sent for the request. The voter sees the same page as if a link had been sent."""


class LinkSent(MessageAsked, frozen=True, tag="link-sent"):
    """At least one recovery link was sent. Each link is valid until its own expiry."""

    voter: int
    epoch: int
    links: tuple[SentLink, ...]

    def ask_again(self, request_times: LastRequestTimes) -> "LinkSent":
        """Return the state after a request for another link. Earlier links stay valid. Raises RequestedTooSoon."""
        self._require_cooled(request_times)
        return msgspec.structs.replace(self, asking=request_times)

    def send_link(self, link: SentLink, *, voter: int, epoch: int) -> "LinkSent":
        """Add a link, and remove the links that have expired or belong to another voter or an earlier epoch."""
        same = (voter, epoch) == (self.voter, self.epoch)
        earlier = tuple(sent for sent in self.links if same and sent.expires > self.asking.at)
        return msgspec.structs.replace(self, voter=voter, epoch=epoch, links=(*earlier, link))

    def leave_unanswered(self) -> "LinkSent":
        """Return the same state, because the earlier links stay valid."""
        return self

    def require_working_link(self, digest: bytes, *, now: datetime) -> SentLink:
        sent = next((link for link in self.links if compare_digest(link.digest, digest)), None)
        if sent is None or now >= sent.expires:
            raise LinkNotInForce
        return sent

    def choose_password(self, digest: bytes, *, now: datetime, language: Language | None = None) -> "PasswordChanged":
        """Return the state after a password was chosen on a page in `language`. Raises LinkNotInForce."""
        used = self.require_working_link(digest, now=now)
        return PasswordChanged(
            typed=self.typed,
            address=self.address,
            asking=self.asking,
            voter=self.voter,
            used=used.digest,
            at=now,
            language=language,
        )


class PasswordChanged(MessageAsked, frozen=True, tag="completed"):
    """A password was chosen with the link `used`. A browser without the link still sees the same page as before."""

    voter: int
    used: bytes
    at: datetime
    language: Language | None = None
    """Language of the page on which the password was chosen.

    Only emails use it, because a page must not reveal that a password was chosen.
    """


State = CaseOpenedByDesk | LinkRequestPending | NoLinkSent | LinkSent | PasswordChanged

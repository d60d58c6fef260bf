"""States of a password recovery, and the allowed transitions between the states."""

from datetime import datetime
from hmac import compare_digest

import msgspec

from core.text.text import Language


class LinkNotInForce(Exception):
    """Raised when a recovery link belongs to another case or is no longer valid."""


class RequestedTooSoon(Exception):
    """Raised when a voter requests another recovery email too soon."""


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
    """True if the email was not sent, because too many emails were requested for the address."""
    language: Language | None = None
    """Language of the page on which the email was requested. None means the language on the electoral roll."""


class CaseOpenedByDesk(msgspec.Struct, frozen=True, tag="not-asked"):
    """The helpdesk opened the case to give the voter a case number. No recovery email has been requested yet."""

    typed: str
    address: str


class MessageAsked(msgspec.Struct, frozen=True):
    """Base class of all states after the request for a recovery email. All of them show the same page to the voter."""

    typed: str
    address: str
    asking: LastRequestTimes

    def ask_again(self, request_times: LastRequestTimes) -> "LinkRequestPending | LinkSent":
        """Return the state after the voter has requested another recovery email. Raises RequestedTooSoon."""
        self._require_cooled(request_times)
        return LinkRequestPending(typed=self.typed, address=self.address, asking=request_times)

    def _require_cooled(self, request_times: LastRequestTimes) -> None:
        if request_times.at < self.asking.again_from:
            raise RequestedTooSoon


class LinkRequestPending(MessageAsked, frozen=True, tag="requested"):
    """A recovery email is requested, but the courier has not looked up the voter's address yet."""

    def send_link(self, link: SentLink, *, voter: int, epoch: int) -> "LinkSent":
        return LinkSent(
            typed=self.typed, address=self.address, asking=self.asking, voter=voter, epoch=epoch, links=(link,)
        )

    def leave_unanswered(self) -> "NoLinkSent":
        """Return the state of a request that gets no link, for example because the address is not on the roll."""
        return NoLinkSent(typed=self.typed, address=self.address, asking=self.asking)


class NoLinkSent(MessageAsked, frozen=True, tag="unanswered"):
    """No link was sent. The voter sees the same page as if a link had been sent."""


class LinkSent(MessageAsked, frozen=True, tag="link-sent"):
    """At least one recovery link was sent. Each link expires at its own time."""

    voter: int
    epoch: int
    links: tuple[SentLink, ...]

    def ask_again(self, request_times: LastRequestTimes) -> "LinkSent":
        """Return the state after the voter has requested another link. Earlier links stay valid.

        May raise RequestedTooSoon.
        """
        self._require_cooled(request_times)
        return msgspec.structs.replace(self, asking=request_times)

    def send_link(self, link: SentLink, *, voter: int, epoch: int) -> "LinkSent":
        """Return the state with one more link.

        Earlier links are removed if they have expired, or if the voter or the epoch has changed.
        """
        same = (voter, epoch) == (self.voter, self.epoch)
        earlier = tuple(sent for sent in self.links if same and sent.expires > self.asking.at)
        return msgspec.structs.replace(self, voter=voter, epoch=epoch, links=(*earlier, link))

    def leave_unanswered(self) -> "LinkSent":
        """Return this state unchanged, because the links already sent stay valid."""
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
    """A password was chosen with the link `used`. Browsers without the link still see the same page as before."""

    voter: int
    used: bytes
    at: datetime
    language: Language | None = None
    """Language for later emails: the language of the page on which the password was chosen."""


State = CaseOpenedByDesk | LinkRequestPending | NoLinkSent | LinkSent | PasswordChanged

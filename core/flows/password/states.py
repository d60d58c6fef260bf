"""States of a password recovery, and the allowed transitions between the states."""

from datetime import datetime
from hmac import compare_digest

import msgspec

from core.text.text import Language


class LinkNotInForce(Exception):
    """Raised when a recovery link is not valid for the case."""


class RequestedTooSoon(Exception):
    """Raised when a voter requests another recovery email too soon."""


class SentLink(msgspec.Struct, frozen=True):
    """A recovery link that was sent. Only the digest of its token is stored."""

    digest: bytes
    expires: datetime


class LastRequestTimes(msgspec.Struct, frozen=True):
    """When the last recovery email was requested, and when another can be requested."""

    at: datetime
    until: datetime
    again_from: datetime
    refused: bool = False
    """True if no email was sent because too many were requested."""
    language: Language | None = None
    """Language of the page on which the email was requested. None means the language on the roll."""


class CaseOpenedByDesk(msgspec.Struct, frozen=True, tag="not-asked"):
    """The helpdesk opened the case, and no recovery email has been requested yet."""

    typed: str
    address: str


class MessageAsked(msgspec.Struct, frozen=True):
    """Base class of the states after a request for an email. All these states must show the same page."""

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
    """A recovery email has been requested, but the voter has not been looked up yet."""

    def send_link(self, link: SentLink, *, voter: int, epoch: int) -> "LinkSent":
        return LinkSent(
            typed=self.typed, address=self.address, asking=self.asking, voter=voter, epoch=epoch, links=(link,)
        )

    def leave_unanswered(self) -> "NoLinkSent":
        """Return the state of a request that receives no link."""
        return NoLinkSent(typed=self.typed, address=self.address, asking=self.asking)


class NoLinkSent(MessageAsked, frozen=True, tag="unanswered"):
    """No link was sent, but the voter's page must not show this."""


class LinkSent(MessageAsked, frozen=True, tag="link-sent"):
    """At least one recovery link was sent."""

    voter: int
    epoch: int
    links: tuple[SentLink, ...]

    def ask_again(self, request_times: LastRequestTimes) -> "LinkSent":
        """Return the state after another request. Earlier links stay valid. Raises RequestedTooSoon."""
        self._require_cooled(request_times)
        return msgspec.structs.replace(self, asking=request_times)

    def send_link(self, link: SentLink, *, voter: int, epoch: int) -> "LinkSent":
        """Return the state with one more link. Links that are no longer valid are removed."""
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
        """Return the state after the voter has chosen a password. Raises LinkNotInForce."""
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
    """A password was chosen through the recovery link `used`."""

    voter: int
    used: bytes
    at: datetime
    language: Language | None = None
    """Language for later emails: the language of the page on which the password was chosen."""


State = CaseOpenedByDesk | LinkRequestPending | NoLinkSent | LinkSent | PasswordChanged

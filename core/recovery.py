"""Where a password recovery stands, and the moves open from there. No clock, no I/O.

States are frozen and moves are their methods, so an illegal move does not exist. Every move makes a new value, which
the store takes only if nobody else has moved the case meanwhile (compare-and-swap): that makes a link single-use.
"""

from datetime import datetime, timedelta
from hmac import compare_digest

import msgspec


class LinkNotInForce(Exception):
    """This case does not know that link, or no longer."""


class LinkTooOld(Exception):
    """The link's time is over."""

    def __init__(self, expired: datetime) -> None:
        super().__init__(expired.isoformat())
        self.expired = expired


class CoolingDown(Exception):
    """It is too early to ask again."""


class Link(msgspec.Struct, frozen=True):
    """A link that was sent; `digest` is of its token, which is never kept."""

    digest: bytes
    expires: datetime


class Asking(msgspec.Struct, frozen=True):
    """When a message was last asked for, and the time until which its link would serve. Known for any address."""

    at: datetime
    until: datetime
    again_from: datetime

    @classmethod
    def begin(cls, now: datetime, *, valid: timedelta, pause: timedelta) -> "Asking":
        """An ask made now."""
        return cls(at=now, until=now + valid, again_from=now + pause)


class Identified(msgspec.Struct, frozen=True, tag="identified"):
    """Someone typed an address; nobody has looked it up."""

    typed: str
    address: str

    def forget_password(self) -> "Confirming":
        """They chose "Mot de passe oublié"."""
        return Confirming(typed=self.typed, address=self.address)


class Confirming(msgspec.Struct, frozen=True, tag="confirming"):
    """They are shown the address a message would go to."""

    typed: str
    address: str

    def ask(self, asking: Asking) -> "Requested":
        """They confirmed: a message is asked for."""
        return Requested(typed=self.typed, address=self.address, asking=asking)


class Requested(msgspec.Struct, frozen=True, tag="requested"):
    """An ask waits for the courier, who alone looks the address up."""

    typed: str
    address: str
    asking: Asking

    def send_link(self, link: Link, *, voter: int, epoch: int) -> "LinkSent":
        """The address is on the roll: a link goes to it."""
        return LinkSent(
            typed=self.typed, address=self.address, asking=self.asking, voter=voter, epoch=epoch, links=(link,)
        )

    def ask_again(self, asking: Asking) -> "Requested":
        """A new ask, while the courier is late. Raises CoolingDown."""
        _cooled(self.asking, asking)
        return Requested(typed=self.typed, address=self.address, asking=asking)

    def leave_unanswered(self) -> "Unanswered":
        """No link goes out: not on the roll, frozen, or enough were sent."""
        return Unanswered(typed=self.typed, address=self.address, asking=self.asking)


class Unanswered(msgspec.Struct, frozen=True, tag="unanswered"):
    """No link went out. Whoever asked sees what everyone sees."""

    typed: str
    address: str
    asking: Asking

    def ask_again(self, asking: Asking) -> Requested:
        """A new ask. Raises CoolingDown."""
        _cooled(self.asking, asking)
        return Requested(typed=self.typed, address=self.address, asking=asking)


class LinkSent(msgspec.Struct, frozen=True, tag="link-sent"):
    """Links of this case are on their way; each serves until its own expiry."""

    typed: str
    address: str
    asking: Asking
    voter: int
    epoch: int
    links: tuple[Link, ...]

    def ask_again(self, asking: Asking) -> "LinkSent":
        """A new ask; the links sent before go on working. Raises CoolingDown."""
        _cooled(self.asking, asking)
        return msgspec.structs.replace(self, asking=asking)

    def send_link(self, link: Link, *, voter: int, epoch: int) -> "LinkSent":
        """One more link. Links of another voter or a former epoch are dead and drop out."""
        former = self.links if (voter, epoch) == (self.voter, self.epoch) else ()
        return msgspec.structs.replace(self, voter=voter, epoch=epoch, links=(*former, link))

    def leave_unanswered(self) -> "LinkSent":
        """The new ask sends nothing; the links stay as they are."""
        return self

    def link(self, digest: bytes, *, now: datetime) -> Link:
        """The link with that digest, if it works now. Raises LinkNotInForce, LinkTooOld."""
        found = next((link for link in self.links if compare_digest(link.digest, digest)), None)
        if found is None:
            raise LinkNotInForce
        if now >= found.expires:
            raise LinkTooOld(found.expires)
        return found

    def choose_password(self, digest: bytes, *, now: datetime) -> "Completed":
        """The holder of a link chose a password. Raises LinkNotInForce, LinkTooOld."""
        used = self.link(digest, now=now)
        return Completed(
            typed=self.typed, address=self.address, asking=self.asking, voter=self.voter, used=used.digest, at=now
        )


class Completed(msgspec.Struct, frozen=True, tag="completed"):
    """A password was chosen with the link `used`. Whoever asked without the link sees what everyone sees."""

    typed: str
    address: str
    asking: Asking
    voter: int
    used: bytes
    at: datetime

    def ask_again(self, asking: Asking) -> Requested:
        """The browser that asked asks once more. Raises CoolingDown."""
        _cooled(self.asking, asking)
        return Requested(typed=self.typed, address=self.address, asking=asking)


State = Identified | Confirming | Requested | Unanswered | LinkSent | Completed
Waiting = Requested | Unanswered | LinkSent | Completed
"""The states that show one and the same page to whoever asked."""


def _cooled(former: Asking, new: Asking) -> None:
    if new.at < former.again_from:
        raise CoolingDown

"""Where the re-issue of a voting identifier stands, and the moves open from there. No clock, no I/O.

As in `core.recovery`: states are frozen, moves are their methods, and the store takes a move only if nobody else has
moved the case meanwhile.
"""

from datetime import datetime, timedelta

import msgspec

from core.policy import Policy


class TooSoon(Exception):
    """The code cannot be sent once more yet."""


class Number(msgspec.Struct, frozen=True):
    """The telephone a code was sent to. `sealed` is the number, `digest` the keyed one of the claim (rule 6)."""

    sealed: bytes
    digest: bytes
    ending: str
    region: str


class Terms(msgspec.Struct, frozen=True):
    """The policy's numbers about codes: how long one is valid, the pause between sendings, and how many there are."""

    valid: timedelta
    pause: timedelta
    sendings: int

    @classmethod
    def of(cls, policy: Policy) -> "Terms":
        """Those of that policy."""
        return cls(
            valid=timedelta(minutes=policy.code_valid_minutes),
            pause=timedelta(seconds=policy.code_resend_after_seconds),
            sendings=policy.code_sendings,
        )


class Code(msgspec.Struct, frozen=True):
    """A code that was sent: the ordinal it is derived from, until when it is valid, how often and when last it was sent."""

    ordinal: int
    valid_until: datetime
    sendings: int
    sent: datetime

    @classmethod
    def first(cls, ordinal: int, now: datetime, terms: Terms) -> "Code":
        """A new one, sent now."""
        return cls(ordinal=ordinal, valid_until=now + terms.valid, sendings=1, sent=now)

    def again_from(self, terms: Terms) -> datetime:
        """When "send again" is open: after the pause, or when this code is over if it was sent often enough."""
        cooled = self.sent + terms.pause
        return cooled if self.sendings < terms.sendings else max(cooled, self.valid_until)

    def again(self, now: datetime, terms: Terms) -> "Code":
        """The same code sent once more while it is valid, else the next one. Raises TooSoon."""
        if now < self.again_from(terms):
            raise TooSoon
        if now >= self.valid_until:
            return Code.first(self.ordinal + 1, now, terms)
        return msgspec.structs.replace(self, sendings=self.sendings + 1, sent=now)


class Opened(msgspec.Struct, frozen=True, tag="reissue-opened"):
    """A signed-in voter wants a new identifier. `ordinal` is that of the last code of this case."""

    voter: int
    epoch: int
    ordinal: int = 0

    def send_code(self, number: Number, now: datetime, terms: Terms) -> "CodeSent":
        """They are who they say; a code goes to the number they gave."""
        code = Code.first(self.ordinal + 1, now, terms)
        return CodeSent(voter=self.voter, epoch=self.epoch, number=number, code=code)


class CodeSent(msgspec.Struct, frozen=True, tag="code-sent"):
    """A code is on its way, or has arrived."""

    voter: int
    epoch: int
    number: Number
    code: Code

    def send_again(self, now: datetime, terms: Terms) -> "CodeSent":
        """Once more. Raises TooSoon."""
        return msgspec.structs.replace(self, code=self.code.again(now, terms))

    def change_number(self) -> Opened:
        """They will give another number; what was sent to this one opens nothing any more."""
        return Opened(voter=self.voter, epoch=self.epoch, ordinal=self.code.ordinal)

    def accept(self, now: datetime) -> "Ordered":
        """The code came back in time: the telephone is at hand."""
        return Ordered(voter=self.voter, number=self.number, at=now)

    def close(self, now: datetime) -> "Closed":
        """Too many wrong ones."""
        return Closed(voter=self.voter, at=now)


class Closed(msgspec.Struct, frozen=True, tag="reissue-closed"):
    """Too many wrong codes: no code opens this case any more."""

    voter: int
    at: datetime


class Ordered(msgspec.Struct, frozen=True, tag="identifier-ordered"):
    """One of the voter's re-issues is reserved; the courier makes the identifier. `late` since the platform was away."""

    voter: int
    number: Number
    at: datetime
    late: datetime | None = None

    def wait(self, now: datetime) -> "Ordered":
        """The platform does not answer; the first time is kept."""
        return msgspec.structs.replace(self, late=self.late or now)

    def put_in_force(self, generation: int, now: datetime) -> "InForce":
        """The platform has taken it: the former one is dead."""
        return InForce(voter=self.voter, number=self.number, generation=generation, at=now)

    def give_up(self, reason: str, now: datetime) -> "GivenUp":
        """Nothing was changed, and nothing will be."""
        return GivenUp(voter=self.voter, reason=reason, at=now)

    def lose(self, now: datetime) -> "Undelivered":
        """Its time is over before anyone knows whether the platform took it: the voter cannot receive it."""
        return Undelivered(voter=self.voter, ending=self.number.ending, given_back=True, at=now)


class InForce(msgspec.Struct, frozen=True, tag="identifier-in-force"):
    """The new identifier counts; its SMS waits for a gateway."""

    voter: int
    number: Number
    generation: int
    at: datetime

    def leave(self, now: datetime) -> "Sent":
        """The gateway has the SMS."""
        return Sent(voter=self.voter, number=self.number, sent=now)

    def arrive(self, now: datetime) -> "Delivered":
        """The operator has handed it over; its report was faster than we were."""
        return Delivered(voter=self.voter, ending=self.number.ending, sent=now, at=now)

    def fail(self, now: datetime, *, given_back: bool) -> "Undelivered":
        """It cannot reach them."""
        return Undelivered(voter=self.voter, ending=self.number.ending, given_back=given_back, at=now)


class Sent(msgspec.Struct, frozen=True, tag="identifier-sent"):
    """The SMS is with the operator, whose final report is awaited."""

    voter: int
    number: Number
    sent: datetime

    def arrive(self, now: datetime) -> "Delivered":
        """The operator has handed it over. The number is kept no longer."""
        return Delivered(voter=self.voter, ending=self.number.ending, sent=self.sent, at=now)

    def fail(self, now: datetime, *, given_back: bool) -> "Undelivered":
        """It cannot reach them. The number is kept no longer."""
        return Undelivered(voter=self.voter, ending=self.number.ending, given_back=given_back, at=now)


class Delivered(msgspec.Struct, frozen=True, tag="identifier-delivered"):
    """The operator says that the telephone has it."""

    voter: int
    ending: str
    sent: datetime
    at: datetime


class Undelivered(msgspec.Struct, frozen=True, tag="identifier-undelivered"):
    """It cannot have reached the telephone. `given_back` says whether the re-issue is free again (rule 8)."""

    voter: int
    ending: str
    given_back: bool
    at: datetime

    def arrive(self, now: datetime) -> Delivered:
        """It did, after all."""
        return Delivered(voter=self.voter, ending=self.ending, sent=self.at, at=now)


class GivenUp(msgspec.Struct, frozen=True, tag="reissue-given-up"):
    """No identifier was made, and the former one is as it was."""

    voter: int
    reason: str
    at: datetime


State = Opened | CodeSent | Closed | Ordered | InForce | Sent | Delivered | Undelivered | GivenUp
UnderWay = Ordered | InForce
"""In the courier's hands: no other may begin (one generation at a time)."""

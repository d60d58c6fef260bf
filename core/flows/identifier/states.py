"""States of a voting identifier's re-issue, and the moves open from each. No clock, no I/O.

As in `core.flows.password.states`: states are frozen, moves are their methods, and the store takes a move only if nobody else has
moved the case meanwhile.
"""

from datetime import datetime

import msgspec

from core.flows.identifier.sent_security_code import ResendLimits, ResendTooSoon, SealedPhoneNumber, SentSecurityCode
from core.ports import SmsBudgetReservation


class ConfirmationLapsed(Exception):
    """The time to confirm is over."""


class ReissueOpened(msgspec.Struct, frozen=True, tag="reissue-opened"):
    """A signed-in voter wants a new identifier. `ordinal` is that of the last code of this case."""

    voter: int
    epoch: int
    ordinal: int = 0

    def queue_code(self, number: SealedPhoneNumber, network: str, not_before: datetime) -> "CodeQueued":
        """The voter has proved their identity; a code is to go to the number they gave."""
        return CodeQueued(
            voter=self.voter,
            epoch=self.epoch,
            ordinal=self.ordinal,
            number=number,
            network=network,
            not_before=not_before,
            expected=not_before,
        )


class CodeQueued(msgspec.Struct, frozen=True, tag="code-queued"):
    """A code waits for the voter's pause and for its turn in the budgets. It is made when it is sent."""

    voter: int
    epoch: int
    number: SealedPhoneNumber
    ordinal: int
    """The ordinal of the last code of this case."""
    network: str
    not_before: datetime
    expected: datetime
    places: SmsBudgetReservation | None = None

    def with_expected_time(self, expected: datetime, places: SmsBudgetReservation | None) -> "CodeQueued":
        """Note that the turn of this code has not come yet."""
        return msgspec.structs.replace(self, expected=expected, places=places)

    def send(self, now: datetime, terms: ResendLimits, sendings: int = 1) -> "CodeSent":
        """Make the code, whose time begins now."""
        code = SentSecurityCode.new_code(self.ordinal + 1, now, terms, sendings)
        return CodeSent(voter=self.voter, epoch=self.epoch, number=self.number, code=code, network=self.network)

    def change_number(self) -> ReissueOpened:
        """Return to the identity step; no code leaves."""
        return ReissueOpened(voter=self.voter, epoch=self.epoch, ordinal=self.ordinal)


class CodeSent(msgspec.Struct, frozen=True, tag="code-sent"):
    """A code is on its way, or has arrived."""

    voter: int
    epoch: int
    number: SealedPhoneNumber
    code: SentSecurityCode
    network: str = ""
    """The keyed digest of the network that asked."""

    def send_again(self, now: datetime, terms: ResendLimits) -> "CodeSent":
        """Send the code again. Raises ResendTooSoon."""
        return msgspec.structs.replace(self, code=self.code.after_resend(now, terms))

    def change_number(self) -> ReissueOpened:
        """Return to the identity step; the codes sent to this number become invalid."""
        return ReissueOpened(voter=self.voter, epoch=self.epoch, ordinal=self.code.ordinal)

    def accept_code(self, now: datetime) -> "ReissueOrdered":
        """The code came back in time: the telephone is at hand."""
        return ReissueOrdered(voter=self.voter, number=self.number, at=now)

    def await_confirmation(self, now: datetime, terms: ResendLimits) -> "ConfirmationAwaited":
        """The code came back in time, and the request is yet to be confirmed in the mailbox."""
        return ConfirmationAwaited(
            voter=self.voter, epoch=self.epoch, number=self.number, asked=now, until=now + terms.valid
        )

    def close(self, now: datetime) -> "ClosedByWrongCodes":
        """Close the case after too many wrong codes."""
        return ClosedByWrongCodes(voter=self.voter, at=now)


class ClosedByWrongCodes(msgspec.Struct, frozen=True, tag="reissue-closed"):
    """The case was closed by wrong codes: no code opens it any more."""

    voter: int
    at: datetime


class ConfirmationAwaited(msgspec.Struct, frozen=True, tag="confirmation-awaited"):
    """The telephone is at hand, and a mail asks for the confirmation. Nothing is reserved, so a lapse has nothing to free."""

    voter: int
    epoch: int
    number: SealedPhoneNumber
    asked: datetime
    """The time of the last request for the mail."""
    until: datetime
    sendings: int = 1

    def is_lapsed(self, now: datetime) -> bool:
        """Return whether the time to confirm is over."""
        return now >= self.until

    def ask_again(self, now: datetime, terms: ResendLimits) -> "ConfirmationAwaited":
        """Ask for another mail; the links sent before keep their own time. Raises ResendTooSoon, ConfirmationLapsed."""
        if self.is_lapsed(now):
            raise ConfirmationLapsed
        if now < terms.resend_allowed_from(self.asked, self.until, self.sendings):
            raise ResendTooSoon
        return msgspec.structs.replace(self, asked=now, until=now + terms.valid, sendings=self.sendings + 1)

    def confirm(self, now: datetime) -> "ReissueOrdered":
        """The voter has confirmed in the mailbox. Raises ConfirmationLapsed."""
        if self.is_lapsed(now):
            raise ConfirmationLapsed
        return ReissueOrdered(voter=self.voter, number=self.number, at=now)


class ReissueOrdered(msgspec.Struct, frozen=True, tag="identifier-ordered"):
    """One of the voter's re-issues is reserved; the courier makes the identifier. `late` since the platform was away."""

    voter: int
    number: SealedPhoneNumber
    at: datetime
    late: datetime | None = None

    def mark_platform_silent(self, now: datetime) -> "ReissueOrdered":
        """The platform does not answer; the first time is kept."""
        return msgspec.structs.replace(self, late=self.late or now)

    def put_in_force(self, generation: int, now: datetime) -> "IdentifierInForce":
        """The platform has taken it: the former one is dead."""
        return IdentifierInForce(voter=self.voter, number=self.number, generation=generation, at=now)

    def give_up(self, reason: str, now: datetime) -> "ReissueAborted":
        """Note that nothing was changed, and nothing will be."""
        return ReissueAborted(voter=self.voter, reason=reason, at=now)

    def expire(self, now: datetime) -> "IdentifierSmsUndelivered":
        """End an order whose time is over before anyone knows whether the platform took it."""
        return IdentifierSmsUndelivered(voter=self.voter, ending=self.number.ending, given_back=True, at=now)


class IdentifierInForce(msgspec.Struct, frozen=True, tag="identifier-in-force"):
    """The new identifier counts; its SMS waits for a gateway."""

    voter: int
    number: SealedPhoneNumber
    generation: int
    at: datetime

    def hand_to_gateway(self, now: datetime) -> "IdentifierSmsSent":
        return IdentifierSmsSent(voter=self.voter, number=self.number, sent=now)

    def mark_delivered(self, now: datetime) -> "IdentifierSmsDelivered":
        """The operator has handed it over; its report was faster than we were."""
        return IdentifierSmsDelivered(voter=self.voter, ending=self.number.ending, sent=now, at=now)

    def mark_undelivered(self, now: datetime, *, given_back: bool) -> "IdentifierSmsUndelivered":
        """The SMS cannot reach the voter."""
        return IdentifierSmsUndelivered(voter=self.voter, ending=self.number.ending, given_back=given_back, at=now)


class IdentifierSmsSent(msgspec.Struct, frozen=True, tag="identifier-sent"):
    """The SMS is with the operator, whose final report is awaited."""

    voter: int
    number: SealedPhoneNumber
    sent: datetime

    def mark_delivered(self, now: datetime) -> "IdentifierSmsDelivered":
        """The operator has handed it over. The number is kept no longer."""
        return IdentifierSmsDelivered(voter=self.voter, ending=self.number.ending, sent=self.sent, at=now)

    def mark_undelivered(self, now: datetime, *, given_back: bool) -> "IdentifierSmsUndelivered":
        """The SMS cannot reach the voter. The number is no longer kept."""
        return IdentifierSmsUndelivered(voter=self.voter, ending=self.number.ending, given_back=given_back, at=now)


class IdentifierSmsDelivered(msgspec.Struct, frozen=True, tag="identifier-delivered"):
    """The operator says that the telephone has it."""

    voter: int
    ending: str
    sent: datetime
    at: datetime


class IdentifierSmsUndelivered(msgspec.Struct, frozen=True, tag="identifier-undelivered"):
    """The SMS cannot have reached the telephone. `given_back` says whether the re-issue is free again (rule 8)."""

    voter: int
    ending: str
    given_back: bool
    at: datetime

    def mark_delivered(self, now: datetime) -> IdentifierSmsDelivered:
        """The SMS was delivered after all."""
        return IdentifierSmsDelivered(voter=self.voter, ending=self.ending, sent=self.at, at=now)


class ReissueAborted(msgspec.Struct, frozen=True, tag="reissue-given-up"):
    """No identifier was made, and the former one is as it was."""

    voter: int
    reason: str
    at: datetime


class IdentifierFromPlatform(msgspec.Struct, frozen=True, tag="identifier-from-platform"):
    """The platform has an identifier in force of which nothing is known here, so nobody knows whether its SMS arrived."""

    voter: int
    generation: int
    at: datetime


State = (
    ReissueOpened
    | CodeQueued
    | CodeSent
    | ConfirmationAwaited
    | ClosedByWrongCodes
    | ReissueOrdered
    | IdentifierInForce
    | IdentifierSmsSent
    | IdentifierSmsDelivered
    | IdentifierSmsUndelivered
    | ReissueAborted
    | IdentifierFromPlatform
)
HalfDone = ReissueOpened | CodeQueued | CodeSent | ConfirmationAwaited
"""The states that a change of the voter's access ends."""
UnderWay = ReissueOrdered | IdentifierInForce
"""The states that the courier works on: the voter cannot begin another re-issue meanwhile."""
